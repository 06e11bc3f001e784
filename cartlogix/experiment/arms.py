"""Running the scenarios of a study: replications as units, then the tables of each scenario.

A replication that is finished is a unit on disk at once, and units that an earlier run left are
taken as they are. The tables of a scenario grow by its units in the order of the replications,
while later ones are computed, so that the bytes do not depend on who computed what when, and memory
does not grow with their number.
"""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from cartlogix.experiment.computing import Manner, computed
from cartlogix.experiment.folder import digests, slug, write_json, write_text, writing
from cartlogix.experiment.measure import Failed
from cartlogix.experiment.plan import Arm
from cartlogix.experiment.results import read_manifest
from cartlogix.experiment.tables import TableWriters
from cartlogix.experiment.units import (
    UnitStore,
    is_kept,
    read_unit,
)
from cartlogix.ground.errors import InvalidInput
from cartlogix.scenario.dump import to_yaml

_STAMP = "scenario.json"


def scenario_folder(folder: Path, name: str) -> Path:
    """Return where the tables of a scenario stand in a result folder."""
    return folder / "scenarios" / slug(name)


def run_arms(arms: Sequence[Arm], folder: Path, manner: Manner) -> list[Failed]:
    """Write the tables of every scenario; a failed replication fails its scenario.

    Raises:
        WriteFailed: if the disk is full; what is finished stays for the next run.
    """
    store = UnitStore(folder / "units", [arm.scenario for arm in arms])
    store.prepare()
    _remove_strangers(arms, folder)
    todo = [arm for arm in arms if not _is_done(arm, store, folder, manner.notice)]
    missing = {arm.name: _missing(arm, store, manner.notice) for arm in todo}
    tasks = (store.task(arm.scenario, number) for arm in todo for number in missing[arm.name])
    failures: list[Failed] = []
    outcomes = computed(tasks, manner, sum(map(len, missing.values())))
    with closing(outcomes):
        for arm in todo:
            failed = _assemble(arm, store, folder, _ended(arm, missing[arm.name], outcomes))
            if failed is not None:
                failures.append(failed)
                if manner.fail_fast:
                    break
    store.clear()
    return failures


def kept(arms: Sequence[Arm], folder: Path) -> int:
    """Return how many replications of the scenarios are finished in an interrupted folder."""
    store = UnitStore(folder / "units", [arm.scenario for arm in arms])
    return sum(
        arm.scenario.run.replications
        if _is_done(arm, store, folder, lambda text: None)
        else store.count(arm.scenario)
        for arm in arms
    )


def _missing(arm: Arm, store: UnitStore, notice: Callable[[str], None]) -> array[int]:
    """Return the replications of a scenario that no earlier run left, or that are damaged."""
    every = range(arm.scenario.run.replications)
    return array("l", (n for n in every if not is_kept(store.task(arm.scenario, n), notice)))


def _ended(
    arm: Arm, missing: Iterable[int], outcomes: Iterator[Failed | None]
) -> Iterator[Failed | None]:
    """Yield, for each replication in order, None as soon as its unit is there, or why not."""
    awaited = iter(missing)
    following = next(awaited, None)
    for number in range(arm.scenario.run.replications):
        if number != following:
            yield None
            continue
        yield next(outcomes)
        following = next(awaited, None)


def _assemble(
    arm: Arm, store: UnitStore, folder: Path, ended: Iterable[Failed | None]
) -> Failed | None:
    """Write the tables of a scenario as its units come, and move them into place as a whole.

    Return the first failure of a replication; there are no tables then.
    """
    scenario = arm.scenario
    failed: Failed | None = None
    final = scenario_folder(folder, arm.name)
    part = final.with_name(f".{final.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(final, ignore_errors=True)
    try:
        with writing(part):
            part.mkdir(parents=True)
        with TableWriters(part) as tables:
            for replication, failure in enumerate(ended):
                failed = failed or failure
                if failed is None:
                    tables.add(read_unit(store.task(scenario, replication).path))
        if failed is not None:
            return failed
        write_text(part / "scenario.resolved.yaml", to_yaml(scenario))
        write_json(part / _STAMP, {**_stamp(arm, store), "files": digests(part)})
        with writing(final):
            part.rename(final)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    store.remove(scenario)
    return None


def _remove_strangers(arms: Sequence[Arm], folder: Path) -> None:
    """Remove what an interrupted run of another study left."""
    known = {scenario_folder(folder, arm.name) for arm in arms}
    for found in (folder / "scenarios").glob("*"):
        if found not in known:
            shutil.rmtree(found, ignore_errors=True)


def _stamp(arm: Arm, store: UnitStore) -> dict[str, Any]:
    """Return what a finished scenario must agree in to be kept."""
    replications = arm.scenario.run.replications
    return {"name": arm.name, "key": store.keys[arm.name], "replications": replications}


def _is_done(arm: Arm, store: UnitStore, folder: Path, notice: Callable[[str], None]) -> bool:
    """Whether an interrupted run finished this scenario, as it is now, and it is undamaged."""
    home = scenario_folder(folder, arm.name)
    if not home.exists():
        return False
    try:
        found = {**read_manifest(home, _STAMP)}
    except InvalidInput:
        notice(f"warning: the results of '{arm.name}' are damaged and are computed again")
        return False
    del found["files"]
    return found == _stamp(arm, store)
