"""Which code computes a result: the package, its own source, and the libraries that matter."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

LIBRARIES = ("cartlogix", "simpy", "numpy", "scipy", "pandas", "pyarrow", "pydantic", "plotly")


@cache
def versions() -> Mapping[str, str]:
    """Return the version of the package and of every library that can change a result."""
    return {name: metadata.version(name) for name in LIBRARIES}


@cache
def code_digest() -> str:
    """Return a hash of the package's own source files, as 64 hex digits.

    The version number alone would call code that was changed in place the same.
    """
    package = Path(__file__).parents[1]
    total = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        total.update(path.relative_to(package).as_posix().encode() + b"\0")
        total.update(path.read_bytes() + b"\0")
    return total.hexdigest()
