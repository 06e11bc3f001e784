"""The command that writes a first scenario."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from cartlogix.cli.console import say
from cartlogix.experiment.folder import writing
from cartlogix.ground.errors import OutputRefused


def write_starter(directory: Path) -> None:
    """Write the commented starter into a new folder.

    Raises:
        OutputRefused: if the folder exists and is not empty.
        WriteFailed: if it cannot be written.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise OutputRefused(f"{directory} exists and is not empty; choose another folder")
    with as_file(files("cartlogix") / "starter") as starter, writing(directory):
        shutil.copytree(starter, directory, dirs_exist_ok=True)
    scenario = directory / "scenario.yaml"
    say(f"Wrote {scenario}. Next:\n  cartlogix validate {scenario}\n  cartlogix run {scenario}")
