"""Reading one YAML file safely: plain values, each with its place in the file.

The text is read as YAML 1.2 (core schema) from the parser's events, without recursion and
without constructing anything but text, numbers, true/false, null, lists and mappings. What
YAML 1.1 would quietly turn into something else (`12:30`, `no`, `2026-01-01`) stays text.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.builder import MAX_DEPTH, Builder, StopReadingError
from cartlogix.scenario.nodes import Key, Mark, Node, kind_of, placed, refuse

MAX_BYTES = 1_000_000
"""Largest file read, in bytes; the parser needs seconds for more."""

_TAB = "a tab cannot be used for indentation; use spaces"
# What the parser says, and what it means to somebody who writes a scenario.
_PLAIN_WORDS = (
    (r"character '\\t'", _TAB),
    (r"character '(.)' that cannot start", r"a value cannot start with '\1'; put it in quotes"),
    (
        "mapping values are not allowed",
        "a ':' is not expected here; check the indentation and the line above, "
        "or put the value in quotes",
    ),
    (
        "sequence entries are not allowed",
        "a list item '- ' is not expected here; start it on its own line",
    ),
    ("unexpected end of stream", "a quoted text is not closed; add the closing quote"),
    (r"expected ',' or '(.)'", r"',' or '\1' is missing; check the brackets"),
    ("expected <block end>", "this does not line up with the lines above; check the indentation"),
    ("could not find expected ':'", "':' is missing after the key; write 'key: value'"),
    ("unknown escape character", "unknown escape in double quotes; use single quotes"),
    ("expected the node content", "a value is missing here"),
    ("<document start>", "this does not belong here; check brackets and indentation"),
)


@dataclass(frozen=True)
class Document:
    """One YAML file: `file` as shown to the user, and its content as a tree of nodes."""

    file: str
    root: Node

    @property
    def data(self) -> Any:
        """The content as plain dict, list, str, int, float, bool and None."""
        return self.root.data()

    @property
    def marks(self) -> Mapping[tuple[Key, ...], Mark]:
        """The place of every value by its path."""
        return {path: node.mark for path, node in self.root.walk()}

    @property
    def key_marks(self) -> Mapping[tuple[Key, ...], Mark]:
        """The place of every value's key by the value's path."""
        return {path: node.key_mark for path, node in self.root.walk()}


def read_document(path: Path, shown: str | None = None) -> Document:
    """Read one YAML file whose top level is a mapping.

    Args:
        path: the file.
        shown: its name in findings; the path as given if left out.

    Raises:
        InvalidInput: with a finding for every problem, each at its line and column.
    """
    file = str(path) if shown is None else shown
    root = _parse(_read_text(path, file), file)
    if not isinstance(root.value, dict):
        found = "the file is empty" if root.value is None else f"found {kind_of(root.value)}"
        refuse(root.mark, "", f"the top level must be a mapping of keys and values; {found}")
    return Document(file, root)


def read_value(text: str, shown: str) -> Node:
    """Read a single value written in YAML, as after `--set path=`.

    Raises:
        InvalidInput: with findings in the file called `shown`, at line 0.
    """
    try:
        node = _parse(text, shown)
    except InvalidInput as error:
        raise InvalidInput(
            Finding(shown, 0, 0, item.path, item.message) for item in error.findings
        ) from None
    return placed(node.data(), Mark(shown, 0, 0))


def _read_text(path: Path, file: str) -> str:
    nowhere = Mark(file, 0, 0)
    raw = b""
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            refuse(nowhere, "", "this is a folder; name the YAML file in it")
        if not stat.S_ISREG(info.st_mode):
            refuse(nowhere, "", "this is not a regular file; name a YAML file")
        if info.st_size <= MAX_BYTES:
            with path.open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        refuse(nowhere, "", "there is no such file; check the spelling and the folder")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not valid"
        refuse(nowhere, "", f"the file cannot be read: {reason}; check its name and permissions")
    if max(info.st_size, len(raw)) > MAX_BYTES:
        refuse(
            nowhere,
            "",
            f"the file is larger than {MAX_BYTES:,} bytes; put long tables in a CSV file",
        )
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        refuse(Mark(file, 1, 1), "", "the file is written in UTF-16; save it as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", "replace")
        refuse(_mark_at(before, file), "", "this is not valid UTF-8; save the file as UTF-8")


def _mark_at(before: str, file: str) -> Mark:
    return Mark(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _check_characters(text: str, file: str) -> None:
    """Refuse control characters, and nesting that would take the parser seconds."""
    control = re.search(
        r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text
    )
    if control:
        code = f"U+{ord(control[0]):04X}"
        refuse(
            _mark_at(text[: control.start()], file),
            "",
            f"the character {code} is not allowed; remove it or save the file as UTF-8 text",
        )
    depth = 0
    for bracket in re.finditer(r"[][{}]", text):
        depth = depth + 1 if bracket[0] in "[{" else max(0, depth - 1)
        if depth > MAX_DEPTH:
            place = _mark_at(text[: bracket.start()], file)
            refuse(
                place, "", f"brackets are nested deeper than {MAX_DEPTH} levels; write it flatter"
            )


def _parse(text: str, file: str) -> Node:
    _check_characters(text, file)
    builder = Builder(file)
    yaml = YAML(typ="safe", pure=True)
    try:
        for event in yaml.parse(text):
            builder.take(event)
    except StopReadingError:
        pass
    except MarkedYAMLError as error:
        builder.add(builder.mark(error.problem_mark or error.context_mark), _plain_words(error))
    # The parser lets other errors through for broken escapes and directives.
    except (YAMLError, ValueError, OverflowError, LookupError, TypeError, AttributeError):
        builder.add(builder.last, "this is not valid YAML from here on; check escapes and quotes")
    if not builder.findings and builder.root is None:
        builder.add(Mark(file, 1, 1), "the file is empty; a scenario needs at least one key")
    if builder.findings or builder.root is None:
        raise InvalidInput(builder.findings)
    return builder.root


def _plain_words(error: MarkedYAMLError) -> str:
    problem = str(error.problem)
    for pattern, words in _PLAIN_WORDS:
        found = re.search(pattern, problem)
        if found:
            return found.expand(words)
    return f"not valid YAML: {problem.splitlines()[0]}" if problem else "not valid YAML"
