"""Urgency that changes with health, also of those who stand in line."""

from __future__ import annotations

import math

from simpy import Event

from cartlogix.sim.clock import Clock
from cartlogix.sim.entity import Patient


def follow_health(env: Clock, patient: Patient, usual: float) -> None:
    """Give a patient the urgency of each state of health from its day on, until infusion or loss.

    States without an urgency of their own have the `usual` one.
    """
    course = patient.health
    assert course is not None

    def enter(place: int) -> None:
        urgency = course.states[place].urgency
        patient.urgency = usual if urgency is None else urgency.value
        if place + 1 < len(course.days) and not course.states[place + 1].end:
            env.after(course.days[place + 1] - env.now, change, place + 1)

    def change(event: Event) -> None:
        if patient.record.status != "in_progress":
            return
        place = event.value
        assert isinstance(place, int)
        enter(place)
        station = patient.open_step
        if station is not None and math.isnan(patient.started):
            for stock in station.stocks:
                stock.rank_again()
            for pool, _ in station.pools[:1]:
                pool.rank_again()

    enter(0)
