"""Hostile and awkward YAML files get an answer with a place and a remedy, fast."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.document import MAX_BYTES, read_document, read_value


def _read(folder: Path, text: str | bytes) -> Any:  # noqa: ANN401 - plain YAML data
    file = folder / "case.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_document(file, "case.yaml").data


def _findings(folder: Path, text: str | bytes) -> tuple[Finding, ...]:
    with pytest.raises(InvalidInput) as caught:
        _read(folder, text)
    return caught.value.findings


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12:30", "12:30"),
        ("12:30:00", "12:30:00"),
        ("no", "no"),
        ("on", "on"),
        ("2026-01-01", "2026-01-01"),
        ("1,5", "1,5"),
        ("10%", "10%"),
        ("1_000", "1_000"),
        ("=", "="),
        ("0b11", "0b11"),
        ("0x1F", 31),
        ("0o17", 15),
        ("-12", -12),
        ("+3", 3),
        ("1000000000000000", 10**15),
        ("1e3", 1000.0),
        ("1.0e3", 1000.0),
        ("1.0e+1", 10.0),
        (".5", 0.5),
        ("true", True),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"010"', "010"),
        ("'a'", "a"),
        ("! 12", "12"),
        ("!!str 12", "12"),
        ('!!int "3"', 3),
        ("!!float 3", 3.0),
        ("!!seq [1]", [1]),
        ("!!map {b: 1}", {"b": 1}),
        ("14 d", "14 d"),
    ],
)
def test_scalars_are_read_by_yaml_1_2(tmp_path: Path, written: str, value: object) -> None:
    read = _read(tmp_path, f"a: {written}\n")["a"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: !!python/object/apply:os.system [touch pwned]", 1, 4, "!!python/object/apply"),
        ("a: !!timestamp 2026-01-01", 1, 4, "tag '!!timestamp' is not allowed"),
        ("a: !mine 3", 1, 4, "tag '!mine' is not allowed"),
        ("a: !!int x", 1, 4, "does not fit the tag !!int"),
        ("a: &a [*a]", 1, 8, "refers to the value that contains it"),
        ("a: *b", 1, 4, "no anchor '&b'"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "written twice, first at line 1"),
        ("a: 1\n---\nb: 1\n", 2, 1, "second document"),
        ("", 1, 1, "empty"),
        ("# only\n# comments\n", 1, 1, "empty"),
        ("---\n", 2, 1, "the file is empty"),
        ("- 1\n- 2\n", 1, 1, "the top level must be a mapping of keys and values; found a list"),
        ("word\n", 1, 1, "found text"),
        ("a:\n\tb: 1\n", 2, 1, "tab"),
        ("a: 1\nb: x\0y\n", 2, 5, "U+0000"),
        ('a: "x\\0y"\n', 1, 4, "U+0000"),
        ('a: "\\ud800"\n', 1, 4, "U+D800"),
        ('a: "\\UFFFFFFFF"\n', 1, 1, "not valid YAML"),
        ("a: 010", 1, 4, "write 10 or 0o10"),
        ("a: 09", 1, 4, "write 9,"),
        ("a: -007", 1, 4, "write -7,"),
        ("a: .nan", 1, 4, "not a finite number"),
        ("a: -.inf", 1, 4, "not a finite number"),
        ("a: 1.0e+999", 1, 4, "not a finite number"),
        ("a: 1000000000000001", 1, 4, "10**15"),
        ("a: " + "9" * 5000, 1, 4, "10**15"),
        ("<<: {a: 1}", 1, 1, "merge keys"),
        ("1: x", 1, 1, 'write "1" in quotes'),
        ("true: x", 1, 1, "a key must be text"),
        ("? [a]\n: 1\n", 1, 3, "a key must be text"),
        ("a: b: c", 1, 5, "':' is not expected"),
        ("a: 1\n  b: 2\n", 2, 4, "':' is not expected"),
        ("a: [1, 2\n", 2, 1, "']' is missing"),
        ('a: "x\n', 2, 1, "closing quote"),
        ("a: @x", 1, 4, "put it in quotes"),
        ("a: 1\n- b\n", 2, 1, "check the indentation"),
        ("a: 'it's'", 1, 8, "check the indentation"),
        ("%YAML 3.0\n---\na: 1\n", 1, 1, "not valid YAML"),
    ],
)
def test_refusals_name_place_and_reason(
    tmp_path: Path, text: str, line: int, column: int, words: str
) -> None:
    found = _findings(tmp_path, text)[0]
    assert (found.file, found.line, found.column) == ("case.yaml", line, column)
    assert words in found.message
    assert "\n" not in str(found)


def test_all_findings_at_once_with_paths(tmp_path: Path) -> None:
    found = _findings(tmp_path, "a:\n  b: [1, .nan]\n  c: 010\nd: {e: 1, e: 2}\n")
    assert [(f.line, f.path) for f in found] == [(2, "a.b.1"), (3, "a.c"), (4, "d.e")]


def _alias_bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for n in range(1, 9):
        lines.append(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (_alias_bomb(), "aliases expanded"),
        ("a: " + "[" * 5000 + "]" * 5000, "nested deeper"),
        ("a: " + '["]",' * 5000, "nested deeper"),
        ("{a: " * 5000, "nested deeper"),
        ("\n".join(" " * n + "a:" for n in range(150)), "nested deeper"),
        ("- " * 5000, "nested deeper"),
        (
            "a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 120)),
            "nested deeper",
        ),
        (b"a: 1\n" + b"#" * 50_000_000, "larger than"),
    ],
    ids=["bomb", "lists", "hidden lists", "maps", "block", "dashes", "alias chain", "50 MB"],
)
def test_bombs_are_answered_within_a_second(tmp_path: Path, text: str | bytes, words: str) -> None:
    file = tmp_path / "case.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    start = time.process_time()
    with pytest.raises(InvalidInput, match=words):
        read_document(file)
    assert time.process_time() - start < 1
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput, match=words):
            read_document(file)
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()


def test_encodings(tmp_path: Path) -> None:
    assert _read(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: \xc3\xa4\r\n") == {"a": 1, "b": "ä"}
    assert "UTF-16" in _findings(tmp_path, "a: 1".encode("utf-16"))[0].message
    invalid = _findings(tmp_path, b"a: 1\nb: \xe4\n")[0]
    assert (invalid.line, invalid.column) == (2, 4)
    assert "UTF-8" in invalid.message
    with_marks = tmp_path / "crlf.yaml"
    with_marks.write_bytes(b"a: 1\r\nb: 2\r\n")
    assert read_document(with_marks).marks["b",][1:] == (2, 4)


def test_anchors_repeat_values(tmp_path: Path) -> None:
    text = "a: &x {law: gamma, shape: 9}\nb: *x\nc: [*x, *x]\n"
    gamma = {"law": "gamma", "shape": 9}
    data = _read(tmp_path, text)
    assert data == {"a": gamma, "b": gamma, "c": [gamma, gamma]}
    assert data["a"] is not data["b"]


def test_marks_of_values_and_keys(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text("a:\n  b: [10, 20]\n  c:\nd: x\n")
    document = read_document(file, "shown.yaml")
    assert document.marks["a", "b", 1] == ("shown.yaml", 2, 11)
    assert document.key_marks["a", "b"] == ("shown.yaml", 2, 3)
    assert document.marks["a", "c"] == ("shown.yaml", 3, 3)
    assert document.marks["d",] == ("shown.yaml", 4, 4)


def test_files_that_are_no_files(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path / "absent.yaml", "no such file"),
        (tmp_path, "a folder"),
        (Path("/dev/null"), "not a regular file"),
        (tmp_path / ("x" * 300), "cannot be read"),
        (Path("a\0b"), "cannot be read"),
    ):
        with pytest.raises(InvalidInput, match=words):
            read_document(path)


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    file = tmp_path / "secret.yaml"
    file.write_text("a: 1")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InvalidInput, match="cannot be read: Permission denied"):
        read_document(file)


def test_file_at_the_size_limit(tmp_path: Path) -> None:
    assert _read(tmp_path, b"a: 1\n#" + b"x" * (MAX_BYTES - 6)) == {"a": 1}


def test_single_values() -> None:
    assert read_value("700 /y", "--set a=700 /y").data() == "700 /y"
    assert read_value("{law: constant, value: 3}", "--set").data() == {
        "law": "constant",
        "value": 3,
    }
    with pytest.raises(InvalidInput) as caught:
        read_value("[1", "--set a=[1")
    assert (caught.value.findings[0].file, caught.value.findings[0].line) == ("--set a=[1", 0)


_ALPHABET = "ab1 0.:-?,[]{}&*!|>'\"%@#~<=\n\t\\eux/é\r\u2028"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=_ALPHABET, max_size=40) | st.binary(max_size=40))
def test_any_bytes_are_a_mapping_or_findings(
    tmp_path_factory: pytest.TempPathFactory, content: str | bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        data = read_document(file).data
    except InvalidInput as error:
        assert error.findings
        assert all(f.message and f.line >= 1 and f.column >= 1 for f in error.findings)
    else:
        assert isinstance(data, dict)
