"""The patients of one replication, drawn before the run and equal in every scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cartlogix.cohort.arrivals import arrival_days
from cartlogix.cohort.health import HealthCourses
from cartlogix.cohort.intensity import Days, Intensity, intensity
from cartlogix.ground.streams import Streams
from cartlogix.scenario.demand import ListedArrivals, ListedPatient
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.snapshot import SnapshotPatient
from cartlogix.scenario.when import day_when
from cartlogix.scenario.whereabouts import centre_of, day_of, pathway_of

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Cohort:
    """Attributes of every patient, by patient number; names as indices into the scenario."""

    enrolled: list[float]
    indication: list[int]
    centre: list[int]
    pathway: list[int]
    match_class: list[int]
    in_window: list[bool]
    under_way: int = 0
    """Patients of a snapshot: the first ones, enrolled before day 0 and on their way."""
    urgency: dict[int, float] = field(default_factory=dict)
    """Urgency weights of those who have another one than their indication."""
    preference: list[int] = field(default_factory=list)
    """The preference that decides the pathway, as an index; -1 where the shares do."""

    def __len__(self) -> int:
        """Return the number of patients."""
        return len(self.enrolled)


def draw_cohort(scenario: Scenario, streams: Streams) -> Cohort:
    """Draw all patients who enrol before the run can end.

    Patient k's attributes depend on the seed, the replication and k only, never on the pathway
    or the plant: that is what pairs scenarios. Pathways are drawn by the shares of the patient's
    indication.
    """
    run, demand = scenario.run, scenario.demand
    rates = intensity(scenario, streams)
    days = arrival_days(demand.arrivals, run.horizon, streams, rates)
    days, prevalent = _with_prevalent(scenario, days)
    known = scenario.snapshot.by_enrolment()
    before = [day_of(scenario, patient.enrolled) for patient in known]
    enrolled = np.concatenate([before, np.zeros(demand.backlog), days])
    count = len(enrolled)
    indication = _by_share(
        [item.share.value for item in demand.indications], streams, "indication", count
    )
    if rates is not None:
        later = slice(count - len(days), count)
        indication[later] = _by_day(rates, days, streams.uniforms("indication").block(count)[later])
    indication[count - len(days) :][prevalent >= 0] = prevalent[prevalent >= 0]
    centre = _by_share(
        [item.share.value for item in scenario.network.centres], streams, "centre", count
    )
    if isinstance(demand.arrivals, ListedArrivals):
        _apply_list(scenario, demand.arrivals, indication, centre)
    pathway = np.zeros(count, dtype=np.int64)
    for index, item in enumerate(demand.indications):
        shares = [
            path.share_by_indication.get(item.name, path.share).value for path in scenario.pathways
        ]
        drawn = _by_share(shares, streams, "pathway", count)
        pathway[indication == index] = drawn[indication == index]
    match_class = _by_share(
        [item.share.value for item in demand.match_classes] or [1.0], streams, "match class", count
    )
    urgency = _urgency(scenario, prevalent, count - len(days))
    preference = _preferred(scenario, streams, indication, pathway)
    _apply_snapshot(scenario, known, indication, centre, pathway, match_class)
    start, end = run.window
    # Who is under way or enrolled at day 0 belongs to the cohort when measuring starts then.
    in_window = (np.maximum(enrolled, 0.0) >= start) & (enrolled < end)
    return Cohort(
        enrolled.tolist(),
        indication.tolist(),
        centre.tolist(),
        pathway.tolist(),
        match_class.tolist(),
        in_window.tolist(),
        len(known),
        urgency,
        preference.tolist(),
    )


def _with_prevalent(scenario: Scenario, days: Days) -> tuple[Days, Indices]:
    """Return the enrolment days, those of prevalent patients among them, and their indications.

    The indication is -1 for all others.
    """
    parts, owners = [days], [np.full(len(days), -1)]
    for index, item in enumerate(scenario.demand.indications):
        pool = item.prevalent
        if pool is None:
            continue
        spacing = 7 / pool.per_week if pool.per_week else 0.0
        first = day_when(pool.at, scenario.run.start)
        enrols = first + spacing * np.arange(pool.patients, dtype=np.float64)
        enrols = enrols[enrols < scenario.run.horizon]
        parts.append(enrols)
        owners.append(np.full(len(enrols), index))
    if len(parts) == 1:
        return days, owners[0]
    together = np.concatenate(parts)
    order = np.argsort(together, kind="stable")
    return together[order], np.concatenate(owners)[order]


def _urgency(scenario: Scenario, prevalent: Indices, first: int) -> dict[int, float]:
    """Return the weights of prevalent patients that have one of their own, by number."""
    pools = [item.prevalent for item in scenario.demand.indications]
    found: dict[int, float] = {}
    for index, pool in enumerate(pools):
        if pool is not None and pool.urgency is not None:
            mine = np.flatnonzero(prevalent == index) + first
            found |= dict.fromkeys(mine.tolist(), pool.urgency.value)
    return found


def _preferred(
    scenario: Scenario, streams: Streams, indication: Indices, pathway: Indices
) -> Indices:
    """Put the pathways that preferences choose over the drawn ones; return whose choice it is."""
    count, chosen = len(indication), np.full(len(indication), -1)
    names = [item.name for item in scenario.pathways]
    for index, item in enumerate(scenario.demand.indications):
        concerned = [(k, p) for k, p in enumerate(scenario.allocation) if p.concerns(item)]
        if not concerned:
            continue
        states = np.full(count, "", dtype=object)
        if item.health is not None:
            courses = HealthCourses(item.health, streams, scenario.run.horizon)
            first = [item.health.states[courses.first(number)].name for number in range(count)]
            states = np.array(first, dtype=object)
        for place, preference in concerned:
            mine = (indication == index) & (chosen < 0)
            if preference.health:
                mine &= np.isin(states, preference.health)
            chosen[mine], pathway[mine] = place, names.index(preference.first)
    return chosen


def _by_day(rates: Intensity, days: Days, uniforms: Days) -> Indices:
    """Return the indication of each arrival by the chances of its day."""
    bounds = np.cumsum(rates.weights(days), axis=1)
    level = uniforms * bounds[:, -1]
    last = np.maximum(len(bounds[0]) - 1, 0) if len(bounds) else 0
    found: Indices = np.minimum((level[:, None] >= bounds).sum(axis=1), last).astype(np.int64)
    return found


def _by_share(shares: Sequence[float], streams: Streams, purpose: str, count: int) -> Indices:
    if len(shares) == 1:
        return np.zeros(count, dtype=np.int64)
    bounds = np.cumsum(shares) / sum(shares)
    bounds[-1] = 1.0
    uniforms = streams.uniforms(purpose).block(count)
    return np.searchsorted(bounds, uniforms, side="right").astype(np.int64)


def _apply_list(
    scenario: Scenario, arrivals: ListedArrivals, indication: Indices, centre: Indices
) -> None:
    """Put the attributes that the list states over the drawn ones, in place."""
    indications = {item.name: i for i, item in enumerate(scenario.demand.indications)}
    centres = {item.name: i for i, item in enumerate(scenario.network.centres)}
    patients = sorted(
        arrivals.patients, key=lambda p: p.at.value if isinstance(p, ListedPatient) else p.value
    )
    first = len(scenario.snapshot.patients) + scenario.demand.backlog
    for number, patient in enumerate(patients[: len(indication) - first], start=first):
        if isinstance(patient, ListedPatient):
            if patient.indication is not None:
                indication[number] = indications[patient.indication]
            if patient.centre is not None:
                centre[number] = centres[patient.centre]


def _apply_snapshot(
    scenario: Scenario,
    known: Sequence[SnapshotPatient],
    indication: Indices,
    centre: Indices,
    pathway: Indices,
    match_class: Indices,
) -> None:
    """Put what a snapshot knows of the first patients over what was drawn, in place."""
    indications = {item.name: i for i, item in enumerate(scenario.demand.indications)}
    classes = [item.name for item in scenario.demand.match_classes]
    for number, patient in enumerate(known):
        home, way = centre_of(scenario, patient), pathway_of(scenario, patient)
        assert home is not None and way is not None, "the checks refuse unknown names"
        indication[number], centre[number] = indications[patient.indication], home
        pathway[number] = way
        if patient.match_class is not None:
            match_class[number] = classes.index(patient.match_class)
