"""YAML content as a tree of nodes: each value with the place where it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from cartlogix.ground.errors import Finding, InvalidInput

Key = str | int
"""One step of a path: the key of a mapping or the index of a list item."""


class Mark(NamedTuple):
    """A place in a file; line and column count from 1, line 0 means no known place."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place: a scalar, a list of nodes, or a mapping of text to nodes."""

    value: Any
    mark: Mark
    key_mark: Mark
    """Place of the key that holds this value; the value's own place if no key does."""

    def data(self) -> Any:
        """Return the plain value, in new lists and dicts."""
        if isinstance(self.value, dict):
            return {key: node.data() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.data() for node in self.value]
        return self.value

    def walk(self, path: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], Node]]:
        """Yield this node and all below it, each with its path."""
        yield path, self
        if isinstance(self.value, dict):
            for key, node in self.value.items():
                yield from node.walk((*path, key))
        elif isinstance(self.value, list):
            for index, node in enumerate(self.value):
                yield from node.walk((*path, index))


def placed(data: Any, mark: Mark) -> Node:
    """Return plain data as nodes that are all at one place."""
    if isinstance(data, Mapping):
        return Node({key: placed(item, mark) for key, item in data.items()}, mark, mark)
    if isinstance(data, list | tuple):
        return Node([placed(item, mark) for item in data], mark, mark)
    return Node(data, mark, mark)


def kind_of(value: object) -> str:
    """Name the kind of a plain value in words: `a list`, `text`, `a whole number`."""
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        (int, "a whole number"),
        (float, "a number"),
        (str, "text"),
        ((list, tuple), "a list"),
        (dict, "a mapping"),
    )
    return next((words for kind, words in kinds if isinstance(value, kind)), "nothing (null)")


def dotted(path: tuple[Key, ...], data: object = None) -> str:
    """Write a path with dots; list items go by their `name` where `data` gives them one."""
    parts = []
    for step in path:
        item = _item(data, step)
        name = item.get("name") if isinstance(item, Mapping) else None
        named = isinstance(step, int) and isinstance(name, str)
        part = str(name if named else step)
        plain = part and part.isprintable() and not re.search(r'[."=\s]', part)
        parts.append(part if plain else json.dumps(part))
        data = item
    return ".".join(parts)


def _item(data: object, step: Key) -> Any:
    if isinstance(data, Mapping):
        return data.get(step)
    if isinstance(data, list | tuple) and isinstance(step, int) and step < len(data):
        return data[step]
    return None


def child(node: Node, step: Key) -> Node | None:
    """Return the value under a key or index, if there is one."""
    if isinstance(node.value, dict) and isinstance(step, str):
        return node.value.get(step)
    if isinstance(node.value, list) and isinstance(step, int) and 0 <= step < len(node.value):
        item: Node = node.value[step]
        return item
    return None


def name_of(node: Node) -> str | None:
    """Return the `name` of a mapping, if it has one that is text."""
    held = node.value.get("name") if isinstance(node.value, dict) else None
    return held.value if held is not None and isinstance(held.value, str) else None


def refuse(mark: Mark, path: str, message: str) -> NoReturn:
    """Raise `InvalidInput` with one finding."""
    raise InvalidInput([Finding(*mark, path, message)])
