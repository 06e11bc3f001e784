"""The result folder: complete, readable, never lost, and the same bytes for the same seed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cartlogix.ground.errors import WriteFailed
from tests.cli.harness import TINY, call, hashes, results, strict_json, write_tiny


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three scenarios and the results of comparing them, with one job."""
    folder = tmp_path_factory.mktemp("study")
    network = "{{plants: [{{name: plant, resources: {{suites: {}}}}}], lanes: [{{time: 1 d}}]}}"
    write_tiny(folder)
    write_tiny(folder, "faster", network=network.format(9))
    write_tiny(folder, "busier", network=network.format(4))
    files = ("tiny.yaml", "faster.yaml", "busier.yaml")
    assert call("compare", *files, "--jobs", "1", "--out", "first", cwd=folder).code == 0
    return folder


def test_what_is_in_the_folder(home: Path) -> None:
    folder = home / "first"
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json", "results.json", "kpis.parquet", "summary.parquet", "differences.parquet",
        "report.html", "scenarios",
    }  # fmt: skip
    for path in folder.rglob("*.parquet"):
        pd.read_parquet(path)
    manifest = strict_json((folder / "manifest.json").read_text("utf-8"))
    assert manifest["status"] == "complete"
    assert manifest["wall_seconds"] > 0
    assert {"cartlogix", "simpy", "numpy", "pandas"} <= {*manifest["versions"]}
    assert [item["name"] for item in manifest["scenarios"]] == ["tiny", "faster", "busier"]
    for item in manifest["scenarios"]:
        assert item["seed"] == 5
        assert item["replications"] == 2
        assert len(item["digest"]) == 64
        assert (folder / item["folder"] / "scenario.resolved.yaml").is_file()
    recorded = {name for name in hashes(folder) if name.endswith((".parquet", ".json", ".yaml"))}
    assert {*manifest["files"]} == recorded - {"manifest.json"}
    assert manifest["failures"] == []


def test_results_json_agrees_with_the_tables(home: Path) -> None:
    folder = home / "first"
    data = strict_json((folder / "results.json").read_text("utf-8"))
    kpis = pd.read_parquet(folder / "kpis.parquet")
    tables = [folder / "scenarios" / name / "kpis.parquet" for name in ("tiny", "faster", "busier")]
    assert len(kpis) == sum(len(pd.read_parquet(path)) for path in tables)
    for scenario in data["scenarios"]:
        mine = kpis[kpis["scenario"] == scenario["name"]]
        assert sum(len(figure["values"]) for figure in scenario["kpis"]) == len(mine)
        for figure in scenario["kpis"]:
            assert len(figure["values"]) == 2
    assert len(data["summary"]) == len(pd.read_parquet(folder / "summary.parquet"))
    compared = {(row["a"], row["b"]) for row in data["differences"]}
    assert {("tiny", "faster"), ("tiny", "busier")} <= compared


def test_a_resolved_scenario_runs_to_the_same_results(home: Path) -> None:
    resolved = home / "first" / "scenarios" / "tiny" / "scenario.resolved.yaml"
    ran = call("run", resolved, "--jobs", "1", "--out", "again", cwd=home)
    assert (ran.code, ran.err) == (0, "")
    same = results(home / "again" / "scenarios" / "tiny")
    assert same == results(home / "first" / "scenarios" / "tiny")


def test_same_bytes_in_another_order_with_more_workers_and_another_name(home: Path) -> None:
    write_tiny(home, "renamed")
    files = ("busier.yaml", "renamed.yaml", "faster.yaml")
    ran = call("compare", *files, "--jobs", "2", "--out", "second", cwd=home)
    assert (ran.code, ran.err) == (0, "")
    first, second = home / "first" / "scenarios", home / "second" / "scenarios"
    for name, was in (("busier", "busier"), ("faster", "faster"), ("renamed", "tiny")):
        assert results(second / name) == results(first / was)
        assert len(results(second / name)) > 8
    manifests = [
        strict_json((home / run / "manifest.json").read_text("utf-8"))
        for run in ("first", "second")
    ]
    digests = [{item["name"]: item["digest"] for item in m["scenarios"]} for m in manifests]
    assert digests[1] == {
        "busier": digests[0]["busier"],
        "faster": digests[0]["faster"],
        "renamed": digests[0]["tiny"],
    }


def test_whole_study_again_has_the_same_bytes_and_force_replaces(home: Path) -> None:
    before = hashes(home / "first")
    arguments = ("tiny.yaml", "faster.yaml", "busier.yaml", "--jobs", "2", "--out", "first")
    refused = call("compare", *arguments, cwd=home)
    assert refused.code == 73
    assert "--force" in refused.err
    assert hashes(home / "first") == before
    assert call("compare", *arguments, "--force", cwd=home).code == 0
    assert results(home / "first") == {
        name: digest
        for name, digest in before.items()
        if name.endswith(".parquet") or name == "results.json"
    }
    assert not list(home.glob(".first*"))


def test_first_replications_of_more_are_the_same(home: Path) -> None:
    ran = call(
        "run", "tiny.yaml", "--replications", "3", "--jobs", "1", "--out", "more", cwd=home
    )  # fmt: skip
    assert ran.code == 0
    tables = sorted((home / "more" / "scenarios" / "tiny").glob("*.parquet"))
    assert len(tables) > 8
    for path in tables:
        more = pd.read_parquet(path)
        fewer = pd.read_parquet(home / "first" / "scenarios" / "tiny" / path.name)
        first = more[more["replication"] < 2].reset_index(drop=True)
        pd.testing.assert_frame_equal(first, fewer, check_exact=True)


def test_force_keeps_the_old_folder_until_the_new_one_is_complete(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hashes(home / "first")
    during: list[dict[str, str]] = []

    def fail(folder: Path) -> None:
        during.append(hashes(home / "first"))
        raise WriteFailed(f"cannot write {folder}: no space left on device")

    monkeypatch.setattr("cartlogix.cli.manner.write_page", fail)
    arguments = ("run", "tiny.yaml", "--jobs", "1", "--out", "first", "--force")
    assert call(*arguments, cwd=home).code == 74
    assert during == [before]
    assert hashes(home / "first") == before


SPELLINGS = {
    "other key order": lambda text: text.replace("name: tiny\n", "") + "name: tiny\n",
    "comments": lambda text: "# first\n" + text.replace("\n", "  # why\n"),
    "anchors": lambda text: text.replace("{time: 1 d,", "{time: &day 1 d,").replace(
        "{name: apheresis, duration: 1 d}", "{name: apheresis, duration: *day}"
    ),
    "floats": lambda text: (
        text.replace("amount: 10000", "amount: 1.0e+4")
        .replace("price: 1500", "price: 1500.00")
        .replace("1 d", "1.0 d")
        .replace("high: 9 d", "high: 9.00 d")
    ),
    "other units": lambda text: text.replace("time: 1 d", "time: 24 h"),
    "title, source and note": lambda text: text.replace(
        "name: tiny", "name: tiny\ntitle: Another title\ndescription: words"
    ).replace("amount: 10000", "amount: {value: 10000, source: a book, note: page 3}"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spelling_does_not_change_the_digest(tmp_path: Path, spelling: str) -> None:
    from cartlogix.scenario.loader import load

    plain, other = tmp_path / "plain.yaml", tmp_path / "other.yaml"
    plain.write_text(TINY, encoding="utf-8")
    text = SPELLINGS[spelling](TINY)
    assert text != TINY
    other.write_text(text, encoding="utf-8")
    assert load(other).scenario.digest() == load(plain).scenario.digest()


def test_what_matters_changes_the_digest(tmp_path: Path) -> None:
    from cartlogix.scenario.loader import load

    path = tmp_path / "plain.yaml"
    path.write_text(TINY, encoding="utf-8")
    changes = ["run.seed=6", "run.replications=3", "costs.lines.collection.amount=10001",
               "pathways.autologous.route.apheresis.duration=2 d"]  # fmt: skip
    digests = {load(path, [change]).scenario.digest() for change in changes}
    assert len(digests | {load(path).scenario.digest()}) == 5
