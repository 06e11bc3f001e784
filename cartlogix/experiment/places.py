"""Where an experiment file says what it sets, for findings about values that it sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cartlogix.ground.errors import Finding
from cartlogix.scenario.compose import Composed
from cartlogix.scenario.nodes import Key, dotted

Place = tuple[Key, ...]
_SET = "factor "  # how composing names a value that an experiment sets, before its path


def at_their_place(
    findings: Iterable[Finding], composed: Composed, sections: Sequence[Place]
) -> Iterator[Finding]:
    """Move findings about values that the experiment sets to where the experiment names the path.

    Args:
        findings: what is wrong in a scenario with values set in it.
        composed: the experiment file.
        sections: where in it these values come from: a mapping by path, or items with a `path`.
    """
    known: dict[str, Place] = {}
    for section in sections:
        for path, written in _written(composed.data, section):
            known.setdefault(path, written)
    for one in findings:
        place = known.get(one.file.removeprefix(_SET)) if one.file.startswith(_SET) else None
        yield one if place is None else _moved(one, composed, place)


def _moved(one: Finding, composed: Composed, place: Place) -> Finding:
    mark = composed.locate(place)
    message = f"{one.path}: {one.message}" if one.path else one.message
    return Finding(*mark, dotted(place, composed.data), message, one.severity)


def _written(data: Any, section: Place) -> Iterator[tuple[str, Place]]:  # noqa: ANN401 - YAML data
    """Yield every path that a section sets, and its place."""
    here = data
    for step in section:
        inside = step in here if isinstance(here, Mapping) else isinstance(here, list)
        here = here[step] if inside else {}
    if isinstance(here, Mapping):
        yield from ((str(path), (*section, path)) for path in here)
        return
    for index, item in enumerate(here if isinstance(here, list) else []):
        paths = item.get("path") if isinstance(item, Mapping) else None
        if isinstance(paths, str):
            yield paths, (*section, index, "path")
        for number, path in enumerate(paths if isinstance(paths, list) else []):
            yield str(path), (*section, index, "path", number)
