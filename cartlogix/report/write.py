"""Writing the page of a result folder."""

from __future__ import annotations

from pathlib import Path

from cartlogix.experiment.folder import write_text, writing
from cartlogix.experiment.results import read_manifest
from cartlogix.experiment.version import code_digest
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.report.design import read_design, render_design
from cartlogix.report.page import render
from cartlogix.report.read import read_results
from cartlogix.report.sensitivity import render_sensitivity
from cartlogix.report.sensitivity_data import read_sensitivity
from cartlogix.report.sweep import render_sweep
from cartlogix.report.sweep_data import read_sweep


def write_page(folder: Path, page: Path | None = None) -> Path:
    """Write the report of a result folder, by default as `report.html` in it.

    Folders on the way to `page` are made.

    Raises:
        InvalidInput: if the folder is not a complete result folder, or one of other code lacks
            what the page shows.
        WriteFailed: if the page cannot be written.
    """
    target = page or folder / "report.html"
    try:
        text = _page(folder)
    except KeyError as error:
        if read_manifest(folder).get("code") == code_digest():
            raise
        message = f"was made by other code than this and lacks {error}; run the study again"
        raise InvalidInput([Finding(str(folder), 0, 0, "", message)]) from None
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, text)
    return target


def _page(folder: Path) -> str:
    """Return the page of whatever study the folder holds."""
    design = read_design(folder)
    if design:
        return render_design(design)
    drivers = read_sensitivity(folder)
    if drivers:
        return render_sensitivity(drivers)
    sweep = read_sweep(folder)
    return render_sweep(sweep) if sweep else render(read_results(folder))
