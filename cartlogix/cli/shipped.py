"""Where the shipped configs are: inside the installed package, or at the top of the tree."""

from __future__ import annotations

from pathlib import Path

from cartlogix.ground.errors import CartlogixError


def shipped_configs() -> Path:
    """Return the folder of shipped configs.

    Raises:
        CartlogixError: if the installation lacks it.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "configs", package.parent / "configs"):
        if folder.is_dir():
            return folder
    raise CartlogixError("the shipped configs are missing: install cartlogix again")
