"""Hostile names and odd output folders: nothing outside the output folder ever changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cartlogix.experiment.folder import slug
from tests.cli.harness import call, hashes, strict_json, write_tiny

HOSTILE = [
    "../../etc/x", "/etc/x", "a/b", "..", ".", "CON", "ends in a dot.", "ends in a space ",
    "x" * 300, "-rf", "\u202egnp.exe", "naïve 数",
]  # fmt: skip


def test_hostile_scenario_names_stay_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How the page shows such names is looked at in a browser; it is slow with so many.
    monkeypatch.setattr("cartlogix.cli.manner.write_page", lambda folder: folder)
    home = tmp_path / "home"
    home.mkdir()
    files = []
    for number, name in enumerate(HOSTILE):
        path = write_tiny(home, f"n{number}")
        text = path.read_text("utf-8").replace(f"name: n{number}", f"name: {json.dumps(name)}", 1)
        path.write_text(text, encoding="utf-8")
        files.append(path)
    outside = hashes(tmp_path)
    arguments = ("--jobs", "1", "--replications", "1", "--out", "out")
    ran = call("compare", *files, *arguments, cwd=home)
    assert ran.code == 0, ran.err
    after = hashes(tmp_path)
    new = {name for name in after if name not in outside}
    assert new
    assert all(name.startswith("home/out") for name in new)
    assert {name: after[name] for name in outside} == outside
    manifest = strict_json((home / "out" / "manifest.json").read_text("utf-8"))
    assert [item["name"] for item in manifest["scenarios"]] == HOSTILE
    folders = [item["folder"] for item in manifest["scenarios"]]
    assert len({folder.casefold() for folder in folders}) == len(HOSTILE)
    for folder in folders:
        assert (home / "out" / folder).resolve().is_relative_to((home / "out").resolve())
        assert (home / "out" / folder).is_dir()


def test_a_hostile_name_alone_names_a_folder_in_reports(tmp_path: Path) -> None:
    path = write_tiny(tmp_path)
    path.write_text(path.read_text("utf-8").replace("name: tiny", "name: ../../x", 1), "utf-8")
    ran = call("run", "tiny.yaml", "--jobs", "1", "--replications", "1", cwd=tmp_path)
    assert ran.code == 0
    assert {found.name for found in tmp_path.iterdir()} == {"tiny.yaml", "reports"}
    assert [found.name for found in (tmp_path / "reports").iterdir()] == [slug("../../x")]


def test_names_with_control_characters_are_refused(tmp_path: Path) -> None:
    path = write_tiny(tmp_path)
    path.write_text(path.read_text("utf-8").replace("name: tiny", 'name: "a\\0b"', 1), "utf-8")
    before = hashes(tmp_path)
    assert call("run", "tiny.yaml", cwd=tmp_path).code == 2
    assert hashes(tmp_path) == before


@pytest.mark.parametrize(("a", "b"), [("Same", "same"), ("twin", "twin"), ("a b", slug("a b"))])
def test_names_that_collide_are_refused(tmp_path: Path, a: str, b: str) -> None:
    first, second = write_tiny(tmp_path, "first"), write_tiny(tmp_path, "second")
    first.write_text(first.read_text("utf-8").replace("name: first", f"name: {a}", 1), "utf-8")
    second.write_text(second.read_text("utf-8").replace("name: second", f"name: {b}", 1), "utf-8")
    before = hashes(tmp_path)
    ran = call("compare", "first.yaml", "second.yaml", cwd=tmp_path)
    assert ran.code == 2
    assert ran.err.startswith("second.yaml: name: the scenario name")
    assert hashes(tmp_path) == before


def test_output_folders_that_are_refused(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    (tmp_path / "file").write_text("mine", "utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", "utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "mine", target_is_directory=True)
    (tmp_path / "here").mkdir()
    refused = {
        "file": "is not a folder",
        "file/below": "cannot use",
        "link": "is not a folder",
        "mine": "is not a result folder",
        ".": "is the current folder",
        "..": "is the current folder",
        "x" * 300: "cannot use",
    }
    before = hashes(tmp_path)
    for out, words in refused.items():
        for force in ((), ("--force",)):
            ran = call("run", "tiny.yaml", "--jobs", "1", "--out", out, *force, cwd=tmp_path)
            assert ran.code == 73, (out, ran)
            assert words in ran.err
            assert ran.err.count("\n") == 1
    ran = call("run", "../tiny.yaml", "--jobs", "1", "--out", ".", cwd=tmp_path / "here")
    assert ran.code == 73
    assert "is the current folder" in ran.err
    assert hashes(tmp_path) == before


def test_output_folders_with_spaces_accents_and_links_above(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "real" / "empty").mkdir()
    for out in ("new/ein Ordner – größer 数", "link/empty"):
        arguments = ("--jobs", "1", "--replications", "1", "--out", out)
        ran = call("run", "tiny.yaml", *arguments, cwd=tmp_path)
        assert ran.code == 0, ran
        assert f"Report: {out}/report.html" in ran.out
        assert (tmp_path / out / "report.html").is_file()
        assert not list((tmp_path / out).parent.glob(".*"))


def test_read_only_output_folder(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    try:
        (locked / "probe").touch()
    except PermissionError:
        ran = call("run", "tiny.yaml", "--jobs", "1", "--out", "locked/out", cwd=tmp_path)
        assert ran.code == 73
        assert "Permission denied" in ran.err
    else:
        pytest.skip("this user may write to read-only folders (root)")
