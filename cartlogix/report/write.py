"""Writing the page of a result folder."""

from __future__ import annotations

from pathlib import Path

from cartlogix.experiment.folder import write_text, writing
from cartlogix.report.page import render
from cartlogix.report.read import read_results
from cartlogix.report.sweep import render_sweep
from cartlogix.report.sweep_data import read_sweep


def write_page(folder: Path, page: Path | None = None) -> Path:
    """Write the report of a result folder, by default as `report.html` in it.

    Folders on the way to `page` are made.

    Raises:
        InvalidInput: if the folder is not a complete result folder.
        WriteFailed: if the page cannot be written.
    """
    target = page or folder / "report.html"
    sweep = read_sweep(folder)
    text = render_sweep(sweep) if sweep else render(read_results(folder))
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, text)
    return target
