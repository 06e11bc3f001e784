"""The floors: imports go down only, one library has one door, and nothing is left unused."""

import ast
from graphlib import CycleError, TopologicalSorter

from tests.architecture.source import (
    PACKAGE,
    Import,
    imports,
    mentioned_modules,
    modules,
    modules_of_tests,
    own_imports,
    parse,
    part_of,
)

# A part may import only from parts on a lower floor, and from itself.
FLOORS = {
    "ground": 0,
    "scenario": 1,
    "scheduling": 1,
    "trace": 1,
    "analysis": 2,
    "cohort": 2,
    "pathways": 2,
    "sim": 3,
    "board": 4,
    "policies": 4,
    "experiment": 5,
    "report": 6,
    "cli": 7,
    PACKAGE: 8,  # the public names, above all
    "__main__": 8,
}

# Libraries that only the parts named here may load.
DOORS = {
    "SALib": {"experiment"},
    "concurrent": {"experiment"},
    "distributed": {"experiment"},
    "jinja2": {"report"},
    "multiprocessing": {"experiment"},
    "openpyxl": {"scenario"},
    "optuna": {"experiment"},
    "ortools": {"scheduling"},
    "pandas": {"analysis", "experiment", "report", "trace"},
    "plotly": {"report"},
    "ruamel": {"scenario"},
    "simpy": {"sim"},
    "typer": {"cli"},
}


def _all_own_imports() -> list[Import]:
    return [found for name, path in modules().items() for found in own_imports(name, path)]


def test_every_part_has_a_floor() -> None:
    missing = {part_of(name) for name in modules()} - FLOORS.keys()
    assert not missing


def test_every_import_exists() -> None:
    wrong = [str(found) for found in _all_own_imports() if found.target not in modules()]
    assert not wrong


def test_imports_go_down_only() -> None:
    wrong = [
        str(found)
        for found in _all_own_imports()
        if part_of(found.importer) != part_of(found.target)
        and FLOORS[part_of(found.importer)] <= FLOORS[part_of(found.target)]
    ]
    assert not wrong


def test_no_import_cycle() -> None:
    graph: dict[str, set[str]] = {name: set() for name in modules()}
    for found in _all_own_imports():
        graph[found.importer].add(found.target)
    cycle: list[str] = []
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = error.args[1]
    assert not cycle


def test_names_come_from_the_file_that_defines_them() -> None:
    wrong = [
        str(found)
        for found in _all_own_imports()
        if found.name
        and found.target in modules()
        and (
            modules()[found.target].name == "__init__.py"
            or found.name in _imported_names(found.target)
        )
    ]
    assert not wrong


def _imported_names(module: str) -> set[str]:
    statements = [
        node
        for node in ast.walk(parse(modules()[module]))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return {alias.asname or alias.name for node in statements for alias in node.names}


def test_each_library_has_one_door() -> None:
    wrong = [
        str(found)
        for name, path in modules().items()
        for found in imports(name, path)
        if not found.typing_only
        and part_of(name) not in DOORS.get(found.target.split(".")[0], {part_of(name)})
    ]
    assert not wrong


def test_package_inits_hold_only_a_docstring() -> None:
    wrong = []
    for name, path in modules().items():
        if path.name == "__init__.py" and name != PACKAGE:
            tree = parse(path)
            if ast.get_docstring(tree) is None or len(tree.body) > 1:
                wrong.append(name)
    assert not wrong


def test_every_module_is_used() -> None:
    roots = {name for name in modules() if part_of(name) in {PACKAGE, "__main__", "cli"}}
    for name, path in modules_of_tests().items():
        roots |= {found.target for found in own_imports(name, path)} | mentioned_modules(path)
    reached: set[str] = set()
    waiting = roots & modules().keys()
    while waiting:
        name = waiting.pop()
        reached.add(name)
        reached |= {parent for parent in _parents(name) if parent in modules()}
        path = modules()[name]
        found = {one.target for one in own_imports(name, path)} | mentioned_modules(path)
        waiting |= (found & modules().keys()) - reached
    unused = sorted(modules().keys() - reached)
    assert not unused


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]
