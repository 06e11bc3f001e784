"""Short forms as the mappings and lists that they stand for, so that paths lead into them.

The schema reads `suites: 6` as a resource of that capacity and `{time: 1 d}` in a lane as its only
mode. Here the same is done to the composed tree, where each value still knows its place.
"""

from __future__ import annotations

from cartlogix.scenario.network import MODE_KEYS
from cartlogix.scenario.nodes import Key, Node

_WORDS = {
    "ship": "to",
    "draw": "stock",
    "then": "action",
    "exhausted": "action",
    "supplied_by": "stock",
}
"""What the only word of a short form says."""
_LISTS = ("needs", "then", "stock")
_OF_QUANTITY = ("value", "source", "note")


def long_form(node: Node, path: tuple[Key, ...]) -> Node:
    """Return a value as the mapping or list that it stands for; the same value if it is none."""
    key, above = (path[-1] if path else ""), (path[-2] if len(path) > 1 else "")
    if above == "resources" and (node.value is None or isinstance(node.value, int)):
        return _wrapped(node, "capacity")
    if above == "lanes" and isinstance(node.value, dict) and "modes" not in node.value:
        return _lane(node)
    listed = key in _LISTS and (key != "stock" or above == "draw")
    if listed and not isinstance(node.value, list) and _has_any(node):
        node = Node([node], node.mark, node.key_mark)
    if key in ("needs", "then") and isinstance(node.value, list):
        word = "name" if key == "needs" else "action"
        items = [_wrapped(item, word) if _is_text(item) else item for item in node.value]
        return Node(items, node.mark, node.key_mark)
    if key in _WORDS and _is_text(node):
        return _wrapped(node, _WORDS[str(key)])
    return node


def long_forms(node: Node, path: tuple[Key, ...] = ()) -> Node:
    """Return a whole tree in long form."""
    node = long_form(node, path)
    if isinstance(node.value, dict):
        items = {key: long_forms(item, (*path, key)) for key, item in node.value.items()}
        return Node(items, node.mark, node.key_mark)
    if isinstance(node.value, list):
        listed = [long_forms(item, (*path, index)) for index, item in enumerate(node.value)]
        return Node(listed, node.mark, node.key_mark)
    return node


def _lane(node: Node) -> Node:
    mode = {key: item for key, item in node.value.items() if key in MODE_KEYS}
    if not mode:
        return node
    rest = {key: item for key, item in node.value.items() if key not in mode}
    first = next(iter(mode.values()))
    modes = Node([Node(mode, first.mark, first.key_mark)], first.mark, first.key_mark)
    return Node({**rest, "modes": modes}, node.mark, node.key_mark)


def entered(node: Node, path: tuple[Key, ...], step: str) -> Node:
    """Return a value in the form that has `step`, the next key of a path that leads into it.

    A quantity written as its bare value is one with `value`, and may be given `source` or `note`.
    """
    whole = long_form(node, path)
    if isinstance(node.value, dict) and isinstance(whole.value, dict) and step not in whole.value:
        return node
    bare = isinstance(whole.value, str | int | float)
    return _wrapped(whole, "value") if bare and step in _OF_QUANTITY else whole


def _wrapped(node: Node, key: str) -> Node:
    return Node({key: node}, node.mark, node.key_mark)


def _is_text(node: Node) -> bool:
    return isinstance(node.value, str)


def _has_any(node: Node) -> bool:
    return isinstance(node.value, str | dict)
