"""Every command: what it prints where, and the code with which it ends."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from cartlogix.cli.main import app
from cartlogix.ground.errors import EXIT_CODES
from tests.cli.harness import ROOT, call, hashes, spawn, write_tiny

COMMANDS = (
    "demo", "new", "validate", "show", "diff", "schema", "run", "compare", "sweep",
    "sensitivity", "design", "schedule", "slot-policy", "stock-levels", "report", "rerun",
    "forecast", "selftest",
)  # fmt: skip


def test_help_of_every_command(tmp_path: Path) -> None:
    callbacks = [command.callback for command in app.registered_commands if command.callback]
    assert [callback.__name__.replace("_", "-") for callback in callbacks] == list(COMMANDS)
    whole = call("--help", cwd=tmp_path)
    assert whole.code == 0
    assert not whole.err
    for code, meaning in EXIT_CODES.items():
        assert f"{code} {meaning.split(';')[0]}" in " ".join(whole.out.split())
    for command in COMMANDS:
        ran = call(command, "--help", cwd=tmp_path)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith("Usage: ")
        assert re.search(rf"^  {command} ", whole.out, re.MULTILINE)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Usage"),
        (("run",), "Missing argument"),
        (("fly",), "No such command"),
        (("run", "tiny.yaml", "--fast"), "No such option"),
        (("run", "absent.yaml"), "absent.yaml: there is no such file"),
        (("run", "*.yml"), "there is no such file"),
        (("run", "."), "this is a folder; name the YAML file in it"),
        (("validate", "absent.yaml", "gone.yaml"), "gone.yaml: there is no such file"),
        (("show", "absent.yaml"), "there is no such file"),
        (("diff", "tiny.yaml", "absent.yaml"), "absent.yaml: there is no such file"),
        (("run", "tiny.yaml", "--seed", "-1"), "--seed"),
        (("run", "tiny.yaml", "--seed", "one"), "--seed"),
        (("run", "tiny.yaml", "--jobs", "0"), "--jobs"),
        (("run", "tiny.yaml", "--replications", "0"), "--replications"),
        (("run", "tiny.yaml", "--set", "run.replication=3"), "replication"),
        (("run", "tiny.yaml", "--set", "run.seed"), "run.seed"),
        (("report", "absent"), "not a complete result folder"),
    ],
)
def test_bad_arguments_end_with_2(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    write_tiny(tmp_path)
    before = hashes(tmp_path)
    ran = call(*arguments, cwd=tmp_path)
    assert ran.code == 2, ran
    assert words in ran.err + ran.out
    assert "Errno" not in ran.err
    assert hashes(tmp_path) == before


def test_python_m_and_findings_of_several_files_at_once(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    (tmp_path / "typo.yaml").write_text(
        "extends: tiny.yaml\nrun:\n  seeds: 3\n  enrolment: 30\n", encoding="utf-8"
    )
    (tmp_path / "tab.yaml").write_text("name: x\n\tdemand: 1\n", encoding="utf-8")
    (tmp_path / "double.yaml").write_text("name: x\nname: y\n", encoding="utf-8")
    before = hashes(tmp_path)
    files = ("tiny.yaml", "typo.yaml", "tab.yaml", "double.yaml")
    ran = spawn("validate", *files, cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    lines = ran.err.splitlines()
    assert len(lines) >= 4
    for line in lines:
        assert re.match(r"\w+\.yaml:\d+:\d+: (?:[\w.]+: )?\S", line)
    assert any(re.match(r"typo\.yaml:3:3: run\.seeds: .*did you mean 'seed'", li) for li in lines)
    assert any(re.match(r"typo\.yaml:4:14: run\.enrolment: ", line) for line in lines)
    assert any(line.startswith("tab.yaml:2:1: ") for line in lines)
    assert any(line.startswith("double.yaml:2:1: name: ") for line in lines)
    assert hashes(tmp_path) == before

    listed = call("validate", *files, "--json", cwd=tmp_path)
    assert listed.code == 2
    assert {item["file"] for item in listed.json} == set(files) - {"tiny.yaml"}
    assert len(listed.json) == len(lines)
    assert {*listed.json[0]} == {"file", "line", "column", "path", "message", "severity"}


def test_validate_says_what_is_valid(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    ran = call("validate", "tiny.yaml", "tiny.yaml", cwd=tmp_path)
    assert (ran.code, ran.out, ran.err) == (0, "2 files valid\n", "")
    assert call("validate", "tiny.yaml", "--json", cwd=tmp_path).json == []


def test_show_names_the_origin_of_every_value(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    (tmp_path / "child.yaml").write_text(
        "extends: tiny.yaml\nname: child\nrun: {replications: 3}\n", encoding="utf-8"
    )
    ran = call("show", "child.yaml", "--set", "run.seed=9", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    lines = dict(line.split(" = ", 1) for line in ran.out.splitlines() if " = " in line)
    assert lines["name"] == '"child"  # child.yaml:2'
    assert lines["run.replications"] == "3  # child.yaml:3"
    assert lines["run.seed"] == "9  # --set run.seed=9"
    assert re.fullmatch(r'"30 d"  # tiny\.yaml:\d+ \(extends\)', lines["run.enrolment.value"])
    assert lines["run.drain"] == '"until_done"  # default'
    need = lines["pathways.autologous.route.manufacture.needs.suites.name"]
    assert re.fullmatch(r'"suites"  # tiny\.yaml:\d+ \(extends\)', need)  # a short form
    assert "# override run.seed: 5 -> 9" in ran.out
    rows = call("show", "child.yaml", "--json", cwd=tmp_path).json
    assert {"path": "run.replications", "value": 3, "origin": "child.yaml:3"} in rows


def test_diff_prints_what_differs(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    write_tiny(tmp_path, "other", run="{enrolment: 30 d, replications: 4, seed: 5}")
    ran = call("diff", "tiny.yaml", "other.yaml", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == ['name: "tiny" -> "other"', "run.replications: 2 -> 4"]
    changes = call("diff", "tiny.yaml", "other.yaml", "--json", cwd=tmp_path).json
    assert {"path": "run.replications", "a": 2, "b": 4} in changes
    same = call("diff", "tiny.yaml", "tiny.yaml", cwd=tmp_path)
    assert (same.code, same.out) == (0, "the resolved scenarios are equal\n")


def _plain(path: Path) -> Any:  # noqa: ANN401 - YAML data
    # YAML 1.2, so that dates stay text, as cartlogix itself reads them.
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.yaml_constructors.pop("tag:yaml.org,2002:timestamp")
    yaml.constructor.add_constructor(
        "tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node)
    )
    return yaml.load(path)


def test_schema_accepts_the_shipped_configs(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    scenario = call("schema", cwd=tmp_path).json
    experiment = call("schema", "--experiment", cwd=tmp_path).json
    schedule = call("schema", "--schedule", cwd=tmp_path).json
    for schema in (scenario, experiment, schedule):
        Draft202012Validator.check_schema(schema)
    configs = ROOT / "configs"
    files = {
        **dict.fromkeys(configs.rglob("*.yaml"), scenario),
        **dict.fromkeys((ROOT / "tests" / "oracle").rglob("*.yaml"), scenario),
        **dict.fromkeys((configs / "experiments").glob("*.yaml"), experiment),
        **dict.fromkeys((configs / "schedules").glob("*.yaml"), schedule),
        tmp_path / "tiny.yaml": scenario,
    }
    assert len(files) > 20
    found = [
        f"{path.name}: {error.json_path}: {error.message[:200]}"
        for path, schema in files.items()
        for error in Draft202012Validator(schema).iter_errors(_plain(path))
    ]
    assert not found
    wrong = {**_plain(tmp_path / "tiny.yaml"), "runs": {}}
    assert not Draft202012Validator(scenario).is_valid(wrong)


def test_new_writes_a_starter_that_is_valid(tmp_path: Path) -> None:
    ran = call("new", "my first", cwd=tmp_path)
    assert ran.code == 0
    assert "my first" in ran.out
    before = hashes(tmp_path)
    files = [str(path) for path in (tmp_path / "my first").glob("*.yaml")]
    assert call("validate", *files, cwd=tmp_path).code == 0
    again = call("new", "my first", cwd=tmp_path)
    assert again.code == 73
    assert "exists and is not empty" in again.err
    (tmp_path / "a file").write_text("mine", encoding="utf-8")
    assert call("new", "a file", cwd=tmp_path).code == 73
    assert {k: v for k, v in hashes(tmp_path).items() if k != "a file"} == before


def test_dry_run_estimates_and_writes_nothing(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    before = hashes(tmp_path)
    ran = call("run", "tiny.yaml", "--dry-run", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    header, rule, row, blank, total = ran.out.splitlines()
    assert len(header) == len(rule) == len(row)  # aligned
    assert row.split()[:2] == ["tiny", "2"]
    assert not blank
    assert re.match(r"1 run, 2 replications, about [\d,]+ events: about \d+ s in \d+ proc", total)
    found = call("run", "tiny.yaml", "--dry-run", "--json", cwd=tmp_path).json
    (run,) = found["runs"]
    assert (run["scenario"], run["replications"]) == ("tiny", 2)
    assert found["total"]["events"] == run["events"] > 0
    assert found["total"]["at_most"] is False
    assert hashes(tmp_path) == before


def test_compare_and_run_print_headlines_and_name_the_report(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    write_tiny(tmp_path, "other", run="{enrolment: 30 d, replications: 2, seed: 5}")
    ran = call("compare", "tiny.yaml", "other.yaml", "--jobs", "1", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "Mean (95 % interval) over 2 replications, all patients"
    assert lines[1].split() == ["tiny", "other"]
    table = lines[2 : lines.index("")]
    assert len({len(line) for line in table}) == 1  # aligned to the right
    assert "nan" not in ran.out.lower()
    page = tmp_path / lines[-1].removeprefix("Report: ")
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")

    elsewhere = call("report", page.parent, "--out", "page.html", cwd=tmp_path)
    assert (elsewhere.code, elsewhere.out, elsewhere.err) == (0, "page.html\n", "")
    assert (tmp_path / "page.html").read_bytes() == page.read_bytes()
    inside = call("report", page.parent, "--out", "some/new/page.html", cwd=tmp_path)
    assert (inside.code, inside.out, inside.err) == (0, "some/new/page.html\n", "")
    assert (tmp_path / "some" / "new" / "page.html").read_bytes() == page.read_bytes()


def test_one_replication_has_means_and_no_intervals(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    arguments = ("run", "tiny.yaml", "--jobs", "1", "--replications", "1", "--out", "out")
    ran = call(*arguments, "--json", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    infused = next(
        row
        for row in ran.json["summary"]
        if (row["kpi"], row["group"], row["indication"])
        == ("enrolment_to_infusion.mean", "", "all")
    )
    assert infused["mean"] > 8
    assert infused["n"] == 1
    assert infused["low"] is None
    assert infused["high"] is None
    text = call(*arguments, "--force", cwd=tmp_path).out
    assert re.search(r"^Enrolment to infusion, mean \[d\] +[\d.]+$", text, re.MULTILINE)
    assert text.startswith("The one replication (no interval), all patients\n")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "interval" in page
    write_tiny(tmp_path, "other", pathways="[{name: one, modality: autologous, route: "
               "[{name: manufacture, needs: suites, duration: 20 d}, {name: infusion}]}]",
               costs="{}")  # fmt: skip
    both = call("compare", "tiny.yaml", "other.yaml", *arguments[2:], "--force", cwd=tmp_path)
    assert "(no interval: one replication cannot tell whether they differ)" in both.out
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "One replication cannot tell whether other and tiny differ" in page
    assert "slower than tiny" not in page
