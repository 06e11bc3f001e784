"""Overrides such as `network.plants.main.suites=20`: one value set by its path."""

from __future__ import annotations

import re

from cartlogix.scenario.findings import suggest
from cartlogix.scenario.merge import merge, shown
from cartlogix.scenario.nodes import Key, Mark, Node, child, dotted, name_of, refuse
from cartlogix.scenario.short_forms import entered

_SEGMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."=]+)')


def split(text: str, mark: Mark) -> tuple[str, str]:
    """Split `path=value` at the first `=` outside double quotes.

    Raises:
        InvalidInput: if there is no `=` or no value.
    """
    found = re.match(r'((?:"(?:[^"\\]|\\.)*"|[^"=])*)=(.*)', text, re.DOTALL)
    if not found:
        refuse(mark, "", "this is not an override; write path=value")
    if not found[2].strip():
        refuse(mark, found[1], "the value is missing; write path=value, or path=null for nothing")
    return found[1].strip(), found[2]


def _steps(target: str, mark: Mark) -> list[str]:
    steps: list[str] = []
    at = 0
    while found := _SEGMENT.match(target, at):
        steps.append(found[2] or re.sub(r"\\(.)", r"\1", found[1] or ""))
        at = found.end()
        if at == len(target):
            return steps
        if target[at] != ".":
            break
        at += 1
    refuse(mark, "", f"'{target}' is not a path; write names with dots between them")


def override(root: Node, target: str, new: Node, log: list[str]) -> Node:
    """Return the tree with the value at a dotted path merged or replaced.

    Appends `key: old -> new` to `log`.

    Raises:
        InvalidInput: if the path leads nowhere; only its last key may be new.
    """
    old: list[Node] = []

    def change(node: Node, steps: list[str], path: tuple[Key, ...]) -> Node:
        step = _find(node, steps[0], new.mark, path)
        below = child(node, step)
        inner = (*path, step)
        if len(steps) > 1:
            # A section that nobody wrote yet begins empty; the schema judges its name.
            below = entered(below or Node({}, new.mark, new.mark), inner, steps[1])
            after = change(below, steps[1:], inner)
        else:
            old.extend([below] if below else [])
            after = new if below is None else merge(below, new, inner, [])
        if isinstance(node.value, dict):
            return Node({**node.value, step: after}, node.mark, node.key_mark)
        items = [after if index == step else item for index, item in enumerate(node.value)]
        return Node(items, node.mark, node.key_mark)

    changed = change(root, _steps(target, new.mark), ())
    before = shown(old[0]) if old else "(not set)"
    log.append(f"{target}: {before} -> {shown(new)}")
    return changed


def _find(node: Node, step: str, mark: Mark, path: tuple[Key, ...]) -> Key:
    """Return the key or index that a step of an override's path means."""
    known: list[str] = []
    if isinstance(node.value, dict):
        return step
    if isinstance(node.value, list):
        known = [name_of(item) or str(index) for index, item in enumerate(node.value)]
        if step in known:
            return known.index(step)
        if step.isascii() and step.isdigit() and len(step) < 7 and int(step) < len(known):
            return int(step)
    where = f"'{dotted(path)}'" if path else "the scenario"
    hint = suggest(step, known) or (f"; it has {', '.join(known[:12])}" if known else "")
    refuse(mark, dotted((*path, step)), f"there is no '{step}' in {where}{hint}")
