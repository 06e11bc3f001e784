"""What `--dry-run` prints."""

from __future__ import annotations

from cartlogix.cli.console import say, say_json, table
from cartlogix.experiment.workload import Workload

_HEADS = {"runs": "run", "points": "scenario", "designs": "part"}


def print_workload(
    load: Workload, jobs: int, *, of: str, count: int, at_most: bool = False, as_json: bool
) -> None:
    """Print the work by row, and the time of all of it.

    Args:
        load: the work.
        jobs: processes that share it.
        of: what is run: runs (a row each), points or designs.
        count: how many of these there are.
        at_most: whether it may be less work.
        as_json: print for programs.
    """
    plain, all_of_it = of == "runs", load.total
    if as_json:
        name = "part" if of == "designs" else "scenario"
        numbers = {key: row._asdict() for key, row in load.rows.items()}
        rows = [
            {name: key, **({} if plain else {of: mine.pop("points")}), **_shown(mine)}
            for key, mine in numbers.items()
        ]
        total = {**({} if plain else {of: count}), **_total(load, jobs), "at_most": at_most}
        say_json({of: rows, "total": total})
        return
    heads = [_HEADS[of], *([] if plain else [of]), "replications", "events"]
    cells = [
        [name, *(f"{number:,}" for number in row[1 if plain else 0 :])]
        for name, row in load.rows.items()
    ]
    table(heads, cells, right=range(1, len(heads)))
    say(
        f"\n{count:,} {of if count > 1 else of[:-1]}, {'at most ' if at_most else ''}"
        f"{all_of_it.replications:,} replications, about {all_of_it.events:,} events: about "
        f"{_duration(load.seconds / jobs)} in {jobs} process{'es' if jobs > 1 else ''}, "
        f"{_megabytes(load, jobs):,} MB"
    )


def _shown(row: dict[str, int]) -> dict[str, int]:
    return {key: row[key] for key in ("replications", "events")}


def _total(load: Workload, jobs: int) -> dict[str, float]:
    return {
        "replications": load.total.replications,
        "events": load.total.events,
        "seconds": round(load.seconds / jobs, 1),
        "processes": jobs,
        "megabytes": _megabytes(load, jobs),
    }


def _megabytes(load: Workload, jobs: int) -> int:
    return round(load.megabytes * (jobs + 1))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
