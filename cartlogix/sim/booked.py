"""Pools that promise starts to patients who wait at home, and call them in time for these."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from simpy import Event

from cartlogix.sim.clock import Clock
from cartlogix.sim.entity import Patient, Traveller
from cartlogix.sim.journey import Journey
from cartlogix.sim.line import Discipline, State, Waiting
from cartlogix.sim.lookout import name_of
from cartlogix.sim.planned import PlannedPool
from cartlogix.sim.pool import Needs, Pool, PoolRules, Seizure, take
from cartlogix.sim.slot_view import SlotAnswer, SlotDispatcher, SlotView
from cartlogix.sim.station import Station
from cartlogix.sim.timing import Gate

_SNAP = 1e-9


@dataclass(slots=True, eq=False)
class Booking:
    """A promised start of a patient, and what came of it.

    Attributes:
        who: The patient.
        gate: Where the patient waits to be called.
        request: The patient's wish to be called.
        made: Day on which the patient asked.
        first: The first start that was promised, in days; NaN while there is none.
        promised: The last one before the call, which the call was for.
        moved: On how many occasions it was moved.
        leaves: Day on which to call, for the start that is promised; infinite without one.
        called: Day of the call; NaN before it.
        due: Day on which the patient's material is expected in line, from the call on.
        joined: Whether it is there.
        started: Day of the start; NaN without one.
        outcome: "open", "started", "left" (before the call) or "void" (after it).
    """

    who: Traveller
    gate: BookingGate
    request: Seizure
    made: float
    first: float = math.nan
    promised: float = math.nan
    moved: int = 0
    leaves: float = math.inf
    called: float = math.nan
    due: float = math.nan
    joined: bool = False
    started: float = math.nan
    outcome: str = "open"
    _at: float = -math.inf
    _before: float = math.nan
    _moves: int = 0

    @property
    def at_home(self) -> bool:
        """Whether the patient still waits for the call."""
        return math.isnan(self.called)

    def promise(self, day: float, now: float) -> None:
        """Note a promised start; what changes to and fro within one moment has not moved."""
        if now > self._at:
            self._at, self._before, self._moves = now, self.promised, self.moved
        if math.isnan(self.first):
            self.first = day
        if day != self.promised:
            self.promised = day
            self.leaves = self.gate.journey.departure(day)
        self.moved = self._moves + (day != self._before and not math.isnan(self._before))

    def is_void(self, now: float) -> bool:
        """Whether the patient was lost, or changed to another pathway, after the call."""
        who = self.who
        gone = isinstance(who, Patient) and who.record.left <= now
        return gone or (who.route is not self.gate.journey.route and who.clock <= now)


class BookedPool(PlannedPool):
    """A planned pool in whose plan patients have a place before their material is collected.

    Nobody takes a free unit unasked: it may be promised.
    """

    def __init__(
        self,
        env: Clock,
        name: str,
        capacity: float,
        rules: PoolRules,
        dispatcher: SlotDispatcher,
        step: str,
    ) -> None:
        super().__init__(env, name, capacity, rules, dispatcher)
        self.step = step
        self.bookings: list[Booking] = []
        self._open: dict[Waiting, Booking] = {}
        self._call_at = math.inf

    def enter(self, who: Traveller, request: Seizure, gate: BookingGate) -> None:
        """Promise a start to a patient who waits at home from now on."""
        if who in self._open:
            self._close(who, "void")  # what was on its way has failed
        booking = self._open[who] = Booking(who, gate, request, self._env.now)
        self.bookings.append(booking)
        self.reconsider("booking")

    def leave(self, who: Waiting) -> None:
        """Take back the promise to a patient who does not wait any longer, called or not yet."""
        self._close(who, "left" if self._open[who].at_home else "void")
        self.reconsider("release")

    def reconsider(self, trigger: str) -> None:
        """Look at the promises again for a reason."""
        self.trigger = trigger
        self._serve()
        self.trigger = "release"

    def release(self, units: int, who: Waiting | None = None) -> None:
        """Return units; a promise may be better kept earlier."""
        served = self._line.waiting or self._blocked
        super().release(units, who)
        if self._open and not served:
            self._serve()

    def _admit(self, who: Waiting, needs: Needs, *, front: bool) -> Seizure | None:
        booking = self._open.get(who)
        if booking is not None:
            booking.joined = True
        request = Seizure(who, needs, front=front)
        if self._line.waiting >= self.rules.waiting_room:
            request.settle(State.BAULKED)
            return request
        self._line.join(request)
        self._serve()
        if request.state is State.GRANTED:
            return None
        self._wake_later()
        return request

    def give_up(self, request: Seizure) -> None:
        """Take a waiting request out of the line, and its promise back."""
        if request.who in self._open:
            self._close(request.who, "void")
        super().give_up(request)

    def _wants_answer(self, requests: list[Seizure]) -> bool:
        can_start = super()._wants_answer(requests)
        return can_start or any(booking.at_home for booking in self._open.values())

    def _view(self, requests: list[Seizure]) -> SlotView:
        assert self.lookout is not None
        now = self._env.now
        for booking in list(self._open.values()):
            if not booking.at_home and not booking.joined and booking.is_void(now):
                self._close(booking.who, "void")
        arrivals = {b.gate: b.gate.journey.arrival(now) for b in self._open.values() if b.at_home}
        booked, committed = [], []
        for booking in self._open.values():
            if not booking.at_home:
                committed.append(name_of(booking.who))
            if not booking.joined:
                due = arrivals[booking.gate] if booking.at_home else max(booking.due, now)
                booked.append(self.lookout.lot(booking.who, booking.gate.journey.last, due))
        view = self.lookout.look(requests, all_=True, booked=self._open)
        return replace(view, books=True, booked=tuple(booked), committed=frozenset(committed))

    def _ask(self, requests: list[Seizure]) -> SlotAnswer:
        answer = super()._ask(requests)
        if self._open:
            self._promise(answer)
        return answer

    def _promise(self, answer: SlotAnswer) -> None:
        """Note the promised starts, call whose time has come, and come back for the next."""
        now, following = self._env.now, math.inf
        for booking in list(self._open.values()):
            if not booking.at_home:
                continue
            day = answer.promised.get(name_of(booking.who))
            if day is not None:
                booking.promise(day, now)
            # Where there is no plan at all, nobody has a reason to wait at home.
            if answer.status == "fallback":
                booking.leaves = now
            if booking.leaves <= now + _SNAP:
                booking.called, booking.due = now, booking.gate.journey.arrival(now)
                booking.gate.call(booking.request)
            else:
                following = min(following, booking.leaves)
        if following != self._call_at:
            self._call_at = following
            if following < math.inf:
                self._env.after(following - now, self._ring)

    def _ring(self, event: Event) -> None:
        del event
        if self._env.now < self._call_at - _SNAP:
            return  # the promise was moved since
        self._call_at = math.inf
        self.reconsider("call")

    def _grant(self, request: Seizure) -> bool:
        if not super()._grant(request):
            return False
        if request.who in self._open:
            self._open[request.who].started = self._env.now
            self._close(request.who, "started")
        return True

    def _close(self, who: Waiting, outcome: str) -> None:
        self._open.pop(who).outcome = outcome


class BookingGate(Pool):
    """Where patients wait at home until a booked pool calls them.

    It is the first thing that the booked step needs, and has no units to run out.
    """

    def __init__(
        self, env: Clock, discipline: Discipline, booked: BookedPool, journey: Journey
    ) -> None:
        super().__init__(env, "", math.inf, PoolRules(discipline))
        self.journey = journey
        self._booked = booked
        self._called: dict[Seizure, None] = {}  # in the order of the calls

    def seize(self, who: Waiting, needs: Needs, *, front: bool = False) -> Seizure | None:
        """Ask for a promised start; None if the patient is called at once and all else is free."""
        assert isinstance(who, Traveller)
        request = Seizure(who, needs, front=front)
        self._line.join(request)
        self._booked.enter(who, request, self)
        return None if request.state is State.GRANTED else request

    def give_up(self, request: Seizure) -> None:
        """Take a request out of the line, and the promise back."""
        self._called.pop(request, None)
        super().give_up(request)
        self._booked.leave(request.who)

    def rank_again(self) -> None:
        """Have the promises looked at again, after an urgency has changed."""
        self._booked.reconsider("urgent")

    def call(self, request: Seizure) -> None:
        """Let a patient come as soon as the rest of what the step needs is free."""
        self._called[request] = None
        self._serve()

    def _serve(self) -> None:
        for request in list(self._called):
            if self._can_start(request.needs):
                del self._called[request]
                take(request.needs, request.who)
                self._line.grant(request)


def wait_for_calls(env: Clock, stations: list[Station]) -> None:
    """Let the step of a route that is booked for a pool wait at home until it is called."""
    for last, station in enumerate(stations):
        pool = station.pools[0][0] if station.pools else None
        if not isinstance(pool, BookedPool) or station.step.part == "end":
            continue
        before = (at for at, one in enumerate(stations[:last]) if one.name == pool.step)
        first = next(before, None)
        if first is not None:
            gate = BookingGate(env, pool.rules.discipline, pool, Journey(stations, first, last))
            stations[first] = _booked(env, stations[first], station, gate)
            return


def _booked(env: Clock, step: Station, slot: Station, gate: BookingGate) -> Station:
    """Return a step that needs the gate first; to wait for the call is to wait for the slot."""
    pools: Needs = ((gate, 1), *step.pools)
    if step.timing is not None and step.timing.starts is not None:
        starts = step.timing.starts
        opens = Gate(env, gate.rules.discipline, step.timing.hours, starts.length)
        pools = (*pools, (opens, 1))
    waiting = tuple(
        tuple(dict.fromkeys((*own, *of_slot)))
        for own, of_slot in zip(step.scopes.waiting, slot.scopes.waiting, strict=True)
    )
    return replace(step, pools=pools, scopes=replace(step.scopes, waiting=waiting))
