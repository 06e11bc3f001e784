"""Problems of a scenario that fits the schema, and how to word the commonest ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from cartlogix.scenario.findings import suggest

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One finding about a path of the scenario."""

    path: Path
    message: str
    severity: Literal["error", "warning"] = "error"


def unknown(path: Path, what: str, name: str, known: Iterable[str]) -> Problem:
    """Return the problem that nothing has this name, with the nearest known one."""
    choices = sorted(set(known))
    listing = ", ".join(choices[:12]) or "none is defined"
    return Problem(path, f"no {what} is named '{name}'{suggest(name, choices)}; known: {listing}")


def indication_keys(path: Path, given: Mapping[str, object], known: list[str]) -> Iterator[Problem]:
    """Yield a problem for each key that is not an indication."""
    for name in given:
        if name not in known:
            yield unknown((*path, name), "indication", name, known)
