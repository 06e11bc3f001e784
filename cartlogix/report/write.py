"""Writing the page of a result folder."""

from __future__ import annotations

from pathlib import Path

from cartlogix.experiment.folder import write_text
from cartlogix.report.page import render
from cartlogix.report.read import read_results


def write_page(folder: Path, page: Path | None = None) -> Path:
    """Write the report of a result folder, by default as `report.html` in it.

    Raises:
        InvalidInput: if the folder is not a complete result folder.
        WriteFailed: if the page cannot be written.
    """
    target = page or folder / "report.html"
    write_text(target, render(read_results(folder)))
    return target
