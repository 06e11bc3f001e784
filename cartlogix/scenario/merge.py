"""How a later layer changes an earlier one.

- Mappings merge key by key; any other value replaces what was there, `null` included.
- Lists in which every item has a `name` merge by name: an item with a known name merges into it,
  a new one is added at the end, or where `before: y` says, and `{name: x, remove: true}` takes `x`
  out. All other lists are replaced.
- A mapping that writes a quantity (it has `law` or `value`) is replaced whole, or a `constant`
  over a `gamma` would inherit its parameters. For the same reason a mapping whose `process` or
  `rule` changes is replaced whole.
- A bare number over a resource changes its capacity only: `suites: 3` keeps the changeover.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from cartlogix.scenario.findings import suggest
from cartlogix.scenario.nodes import Key, Node, dotted, name_of, refuse

_QUANTITY = ("law", "value")
_CHOICE = ("process", "rule")


def merge(base: Node, over: Node, path: tuple[Key, ...], log: list[str]) -> Node:
    """Return `base` changed by `over`, by the rules above.

    Appends `key: old -> new` to `log` for every value that was there and is another one now.
    """
    old, new = base.value, over.value
    if isinstance(old, dict) and isinstance(new, dict) and not _replaces(old, new):
        merged = dict(old)
        for key, node in new.items():
            merged[key] = merge(old[key], node, (*path, key), log) if key in old else node
        return Node(merged, over.mark, over.key_mark)
    if isinstance(old, dict) and "capacity" in old and (new is None or isinstance(new, int)):
        capacity = merge(old["capacity"], over, (*path, "capacity"), log)
        return Node({**old, "capacity": capacity}, over.mark, over.key_mark)
    if _are_named(old) and _are_named(new):
        return Node(_merge_named(old, new, path, log), over.mark, over.key_mark)
    if base.data() != over.data():
        log.append(f"{dotted(path)}: {shown(base)} -> {shown(over)}")
    return over


def shown(node: Node) -> str:
    """Return a value for the log of overrides, on one line that is not too long."""
    value = node.data()
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"


def _replaces(old: Mapping[str, Node], new: Mapping[str, Node]) -> bool:
    if any(key in old or key in new for key in _QUANTITY):
        return True
    return any(key in new and key in old and new[key].value != old[key].value for key in _CHOICE)


def _are_named(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(name_of(item) for item in value)


def _merge_named(
    old: list[Node], new: list[Node], path: tuple[Key, ...], log: list[str]
) -> list[Node]:
    names = [name_of(item) for item in old]
    twice = [name for name, times in Counter(name_of(item) for item in new).items() if times > 1]
    merged: list[Node | None] = list(old)
    placed: list[tuple[Node, str]] = []
    for item in new:
        name = name_of(item)
        where = dotted((*path, str(name)))
        if name in twice:
            refuse(item.mark, where, f"two items are named '{name}'; names must differ")
        at = names.index(name) if name in names else None
        if "remove" in item.value:
            if set(item.value) != {"name", "remove"} or item.value["remove"].value is not True:
                refuse(item.mark, where, "an item to take out is just {name: ..., remove: true}")
            if at is None:
                hint = suggest(str(name), [known for known in names if known])
                refuse(item.mark, where, f"there is no item '{name}' to take out{hint}")
            log.append(f"{where}: {shown(old[at])} -> (removed)")
            merged[at] = None
        elif "before" in item.value:
            placed.append((item, where))
        elif at is None:
            merged.append(item)
        else:
            merged[at] = merge(old[at], item, (*path, str(name)), log)
    for item, where in placed:
        _insert(merged, item, where)
    return [item for item in merged if item is not None]


def _insert(merged: list[Node | None], item: Node, where: str) -> None:
    """Put a new item before the one that it names."""
    name, key = name_of(item), item.value["before"]
    known = [name_of(other) for other in merged if other is not None]
    if name in known:
        refuse(key.mark, where, f"'{name}' is there already: 'before' is for a new item")
    if key.value not in known:
        hint = suggest(str(key.value), [other for other in known if other])
        refuse(key.mark, where, f"there is no item '{key.value}' to stand before{hint}")
    at = next(i for i, m in enumerate(merged) if m is not None and name_of(m) == key.value)
    rest = {word: node for word, node in item.value.items() if word != "before"}
    merged.insert(at, Node(rest, item.mark, item.key_mark))
