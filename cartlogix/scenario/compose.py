"""Composing a scenario's data from files and overrides, with the origin of every value.

Precedence: `extends` < the file < the experiment's factor < `--set`.

How one layer changes another is written at the head of `merge`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cartlogix.scenario.document import Document, read_document, read_value
from cartlogix.scenario.findings import suggest
from cartlogix.scenario.merge import merge
from cartlogix.scenario.nodes import Key, Mark, Node, child, kind_of, placed, refuse
from cartlogix.scenario.override import override, split

Kind = Literal["file", "extends", "factor", "--set"]

_MAX_FILES = 50


class Origin(NamedTuple):
    """Where a value comes from; `kind` is the layer of the precedence rule."""

    file: str
    line: int
    column: int
    kind: Kind


@dataclass(frozen=True)
class Composed:
    """Composed data, and where each of its values was written."""

    root: Node
    kinds: Mapping[str, Kind]
    """The layer each file or override belongs to, by its name in marks."""
    overrides: tuple[str, ...]
    """`key: old -> new` for every value that a later layer changed, in the order applied."""

    @cached_property
    def data(self) -> dict[str, Any]:
        """The composed plain data, without `extends`."""
        data: dict[str, Any] = self.root.data()
        return data

    @cached_property
    def origins(self) -> Mapping[tuple[Key, ...], Origin]:
        """Where every value comes from, by its path."""
        return {
            path: Origin(*node.mark, self.kinds.get(node.mark.file, "file"))
            for path, node in self.root.walk()
        }

    def locate(self, path: tuple[Key, ...]) -> Mark:
        """Return the place of a value, or of its nearest ancestor that exists."""
        return self._nearest(path).mark

    def locate_key(self, path: tuple[Key, ...]) -> Mark:
        """Return the place of a value's key, or that of its nearest ancestor."""
        return self._nearest(path).key_mark

    def _nearest(self, path: tuple[Key, ...]) -> Node:
        node = self.root
        for step in path:
            below = child(node, step)
            if below is None:
                break
            node = below
        return node


def compose(
    path: Path,
    overrides: Iterable[str] = (),
    root: Path | None = None,
    factors: Mapping[str, Any] | None = None,
) -> Composed:
    """Read a scenario file with everything it extends, then apply factors and overrides.

    Args:
        path: the file.
        overrides: `path=value`, as after `--set`; list items go by name or index, a name with
            dots is written in double quotes, and the value is YAML.
        root: the folder that `extends` may not leave. If left out: the nearest folder above the
            file that is called `configs`, otherwise the file's own folder.
        factors: plain values by dotted path, set by an experiment.

    Raises:
        InvalidInput: with the findings of the first stage that has any.
    """
    return changed(read_layers(path, root), overrides, factors)


def read_layers(path: Path, root: Path | None = None) -> Composed:
    """Read a scenario file with everything it extends, before any change (see :func:`compose`).

    Raises:
        InvalidInput: with the findings of the first stage that has any.
    """
    document = read_document(path)
    real = _real(path)
    reader = _Reader(default_root(real) if root is None else _real(root))
    node = reader.resolve(document, real)
    kinds: dict[str, Kind] = dict.fromkeys(reader.files, "extends")
    kinds[str(path)] = "file"
    return Composed(node, kinds, tuple(reader.log))


def changed(
    composed: Composed, overrides: Iterable[str] = (), factors: Mapping[str, Any] | None = None
) -> Composed:
    """Return the composed data with factors and then overrides applied (see :func:`compose`).

    Raises:
        InvalidInput: if a path leads nowhere.
    """
    node, kinds, log = composed.root, dict(composed.kinds), list(composed.overrides)
    for target, value in (factors or {}).items():
        name = f"factor {target}"
        kinds[name] = "factor"
        node = override(node, target, placed(value, Mark(name, 0, 0)), log)
    for text in overrides:
        name = f"--set {text}"
        kinds[name] = "--set"
        target, written = split(text, Mark(name, 0, 0))
        node = override(node, target, read_value(written, name), log)
    return Composed(node, kinds, tuple(log))


def _real(path: Path) -> Path:
    # Path.resolve raises on a circle of symbolic links; this leaves it to the read to refuse it.
    return Path(os.path.realpath(path))


def default_root(path: Path) -> Path:
    """Return the nearest folder above a file that is called `configs`, or the file's own."""
    folder = path.parent
    return next((above for above in (folder, *folder.parents) if above.name == "configs"), folder)


@dataclass
class _Reader:
    """Reads files with what they extend, each file once."""

    root: Path
    done: dict[Path, Node] = field(default_factory=dict)
    chain: list[tuple[Path, str]] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)

    def resolve(self, document: Document, real: Path) -> Node:
        """Return a document's content merged over that of all it extends."""
        self.files.add(document.file)
        self.chain.append((real, document.file))
        own = dict(document.root.value)
        extends = own.pop("extends", None)
        node = Node(own, document.root.mark, document.root.key_mark)
        if extends is not None:
            targets = extends.value if isinstance(extends.value, list) else [extends]
            if len(targets) > _MAX_FILES:
                refuse(extends.mark, "extends", f"more than {_MAX_FILES} files; extend fewer")
            bases = [self._base(item, real.parent, document.file) for item in targets]
            for over in (*bases[1:], node):
                bases[0] = merge(bases[0], over, (), self.log)
            node = bases[0] if bases else node
        self.chain.pop()
        self.done[real] = node
        return node

    def _base(self, item: Node, folder: Path, file: str) -> Node:
        written = item.value
        if not isinstance(written, str) or not written:
            words = f"must be a path or a list of paths, found {kind_of(written)}"
            refuse(item.mark, "extends", words)
        target = _real(folder / written)
        if Path(written).is_absolute() or not target.is_relative_to(self.root):
            refuse(
                item.mark,
                "extends",
                f"'{written}' leaves the config folder; use a relative path inside it, "
                "or name a wider folder with --root",
            )
        if target in self.done:
            return self.done[target]
        shown = os.path.normpath(Path(file).parent / written)
        if any(target == seen for seen, _ in self.chain):
            files = " -> ".join([*(name for _, name in self.chain), shown])
            refuse(item.mark, "extends", f"files extend each other in a circle: {files}")
        if len(self.files) >= _MAX_FILES:
            refuse(item.mark, "extends", f"more than {_MAX_FILES} files; extend fewer")
        if not os.path.lexists(target):
            open_ = {seen for seen, _ in self.chain}  # to extend one of them would be a circle
            near = [
                near for near in sorted(target.parent.glob("*.y*ml")) if _real(near) not in open_
            ]
            names = [os.path.relpath(one, folder) for one in near]
            hint = (
                suggest(os.path.relpath(target, folder), names)
                or "; the path is relative to this file"
            )
            refuse(item.mark, "extends", f"there is no file '{written}'{hint}")
        return self.resolve(read_document(target, shown), target)
