"""The commands that read scenarios without running them: validate, show, diff, schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from cartlogix.board.loader import load as load_board
from cartlogix.board.schema import board_schema
from cartlogix.cli.console import note_findings, say, say_json
from cartlogix.experiment.schema import experiment_schema, scenario_schema
from cartlogix.experiment.study import read_study
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.compose import Composed
from cartlogix.scenario.document import read_document
from cartlogix.scenario.kind import kind_of_file
from cartlogix.scenario.loader import Loaded, load
from cartlogix.scenario.nodes import Node, child, dotted
from cartlogix.scenario.short_forms import long_forms

Path_ = tuple[str | int, ...]


def validate_files(
    files: Sequence[Path], overrides: Sequence[str], root: Path | None, *, as_json: bool
) -> None:
    """Print the findings of every file.

    Raises:
        InvalidInput: if there is an error among them.
    """
    errors: list[Finding] = []
    warnings: list[Finding] = []
    for file in files:
        try:
            warnings.extend(_warnings(file, overrides, root))
        except InvalidInput as error:
            errors.extend(error.findings)
    errors = list(dict.fromkeys(errors))
    if as_json:
        say_json([asdict(finding) for finding in dict.fromkeys([*errors, *warnings])])
    note_findings(warnings)
    if errors:
        raise InvalidInput(errors)
    if not as_json:
        count = len(files)
        say(f"{count} file{'s' if count > 1 else ''} valid")


def _warnings(file: Path, overrides: Sequence[str], root: Path | None) -> list[Finding]:
    """Return the warnings about a file of any kind."""
    if kind_of_file(read_document(file).root.value) != "board":
        study = read_study([file], overrides, root)
        return [finding for arm in study.arms for finding in arm.warnings]
    if overrides:
        message = "a slot board takes no --set; change the file, or ask schedule with --what-if"
        raise InvalidInput([Finding(str(file), 0, 0, "--set", message)])
    return list(load_board(file).warnings)


def show_file(file: Path, overrides: Sequence[str], root: Path | None, *, as_json: bool) -> None:
    """Print every value of the resolved scenario with its origin, by the path that --set takes."""
    loaded = load(file, overrides, root)
    note_findings(loaded.warnings)
    written = replace(loaded.composed, root=long_forms(loaded.composed.root))
    rows = [
        (dotted(path, written.data), value, _origin(written, path))
        for path, value in _settable(loaded.scenario.plain(), written.root, ())
    ]
    if as_json:
        keys = ("path", "value", "origin")
        say_json([dict(zip(keys, row, strict=True)) for row in rows])
        return
    for path, value, origin in rows:
        say(f"{path} = {json.dumps(value, ensure_ascii=False)}  # {origin}")
    for change in loaded.composed.overrides:
        say(f"# override {change}")


def diff_files(a: Path, b: Path, root: Path | None, *, as_json: bool) -> None:
    """Print the values in which two resolved scenarios differ."""
    first, second = (_by_path(load(file, (), root)) for file in (a, b))
    paths = [*first, *(path for path in second if path not in first)]
    changed = [
        {"path": path, "a": first.get(path, _ABSENT), "b": second.get(path, _ABSENT)}
        for path in paths
        if first.get(path, _ABSENT) != second.get(path, _ABSENT)
    ]
    if as_json:
        say_json(changed)
        return
    for item in changed:
        texts = [
            item[side] if item[side] == _ABSENT else json.dumps(item[side], ensure_ascii=False)
            for side in ("a", "b")
        ]
        say(f"{item['path']}: {texts[0]} -> {texts[1]}")
    if not changed:
        say("the resolved scenarios are equal")


def print_schema(*, experiment: bool, schedule: bool) -> None:
    """Print a JSON Schema."""
    if schedule:
        say_json(board_schema())
    else:
        say_json(experiment_schema() if experiment else scenario_schema())


_ABSENT = "(absent)"


def _by_path(loaded: Loaded) -> dict[str, Any]:
    return {_dotted(path, loaded): value for path, value in _leaves(loaded.scenario.plain(), ())}


def _leaves(data: Any, path: Path_) -> Iterator[tuple[Path_, Any]]:  # noqa: ANN401 - YAML data
    children: list[tuple[str | int, Any]] = []
    if isinstance(data, dict):
        children = list(data.items())
    elif isinstance(data, list):
        children = list(enumerate(data))
    if not children:
        yield path, data
    for key, item in children:
        yield from _leaves(item, (*path, key))


def _settable(
    data: Any,  # noqa: ANN401 - YAML data
    node: Node | None,
    path: Path_,
) -> Iterator[tuple[Path_, Any]]:
    """Yield every value that --set can change alone.

    What a default puts into a list, or into a mapping in a section, can only be set as a whole.
    """
    is_open = node is not None or len(path) <= 1 or (isinstance(data, dict) and "value" in data)
    if isinstance(data, dict) and data and is_open:
        for key, item in data.items():
            yield from _settable(item, child(node, key) if node else None, (*path, key))
    elif isinstance(data, list) and data and node is not None and isinstance(node.value, list):
        for index, item in enumerate(data):
            yield from _settable(item, child(node, index), (*path, index))
    else:
        yield path, data


def _dotted(path: Path_, loaded: Loaded) -> str:
    """Return the path with list items by name."""
    here: Any = loaded.scenario.plain()
    words = []
    for step in path:
        here = here[step]
        named = isinstance(step, int) and isinstance(here, dict) and here.get("name")
        words.append(str(named or step))
    return ".".join(words)


def _origin(composed: Composed, path: Path_) -> str:
    """Return where a value was written; the schema's default if nowhere."""
    for length in range(len(path), 0, -1):
        origin = composed.origins.get(path[:length])
        if origin is None:
            continue
        # A mapping that was written does not make its unwritten keys written.
        if length < len(path) and isinstance(_at(composed.data, path[:length]), (dict, list)):
            break
        place = f"{origin.file}:{origin.line}" if origin.line else origin.file
        return place if origin.kind in ("file", "--set") else f"{place} ({origin.kind})"
    return "default"


def _at(data: Any, path: Path_) -> Any:  # noqa: ANN401 - YAML data
    for step in path:
        data = data[step]
    return data
