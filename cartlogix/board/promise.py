"""Promise dates: a plan under uncertain durations and failures, shifted right in its own order.

Nothing starts before its planned time. Each place serves its lots in the order of the plan, so a
lot that takes longer pushes those behind it; a start waits for a day on which all it takes is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cartlogix.board.route import Piece
from cartlogix.board.translate import Posed
from cartlogix.ground.streams import Streams
from cartlogix.scheduling.plan import Plan, mode_of
from cartlogix.scheduling.problem import Job, Mode
from cartlogix.scheduling.timetable import Timetable

Times = npt.NDArray[np.float64]

SAMPLES = 1000
"""Futures that are simulated."""


@dataclass(frozen=True)
class Promise:
    """When an order ends, in ticks: medians and 90 % quantiles over all futures.

    Attributes:
        p50: First tick after its end in half of all futures; infinite if more than half lose it.
        p90: The same in nine of ten.
        on_time: Share of futures in which it ends by its due date; None without one.
        lost: Share of futures in which the lot is lost.
    """

    p50: float
    p90: float
    on_time: float | None
    lost: float


def promises(posed: Posed, plan: Plan, seed: int, samples: int = SAMPLES) -> dict[str, Promise]:
    """Return the promise of every order of a plan; the same seed gives the same luck."""
    ends = simulate(posed, plan, seed, samples)
    found = {}
    for number, end in ends.items():
        job = posed.problem.jobs[number]
        due = None if job.due is None else float(np.mean(end <= job.due))
        p50, p90 = np.quantile(end, [0.5, 0.9], method="inverted_cdf")
        found[job.name] = Promise(float(p50), float(p90), due, float(np.mean(np.isinf(end))))
    return found


def simulate(posed: Posed, plan: Plan, seed: int, samples: int) -> Mapping[int, Times]:
    """Return the end of every planned job in each future, shape (samples,), by its number."""
    return _Futures(posed, plan, seed, samples).ends()


class _Futures:
    def __init__(self, posed: Posed, plan: Plan, seed: int, samples: int) -> None:
        self.posed = posed
        self.plan = plan
        self.samples = samples
        self.streams = Streams(seed, 0)
        self.empty = Timetable(posed.problem)
        self.places: dict[str, Times] = {}
        self.last: dict[str, str] = {}
        self.masks: dict[tuple[str, Mode], Times] = {}

    def ends(self) -> dict[int, Times]:
        queue = sorted(
            (step.start, number, index)
            for number, steps in enumerate(self.plan.jobs)
            for index, step in enumerate(steps or ())
        )
        found: dict[int, Times] = {}
        by_name = {job.name: number for number, job in enumerate(self.posed.problem.jobs)}
        for start, number, index in queue:
            job = self.posed.problem.jobs[number]
            earliest = np.full(self.samples, float(start))
            if index:
                earliest = np.maximum(earliest, found[number] + job.operations[index].min_lag)
            else:
                for name in job.after:
                    earliest = np.maximum(earliest, found.get(by_name[name], earliest))
            found[number] = self._operation(number, index, earliest)
        return found

    def _operation(self, number: int, index: int, earliest: Times) -> Times:
        job = self.posed.problem.jobs[number]
        steps = self.plan.jobs[number]
        assert steps is not None
        mode = mode_of(job, steps, index)
        begin = steps[index].start
        pieces = self.posed.pieces[number, index, steps[index].mode]
        time = self._wait(job, pieces[0], earliest)
        if job.operations[index].pinned is None or begin > 0:
            time = self._opened(job, mode, time, begin)
        for piece in pieces:
            time = np.maximum(time, float(begin + piece.offset))
            if piece is not pieces[0]:
                time = self._wait(job, piece, time)
            end = time + self._duration(number, piece)
            if piece.place:
                self._leave(job, piece, time, end)
            time = end
        return time

    def _opened(self, job: Job, mode: Mode, earliest: Times, begin: int) -> Times:
        """Return the first ticks from `earliest` on at which what a mode takes is open at all."""
        key = (job.product, mode)
        if key not in self.masks:
            fits = self.empty.fits(mode, job.product)
            ticks = np.arange(len(fits), dtype=float)
            opens = np.where(fits, ticks, np.inf)
            opens = np.minimum.accumulate(opens[::-1])[::-1]
            # Beyond the board nothing is known, so nothing is closed.
            self.masks[key] = np.where(np.isfinite(opens), opens, ticks)
        opens = self.masks[key]
        if not mode.demands:
            return earliest
        known = np.isfinite(earliest) & (earliest < len(opens) - 1)
        whole = np.ceil(np.where(known, earliest, 0) - 1e-9).astype(np.int64)
        moved = np.where(known, np.maximum(opens[whole], earliest), earliest)
        return np.asarray(np.where(earliest <= begin, float(begin), moved), dtype=np.float64)

    def _wait(self, job: Job, piece: Piece, time: Times) -> Times:
        """Return when a piece finds its place free."""
        if not piece.place:
            return time
        free = self._free(piece.place)
        ready = free.min(axis=1)
        resource = self.posed.problem.resources[self.posed.problem.resource_index[piece.place]]
        before = self.last.get(piece.place, job.product)
        pause = resource.changeovers.get((before, job.product), 0)
        begun: Times = np.maximum(time, ready + pause)
        return begun

    def _leave(self, job: Job, piece: Piece, start: Times, end: Times) -> None:
        free = self._free(piece.place)
        first = free.argmin(axis=1)
        # A lot that is lost leaves its place when it would have ended.
        until = np.where(np.isfinite(end), end, start + piece.ticks)
        if piece.holds is not None:
            until = start + piece.holds
        until = np.where(np.isfinite(start), until + piece.cleaning, free.min(axis=1))
        free[np.arange(self.samples), first] = until
        self.last[piece.place] = job.product

    def _free(self, place: str) -> Times:
        if place not in self.places:
            index = self.posed.problem.resource_index[place]
            units = max(self.posed.problem.resources[index].capacity, default=1)
            self.places[place] = np.full((self.samples, max(units, 1)), -np.inf)
        return self.places[place]

    def _duration(self, number: int, piece: Piece) -> Times:
        """Return durations in ticks; what was planned otherwise is scaled, a lane or a rest."""
        # By name: what one lot draws does not depend on which others there are.
        purpose = f"board/{self.posed.problem.jobs[number].name}/{piece.step}"
        drawn = self._draw(piece, f"{purpose}/duration")
        if piece.failure:
            failed = self.streams.uniforms(f"{purpose}/failure").block(self.samples) < piece.failure
            again = np.inf if piece.lost else self._draw(piece, f"{purpose}/remake")
            drawn = np.where(failed, drawn + again, drawn)
        return drawn

    def _draw(self, piece: Piece, purpose: str) -> Times:
        mean = piece.law.mean
        planned = self.posed.clock.whole(mean)
        if piece.law.is_constant or not mean:
            return np.full(self.samples, float(piece.ticks))
        drawn = self.streams.draws(piece.law, purpose).block(self.samples)
        ticks = drawn * self.posed.clock.per_day
        return ticks if piece.ticks == planned else ticks * (piece.ticks / planned)
