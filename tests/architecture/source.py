"""The source tree as data: modules, and what each of them imports, read without running it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "cartlogix"


@dataclass(frozen=True)
class Import:
    """One imported module, wherever in the file the statement stands.

    `target` is the module that the statement loads (`from a.b import c` loads `a.b.c` if that is a
    module, else `a.b`); `name` is what is taken out of it, None for the module itself.
    """

    importer: str
    target: str
    name: str | None
    line: int
    typing_only: bool

    def __str__(self) -> str:
        what = f"{self.name} from {self.target}" if self.name else self.target
        return f"{self.importer}:{self.line} imports {what}"


def module_name(path: Path) -> str:
    """Dotted name of a file; a package is named by its `__init__`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    """Every module of the package, by dotted name."""
    return {module_name(path): path for path in sorted((ROOT / PACKAGE).rglob("*.py"))}


@cache
def modules_of_tests() -> dict[str, Path]:
    """Every Python file under tests, by dotted name."""
    return {module_name(path): path for path in sorted((ROOT / "tests").rglob("*.py"))}


@cache
def parse(path: Path) -> ast.Module:
    """Syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def part_of(module: str) -> str:
    """The part of the package a module belongs to: `sim` for cartlogix.sim.pool."""
    return module.split(".")[1] if "." in module else module


def imports(module: str, path: Path) -> Iterator[Import]:
    """Every import statement of a file, inside functions and type-checking blocks too."""
    tree = parse(path)
    found: Iterator[tuple[str, str | None]]
    typing_only = {id(node) for block in _typing_blocks(tree) for node in ast.walk(block)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = iter([(alias.name, None) for alias in node.names])
        elif isinstance(node, ast.ImportFrom):
            found = _from_targets(node, module, path)
        else:
            continue
        for target, name in found:
            yield Import(module, target, name, node.lineno, id(node) in typing_only)


def own_imports(module: str, path: Path) -> Iterator[Import]:
    """The imports that stay inside the package."""
    return (found for found in imports(module, path) if found.target.split(".")[0] == PACKAGE)


def mentioned_modules(path: Path) -> set[str]:
    """Modules of the package that a file names in a string, as lazy loading by name does."""
    strings = {node.value for node in ast.walk(parse(path)) if isinstance(node, ast.Constant)}
    return {value for value in strings if isinstance(value, str)} & modules().keys()


def _from_targets(
    node: ast.ImportFrom, module: str, path: Path
) -> Iterator[tuple[str, str | None]]:
    base = node.module or ""
    if node.level:
        package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
        kept = package[: len(package) - node.level + 1]
        base = ".".join([*kept, *filter(None, [node.module])])
    for alias in node.names:
        submodule = f"{base}.{alias.name}"
        yield (submodule, None) if submodule in modules() else (base, alias.name)


def _typing_blocks(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from node.body
