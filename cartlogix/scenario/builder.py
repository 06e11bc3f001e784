"""From the parser's events to a tree of nodes, without recursion and within fixed limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NoReturn

from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from cartlogix.ground.errors import Finding
from cartlogix.scenario.nodes import Mark, Node, dotted
from cartlogix.scenario.scalars import NotAValueError, read_scalar, shorten
from cartlogix.scenario.wording import is_rest_of_number, split_number

MAX_NODES = 100_000
"""Most values in a file, with every alias expanded."""
MAX_DEPTH = 100
"""Deepest nesting."""
_MAX_FINDINGS = 100
_TAG = "tag:yaml.org,2002:"


class StopReadingError(Exception):
    """Nothing more is worth reading."""


@dataclass
class _Frame:
    """A list or mapping that is still open."""

    items: dict[str, Node] | list[Node]
    mark: Mark
    key_mark: Mark
    anchor: str | None
    opened_at: int
    is_key: bool = False
    height: int = 1
    key: str | None = None
    last_key_mark: Mark | None = None


@dataclass
class Builder:
    """Builds nodes from parser events: `take` each, then look at `findings` and `root`."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    root: Node | None = None
    total: int = 0
    """Values so far, with aliases expanded."""
    documents: int = 0
    stack: list[_Frame] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int, int] | None] = field(default_factory=dict)
    """Node, number of values and height by anchor; None while the node is still open."""
    before: tuple[int, str] = (-1, "")
    """Where the latest scalar ends, and its text."""
    last: Mark = field(init=False)
    """Where the latest event starts."""

    def __post_init__(self) -> None:
        self.last = Mark(self.file, 1, 1)

    def mark(self, mark: Any) -> Mark:
        """Return the parser's place as a mark."""
        return Mark(self.file, mark.line + 1, mark.column + 1)

    def add(self, mark: Mark, message: str) -> None:
        """Add a finding about what is being read."""
        steps = (len(f.items) if isinstance(f.items, list) else f.key for f in self.stack)
        path = tuple(step for step in steps if step is not None)
        self.findings.append(Finding(*mark, dotted(path), message))
        if len(self.findings) >= _MAX_FINDINGS:
            raise StopReadingError

    def take(self, event: Any) -> None:
        """Use the next event of the parser.

        Raises:
            StopReadingError: when the rest of the file is not worth reading.
        """
        self.last = self.mark(event.start_mark)
        match event:
            case DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self._stop("a second document starts here; keep one document in a file")
            case ScalarEvent():
                self._scalar(event)
            case AliasEvent():
                self._alias(event.anchor)
            case SequenceStartEvent() | MappingStartEvent():
                self._open(event, isinstance(event, MappingStartEvent))
            case SequenceEndEvent() | MappingEndEvent():
                self._close()

    def _stop(self, message: str) -> NoReturn:
        self.add(self.last, message)
        raise StopReadingError

    def _count(self, more: int) -> None:
        self.total += more
        if self.total > MAX_NODES:
            self._stop(f"more than {MAX_NODES:,} values with all aliases expanded; write fewer")

    @property
    def _key_expected(self) -> bool:
        return (
            bool(self.stack)
            and isinstance(self.stack[-1].items, dict)
            and (self.stack[-1].key is None)
        )

    def _scalar(self, event: ScalarEvent) -> None:
        self._count(1)
        plain = event.style is None or not event.style
        as_key = self._key_expected
        mark = self.last
        before, self.before = self.before, (event.end_mark.index, event.value)
        if as_key and plain and self._is_cut_off(before, event):
            self.add(mark, split_number(before[1], event.value))
            self._put(Node(event.value, mark, mark))
            return
        if plain and not event.value and not as_key and self.stack:
            mark = self.stack[-1].last_key_mark or mark  # nothing is written: point at the key
        try:
            value = read_scalar(event.value, plain=plain, tag=event.tag)
        except NotAValueError as error:
            self.add(mark, str(error))
            value = event.value
        if as_key and plain and event.value == "<<":
            self.add(mark, "merge keys '<<' are not supported; use 'extends:' or repeat the values")
        elif as_key and not isinstance(value, str):
            written = shorten(event.value).strip("'")
            self.add(mark, f'a key must be text; write "{written}" in quotes')
            value = event.value
        node = Node(value, mark, mark)
        if event.anchor:
            self.anchors[event.anchor] = (node, 1, 0)
        self._put(node)

    def _is_cut_off(self, before: tuple[int, str], event: ScalarEvent) -> bool:
        """Whether a key is the end of a number: `{value: 5,784}` would be two entries."""
        end, text = before
        touches = bool(self.stack[-1].items) and event.start_mark.index == end + 1
        return touches and text[-1:].isdigit() and is_rest_of_number(event.value)

    def _alias(self, name: str) -> None:
        if name not in self.anchors:
            self.add(self.last, f"there is no anchor {shorten('&' + name)} above this line")
            self._put(Node("", self.last, self.last))
            return
        known = self.anchors[name]
        if known is None:
            self._stop(f"the alias {shorten('*' + name)} refers to the value that contains it")
        node, size, height = known
        self._count(size)
        if len(self.stack) + height > MAX_DEPTH:
            self._stop(f"nested deeper than {MAX_DEPTH} levels; write it flatter")
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, height + 1)
        if self._key_expected and not isinstance(node.value, str):
            self.add(self.last, "a key must be text, not an alias of another value")
            node = Node("", self.last, self.last)
        self._put(node if not self._key_expected else Node(node.value, self.last, self.last))

    def _open(self, event: SequenceStartEvent | MappingStartEvent, is_mapping: bool) -> None:
        allowed = (None, "!", _TAG + ("map" if is_mapping else "seq"))
        if event.tag not in allowed:
            name = shorten(str(event.tag).replace(_TAG, "!!"))
            self.add(self.last, f"the tag {name} is not allowed; remove it")
        as_key = self._key_expected
        if as_key:
            self.add(self.last, "a key must be text, not a list or mapping; put it in quotes")
        if len(self.stack) >= MAX_DEPTH:
            self._stop(f"nested deeper than {MAX_DEPTH} levels; write it flatter")
        self._count(1)
        if event.anchor:
            self.anchors[event.anchor] = None
        key_mark = (self.stack[-1].last_key_mark if self.stack else None) or self.last
        items: dict[str, Node] | list[Node] = {} if is_mapping else []
        self.stack.append(
            _Frame(items, self.last, key_mark, event.anchor, self.total, is_key=as_key)
        )

    def _close(self) -> None:
        frame = self.stack.pop()
        node = Node(frame.items, frame.mark, frame.key_mark)
        if frame.anchor:
            self.anchors[frame.anchor] = (node, self.total - frame.opened_at + 1, frame.height)
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, frame.height + 1)
        self._put(Node("", frame.mark, frame.mark) if frame.is_key else node)

    def _put(self, node: Node) -> None:
        """Hand a finished node to the open list or mapping, as item, key or value."""
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        if isinstance(frame.items, list):
            frame.items.append(Node(node.value, node.mark, node.mark))
        elif frame.key is None:
            frame.key, frame.last_key_mark = node.value, node.mark
            first = frame.items.get(node.value)
            if first is not None:
                line = first.key_mark.line
                words = f"the key is written twice, first at line {line}; keep one of them"
                self.add(node.mark, words)
        else:
            key_mark = frame.last_key_mark or node.mark
            frame.items[frame.key] = Node(node.value, node.mark, key_mark)
            frame.key = frame.last_key_mark = None
