"""Facts about the files themselves: small enough to read, and true on every machine."""

import ast
import re
import subprocess
from pathlib import Path

from tests.architecture.source import ROOT, parse

MODULE_LINES = 400
FUNCTION_LINES = 60

# Put together here, so that this file does not hold what it looks for.
HOSTS = [".".join(parts) for parts in [("pypi", "org"), ("files", "pythonhosted"),
                                       ("registry", "npmjs"), ("deb", "debian")]]  # fmt: skip
FOLDERS = [f"/{name}/" for name in ("work", "root", "tmp")]
# A folder of the same name inside an address or a relative path is somebody else's.
FORBIDDEN = re.compile("|".join([*map(re.escape, HOSTS), rf"(?<![\w.~-])(?:{'|'.join(FOLDERS)})"]))


def _python_files() -> list[Path]:
    return [path for path in _project_files() if path.suffix == ".py"]


def _project_files() -> list[Path]:
    """Files that are in git or about to be: everything that no ignore rule names."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout.split("\0")
    return [path for name in listed if name and (path := ROOT / name).is_file()]


def test_no_module_is_too_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in _python_files()
    }
    too_long = {name: lines for name, lines in lengths.items() if lines > MODULE_LINES}
    assert not too_long


def test_no_function_is_too_long() -> None:
    too_long = []
    for path in _python_files():
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    too_long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {lines}")
    assert not too_long


def test_no_registry_host_and_no_path_of_one_machine() -> None:
    found = []
    for path in _project_files():
        content = path.read_bytes()
        if b"\0" in content:
            continue  # not text
        lines = content.decode(errors="replace").splitlines()
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
            for number, line in enumerate(lines, start=1)
            if FORBIDDEN.search(line)
        ]
    assert not found


def test_the_search_for_machine_facts_finds_them() -> None:
    for needle in [*HOSTS, *FOLDERS]:
        assert FORBIDDEN.search(f"see {needle}thing")
    assert not FORBIDDEN.search(f"an address.example{FOLDERS[0]}page")
