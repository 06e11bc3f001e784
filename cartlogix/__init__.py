"""cartlogix: ways to supply CAR-T, simulated from YAML to one shareable page.

The public API::

    import cartlogix

    scenario = cartlogix.load("configs/autologous.yaml", ["run.replications=5"])
    trace = cartlogix.replicate(scenario, 0)        # the tables of one replication
    results = cartlogix.compare([scenario])         # KPIs and intervals, nothing written
    folder = cartlogix.run(["configs/autologous.yaml"], out="reports/mine")
    page = cartlogix.write_page(folder)             # the page again, from the folder

Every name is loaded on first use, so that ``import cartlogix`` costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cartlogix.experiment.replication import replicate
    from cartlogix.experiment.run import compare
    from cartlogix.scenario.model import Scenario

__all__ = ["Scenario", "compare", "load", "replicate", "run", "write_page"]

_HOMES = {
    "Scenario": "cartlogix.scenario.model",
    "compare": "cartlogix.experiment.run",
    "replicate": "cartlogix.experiment.replication",
}


def __getattr__(name: str) -> object:
    """Load a public name on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'cartlogix' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def load(file: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Read one scenario; `overrides` are `path=value` texts, as after ``--set``.

    Raises:
        cartlogix.ground.errors.InvalidInput: with every finding at once.
    """
    from cartlogix.scenario.loader import load as load_file

    return load_file(Path(file), overrides).scenario


def run(
    files: Sequence[str | Path],
    out: str | Path,
    overrides: Sequence[str] = (),
    *,
    jobs: int = 1,
    force: bool = False,
) -> Path:
    """Run scenario files, or one experiment file, into a result folder with its report.

    Raises:
        cartlogix.ground.errors.CartlogixError: as the command line does; see `EXIT_CODES`.
    """
    from cartlogix.experiment.run import Options, run_study
    from cartlogix.experiment.study import read_study
    from cartlogix.ground.errors import OutputRefused, PartialFailure
    from cartlogix.report.write import write_page as write

    study = read_study([Path(file) for file in files], overrides)
    options = Options(jobs=jobs, force=force, command="cartlogix.run", finish=write)
    try:
        outcome = run_study(study, Path(out), options)
    except OutputRefused as refused:
        # The remedy comes in the words of the command line; here these are arguments.
        *why, remedy = str(refused).rpartition("; ")
        remedy = remedy.replace("--force", "force=True").replace("--out", "out")
        raise OutputRefused("".join((*why, remedy))) from None
    if outcome.failures:
        raise PartialFailure("\n".join(map(str, outcome.failures)))
    return outcome.folder


def write_page(folder: str | Path, page: str | Path | None = None) -> Path:
    """Write the HTML report of a result folder and return its path.

    Raises:
        cartlogix.ground.errors.InvalidInput: if the folder is not a complete result folder.
    """
    from cartlogix.report.write import write_page as write

    return write(Path(folder), Path(page) if page else None)
