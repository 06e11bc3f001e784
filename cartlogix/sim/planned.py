"""Pools whose line a policy orders anew whenever somebody may start, from expectations alone."""

from __future__ import annotations

from cartlogix.sim.clock import Clock
from cartlogix.sim.line import State, Waiting
from cartlogix.sim.lookout import Lookout
from cartlogix.sim.pool import Needs, Pool, PoolRules, Seizure, take
from cartlogix.sim.slot_view import SlotAnswer, SlotDispatcher, SlotView

PlanDecision = tuple[float, str, str, str, int, int, str, float, float]
"""Day, policy, trigger, pool, lots in line, lots started, status, objective, bound."""


class PlannedPool(Pool):
    """A pool whose line is ordered by a dispatcher at the moment of service."""

    def __init__(
        self,
        env: Clock,
        name: str,
        capacity: float,
        rules: PoolRules,
        dispatcher: SlotDispatcher,
    ) -> None:
        super().__init__(env, name, capacity, rules)
        self.decisions: list[PlanDecision] = []
        self.lookout: Lookout | None = None
        self._dispatcher = dispatcher
        self.trigger = "release"
        self.happened: dict[str, None] = {}  # in a fixed order, unlike a set

    def seize(self, who: Waiting, needs: Needs, *, front: bool = False) -> Seizure | None:
        """Take the units at once if nobody waits; otherwise join the line and have it ordered."""
        self.trigger = "failure" if front else "arrival"
        self._note(who)
        request = self._admit(who, needs, front=front)
        self.trigger = "release"
        if not self._line.waiting:
            self.happened.clear()
        return request

    def _admit(self, who: Waiting, needs: Needs, *, front: bool) -> Seizure | None:
        return super().seize(who, needs, front=front)

    def _note(self, who: Waiting) -> None:
        self.happened[self.trigger] = None
        others = [request.who.urgency for request in self._line.requests()]
        if others and who.urgency > max(others):
            self.happened["urgent"] = None

    def _serve(self) -> None:
        requests = self._line.requests()
        first = [request for request in requests if request.front]
        for request in first:
            self._grant(request)
        others = [request for request in requests if request.state is State.WAITING]
        if self._wants_answer(others):
            self._ask(others)
        if self._timed and self._line.waiting:
            self._wake_later()

    def _wants_answer(self, requests: list[Seizure]) -> bool:
        return any(self._can_start(request.needs) for request in requests)

    def _view(self, requests: list[Seizure]) -> SlotView:
        assert self.lookout is not None
        return self.lookout.look(requests, all_=self._dispatcher.plans)

    def _ask(self, requests: list[Seizure]) -> SlotAnswer:
        view = self._view(requests)
        answer = self._dispatcher.order(view, (self.trigger, *self.happened))
        if answer.trigger:
            self.happened.clear()
        started = 0
        for place in answer.order:
            if self._grant(requests[place]):
                started += 1
            elif not self._dispatcher.plans:
                break  # nobody overtakes
        if self._dispatcher.plans:
            self.decisions.append(
                (
                    self._env.now,
                    self._dispatcher.name,
                    answer.trigger or self.trigger,
                    self.name,
                    len(requests),
                    started,
                    answer.status,
                    answer.objective,
                    answer.bound,
                )
            )
        if answer.again < self._wake_at and any(
            request.state is State.WAITING and self._can_start(request.needs)
            for request in requests
        ):
            self._wake_at = answer.again
            self._env.after(answer.again - self._env.now, self._wake)
        return answer

    def _grant(self, request: Seizure) -> bool:
        if not self._can_start(request.needs):
            return False
        take(request.needs, request.who)
        self._line.grant(request)
        return True
