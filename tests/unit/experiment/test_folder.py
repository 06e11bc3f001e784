"""The result folder: names, atomic writes, the lock, and interrupted replacements."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartlogix.experiment.folder import (
    ResultFolder,
    digests,
    slug,
    write_json,
    write_text,
)
from cartlogix.ground.errors import OutputRefused, WriteFailed


@given(st.text(min_size=1, max_size=120))
def test_a_slug_is_a_safe_file_name(name: str) -> None:
    made = slug(name)
    assert 1 <= len(made) <= 49
    assert not set(made) - set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert made[0] != "-"


@given(st.sets(st.text(min_size=1, max_size=8), min_size=2, max_size=2))
def test_different_names_have_different_slugs(names: set[str]) -> None:
    a, b = names
    assert slug(a) != slug(b)


def test_slugs_are_readable() -> None:
    assert slug("off-the-shelf") == "off-the-shelf"
    assert slug("Größe 1").startswith("groe-1-")
    assert slug("数") == slug("数")


def test_writing_is_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(path, {"a": float("nan")})
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "half \ud800")
    assert path.read_text("utf-8") == '{\n "a": 1\n}\n'
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(WriteFailed, match="absent"):
        write_text(tmp_path / "absent" / "b.txt", "b")


def test_a_device_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_text(tmp_path / "pipe", "hello")
    assert os.read(reader, 100) == b"hello"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def _publish(folder: Path, text: str, *, force: bool = False) -> None:
    target = ResultFolder(folder, force=force)
    with target.building() as partial:
        write_text(partial / "manifest.json", text)
        target.publish()


def test_publish_then_replace(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    _publish(folder, "1")
    with pytest.raises(OutputRefused, match="use --force"):
        _publish(folder, "2")
    assert (folder / "manifest.json").read_text() == "1"
    _publish(folder, "2", force=True)
    assert (folder / "manifest.json").read_text() == "2"
    assert list(folder.parent.iterdir()) == [folder]


def test_what_is_not_published_is_kept_for_resume_only(tmp_path: Path) -> None:
    for resume, expected in ((True, ["begun"]), (False, [])):
        with pytest.raises(KeyError), ResultFolder(tmp_path / "out").building() as partial:
            write_text(partial / "begun", "")
            raise KeyError
        assert not (tmp_path / "out").exists()
        with ResultFolder(tmp_path / "out", resume=resume).building() as partial:
            assert [path.name for path in partial.iterdir()] == expected


@pytest.mark.parametrize("moved", [True, False])
def test_an_interrupted_replacement_is_undone(tmp_path: Path, moved: bool) -> None:
    _publish(tmp_path / "out", "1")
    (tmp_path / "out").rename(tmp_path / ".out.old")
    if moved:  # the new folder is in place; only the old one is left over
        _publish(tmp_path / "new", "2")
        (tmp_path / "new").rename(tmp_path / "out")
    with pytest.raises(OutputRefused, match="use --force"):
        _publish(tmp_path / "out", "3")
    assert (tmp_path / "out" / "manifest.json").read_text() == ("2" if moved else "1")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_lock_is_taken_away_by_its_holder_only(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with ResultFolder(folder).building():
        for _ in range(2):
            with (
                pytest.raises(OutputRefused, match=rf"is in use by pid {os.getpid()} on host"),
                ResultFolder(folder).building(),
            ):
                pass
    # The lock of a run that was killed is free: the system let it go.
    (tmp_path / ".out.lock").write_text("pid 1 on host elsewhere since 2020")
    _publish(folder, "1")
    descriptor = os.open(tmp_path / ".out.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(OutputRefused, match="in use by another run"):
        _publish(folder, "2", force=True)
    os.close(descriptor)


def test_digests_cover_tables_and_records_below(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    for name in ("scenarios/a.parquet", "results.json", "manifest.json", "report.html"):
        (tmp_path / name).write_text(name)
    found = digests(tmp_path)
    assert list(found) == ["results.json", "scenarios/a.parquet"]
    (tmp_path / "results.json").write_text("changed")
    assert digests(tmp_path)["results.json"] != found["results.json"]
