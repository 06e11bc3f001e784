"""What becomes of patients and lots: loss, remakes, switches, repeat doses, the end of a route."""

from __future__ import annotations

from collections.abc import Callable

from cartlogix.ground.streams import Streams
from cartlogix.pathways.route import RouteBranch
from cartlogix.scenario.failure import Branch
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.pathway import Pathway
from cartlogix.sim.consequence import GONE, TOO_OLD
from cartlogix.sim.entity import LotRun, Patient
from cartlogix.sim.station import Station

Routes = Callable[[int, int], list[Station]]
"""Stations of a pathway (index) for the patients of a centre (index)."""


class PatientFate:
    """Follows the scenario's rules for patients; tells `left` when one leaves the system."""

    def __init__(
        self,
        scenario: Scenario,
        routes: Routes,
        streams: Streams,
        left: Callable[[Patient, float], None],
    ) -> None:
        self._pathways = scenario.pathways
        self._index = {pathway.name: i for i, pathway in enumerate(scenario.pathways)}
        self._indications = [item.name for item in scenario.demand.indications]
        self._routes = routes
        self._streams = streams
        self._left = left
        self._seconds = {p.cause: p.second for p in scenario.allocation if p.second is not None}

    def lose(self, patient: Patient, station: Station, time: float, cause: str, phase: str) -> int:
        """Take a patient out of the system, or to the second pathway at the limit of a wait."""
        if cause in self._seconds:
            patient.clock = time
            return self._switch(patient, station, time, self._seconds[cause], cause)
        return self._lose(patient, station, time, cause, phase)

    def _lose(self, patient: Patient, station: Station, time: float, cause: str, phase: str) -> int:
        """Take a patient out of the system; a dose in hand is orphaned.

        Who was infused before stays infused: only the rest of the course is lost.
        """
        record = patient.record
        if patient.dose is not None:
            patient.dose.end(time, "orphaned")
            patient.dose = None
        if record.status != "infused":
            record.status, record.cause, record.left = "lost", cause, time
            record.lost_step, record.lost_phase = station.name, phase
            record.attempts = patient.attempt
            if patient.health is not None and patient.health.dies_of(cause):
                record.died = time
        return self._end(patient, time)

    def after_failure(
        self,
        patient: Patient,
        station: Station,
        time: float,
        destroyed: str = "",
        *,
        too_old: bool = False,
    ) -> int:
        """Choose the branch, and follow it; `destroyed` names what destroyed the work."""
        chances = station.chances
        assert chances is not None
        if destroyed:
            follow = chances.route_failure.when_destroyed
            if follow.branch.action == "remake":
                patient.round += 1  # no fault of the attempt, which begins again
                patient.go_back(follow.restart)
                patient.front = follow.branch.queue == "front"
                return follow.restart
            return self._follow(patient, station, time, follow, destroyed)
        follow = chances.branch(patient.number, patient.round)
        limit = chances.failure.max_attempts
        if follow.branch.action == "remake" and limit is not None and patient.attempt >= limit:
            follow = chances.route_failure.exhausted
        cause = TOO_OLD if too_old else f"{station.name} failed"
        return self._follow(patient, station, time, follow, cause)

    def without_dose(self, patient: Patient, station: Station, time: float) -> int:
        """Lose the patient, or switch to another pathway, for lack of stock."""
        draw = station.step.step.draw
        assert draw is not None
        if isinstance(draw.stock_out, Branch) and draw.stock_out.pathway is not None:
            return self._switch(patient, station, time, draw.stock_out.pathway, "stock-out")
        return self.lose(patient, station, time, "stock-out", "waiting")

    def end_of_route(self, patient: Patient, time: float) -> int:
        """Start the next dose of the course if there is one, otherwise let the patient go."""
        pathway = self._pathways[self._index[patient.record.pathway]]
        repeat = pathway.repeat
        if repeat is not None and patient.course < repeat.doses:
            chance = 1.0 if repeat.probability is None else repeat.probability.value
            column = self._streams.uniforms("patient/repeat", patient.course)
            if column[patient.number] < chance:
                patient.course += 1
                patient.round += 1
                patient.clock = time + repeat.interval.value
                again = next(s.index for s in patient.route if s.name == repeat.from_step)
                patient.go_back(again)
                return again
        if pathway.outcomes and patient.record.status == "infused":
            patient.record.outcome = self._outcome(pathway, patient)
        return self._end(patient, time)

    def _follow(
        self, patient: Patient, station: Station, time: float, follow: RouteBranch, cause: str
    ) -> int:
        branch = follow.branch
        if branch.action == "infuse":
            patient.record.out_of_spec, patient.off_spec = True, station.index
            return station.index + 1
        if branch.action == "remake":
            patient.restart()
            patient.go_back(follow.restart)
            patient.front = branch.queue == "front"
            return follow.restart
        if branch.action == "switch" and branch.pathway is not None:
            return self._switch(patient, station, time, branch.pathway, cause)
        return self.lose(patient, station, time, cause, "working")

    def _switch(
        self, patient: Patient, station: Station, time: float, pathway: str, cause: str
    ) -> int:
        """Send a patient down another pathway; who has been there already is lost."""
        index = self._index[pathway]
        if index in patient.been:
            return self._lose(patient, station, time, cause, "waiting")
        if patient.dose is not None:
            patient.dose.end(time, "orphaned")
            patient.dose = None
        patient.been.add(index)
        patient.record.pathway = pathway
        patient.route = self._routes(index, patient.centre)
        patient.restart()
        patient.go_back(0)
        return 0

    def _outcome(self, pathway: Pathway, patient: Patient) -> str:
        name = self._indications[patient.indication]
        state = patient.health.at(patient.record.infused).name if patient.health else ""
        drawn = self._streams.uniforms("patient/outcome")[patient.number]
        reached = 0.0
        for level in pathway.outcomes:
            usual = level.by_indication.get(name, level.probability)
            reached += level.by_health.get(state, usual).value
            if drawn < reached:
                return level.name
        return "no response"

    def _end(self, patient: Patient, time: float) -> int:
        self._left(patient, time)
        return GONE


class LotFate:
    """Follows the scenario's rules for lots; tells `ended` how many doses a lot yields."""

    def __init__(self, ended: Callable[[LotRun, float, bool], int]) -> None:
        self._ended = ended

    def lose(self, run: LotRun, station: Station, time: float, cause: str, phase: str) -> int:
        """Fail a lot; one that finds no place to wait is not ordered again at once."""
        del station, cause
        run.turned_away = phase == "waiting"
        return self._ended(run, time, False)

    def after_failure(
        self,
        run: LotRun,
        station: Station,
        time: float,
        destroyed: str = "",
        *,
        too_old: bool = False,
    ) -> int:
        """Remake the lot if the scenario says so and an attempt is left, otherwise fail it."""
        del too_old  # lots that are lost have no cause
        chances = station.chances
        assert chances is not None
        if destroyed:
            follow = chances.route_failure.when_destroyed
            if follow.branch.action == "remake":
                run.round += 1
                run.go_back(follow.restart)
                run.front = follow.branch.queue == "front"
                return follow.restart
            return self.lose(run, station, time, destroyed, "working")
        if station.starts == "donor":
            run.turn_down()
            return station.index
        follow = chances.branch(run.number, run.round)
        limit = chances.failure.max_attempts
        if follow.branch.action == "remake" and (limit is None or run.attempt < limit):
            run.restart()
            run.go_back(follow.restart)
            run.front = follow.branch.queue == "front"
            return follow.restart
        return self.lose(run, station, time, f"{station.name} failed", "working")

    def without_dose(self, run: LotRun, station: Station, time: float) -> int:
        """Never happens: the checks refuse a supply route that draws from stock."""
        raise AssertionError(f"lot {run.number} draws at {station.name} on day {time}")

    def end_of_route(self, run: LotRun, time: float) -> int:
        """Deliver the lot."""
        return self._ended(run, time, True)
