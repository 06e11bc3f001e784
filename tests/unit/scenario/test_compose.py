"""Composition: precedence, merging, provenance, and refusals with a place and a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.compose import compose


def _write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder / "top.yaml"


def _finding(path: Path, *overrides: str, root: Path | None = None) -> Finding:
    with pytest.raises(InvalidInput) as caught:
        compose(path, overrides, root)
    return caught.value.findings[0]


def test_precedence_in_one_sentence(tmp_path: Path) -> None:
    top = _write(
        tmp_path,
        first="{a: 1, b: 1, c: 1, d: 1, e: 1}",
        second="{b: 2, c: 2, d: 2, e: 2}",
        top="extends: [first.yaml, second.yaml]\nc: 3\nd: 3\ne: 3\n",
    )
    composed = compose(top, ["e=5"], factors={"d": 4, "e": 4})
    assert composed.data == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}
    kinds = {path[0]: origin.kind for path, origin in composed.origins.items() if path}
    assert kinds == {"a": "extends", "b": "extends", "c": "file", "d": "factor", "e": "--set"}
    extended = [f"{key}: 1 -> 2" for key in "bcde"] + [f"{key}: 2 -> 3" for key in "cde"]
    assert composed.overrides == (*extended, "d: 3 -> 4", "e: 3 -> 4", "e: 4 -> 5")


def test_what_extended_files_change_of_each_other_is_logged(tmp_path: Path) -> None:
    lines = "costs: {lines: [{name: qc, amount: 100, of: [a]}, {name: %s, amount: 1}]}\n"
    lanes = "network: {lanes: [{name: air, time: 1 d}], suites: {capacity: 3, open: mon}}\n"
    top = _write(
        tmp_path,
        first=lines % "x.y" + lanes,
        second=(lines % "z").replace("100", "200") + lanes.replace("1 d", "{value: 2 d}"),
        top="extends: [first.yaml, second.yaml]\n"
        "costs: {lines: [{name: x.y, remove: true}, {name: z, amount: 1}]}\n"
        "network: {suites: 4}\n",
    )
    assert compose(top).overrides == (
        "costs.lines.qc.amount: 100 -> 200",
        'network.lanes.air.time: 1 d -> {"value": "2 d"}',
        'costs.lines."x.y": {"name": "x.y", "amount": 1} -> (removed)',
        "network.suites.capacity: 3 -> 4",
    )


def test_an_item_that_is_taken_out_is_taken_out_of_every_extended_file(tmp_path: Path) -> None:
    top = _write(
        tmp_path,
        first="x: [{name: p}, {name: q}]",
        second="x: [{name: p}]",
        top="extends: [first.yaml, second.yaml]\nx: [{name: p, remove: true}, "
        "{name: q, remove: true}, {name: r}]\n",
    )
    assert compose(top).data == {"x": [{"name": "r"}]}


def test_a_new_item_may_stand_before_another(tmp_path: Path) -> None:
    top = _write(
        tmp_path,
        base="x: [{name: p}, {name: q}, {name: r}]",
        top="extends: base.yaml\nx: [{name: n, before: q, a: 1}, {name: p, remove: true}, "
        "{name: m, before: q}, {name: r, a: 2}]\n",
    )
    merged = [{"name": "n", "a": 1}, {"name": "m"}, {"name": "q"}, {"name": "r", "a": 2}]
    assert compose(top).data == {"x": merged}


def test_origins_and_places(tmp_path: Path) -> None:
    top = _write(tmp_path, base="x:\n  y: 1\n", top="extends: base.yaml\nx:\n  z: 2\n")
    composed = compose(top, ["x.w=3"])
    assert composed.origins["x", "y"] == (str(tmp_path / "base.yaml"), 2, 6, "extends")
    assert composed.origins["x", "z"] == (str(top), 3, 6, "file")
    assert composed.origins["x", "w"] == ("--set x.w=3", 0, 0, "--set")
    assert composed.locate(("x", "z", "deeper", 4)) == (str(top), 3, 6)
    assert composed.locate_key(("x", "z")) == (str(top), 3, 3)
    assert composed.locate(("absent",)) == (str(top), 1, 1)


@pytest.mark.parametrize(
    ("base", "top", "merged"),
    [
        ("{x: {a: 1, b: 2}}", "x: {b: 3}", {"x": {"a": 1, "b": 3}}),
        ("{x: {a: 1}}", "x: null", {"x": None}),
        ("{x: null}", "x: {a: 1}", {"x": {"a": 1}}),
        ("{x: [1, 2]}", "x: [3]", {"x": [3]}),
        (
            "{x: [{name: p, a: 1, b: 1}, {name: q, a: 2}]}",
            "x: [{name: r, a: 3}, {name: p, b: 4}]",
            {"x": [{"name": "p", "a": 1, "b": 4}, {"name": "q", "a": 2}, {"name": "r", "a": 3}]},
        ),
        (
            "{x: [{name: p}, {name: q}]}",
            "x: [{name: p, remove: true}]",
            {"x": [{"name": "q"}]},
        ),
        ("{x: [{name: p}]}", "x: []", {"x": []}),
        ("{x: [{name: p}]}", "x: [{a: 1}]", {"x": [{"a": 1}]}),
        (
            "{x: [{name: p, a: 1}, {name: p, a: 2}]}",
            "x: [{name: q}]",
            {"x": [{"name": "p", "a": 1}, {"name": "p", "a": 2}, {"name": "q"}]},
        ),
        (
            "{x: {law: gamma, shape: 9, scale: 1 d}}",
            "x: {law: constant, value: 3 d}",
            {"x": {"law": "constant", "value": "3 d"}},
        ),
        ("{x: {value: 3 d, source: s}}", "x: {note: n}", {"x": {"note": "n"}}),
        ("{x: {a: 1}}", "x: {value: 3 d}", {"x": {"value": "3 d"}}),
        (
            "{x: {rule: s_S, s: 2, S: 9}}",
            "x: {rule: base_stock, level: 4}",
            {"x": {"rule": "base_stock", "level": 4}},
        ),
        ("{x: {rule: s_S, s: 2}}", "x: {s: 3}", {"x": {"rule": "s_S", "s": 3}}),
    ],
)
def test_merging(tmp_path: Path, base: str, top: str, merged: object) -> None:
    path = _write(tmp_path, base=base, top=f"extends: base.yaml\n{top}\n")
    assert compose(path).data == merged


def test_extends_from_a_folder_of_configs(tmp_path: Path) -> None:
    cases = tmp_path / "configs" / "cases"
    cases.mkdir(parents=True)
    (tmp_path / "configs" / "baseline.yaml").write_text("a: 1")
    case = cases / "case.yaml"
    case.write_text("extends: ../baseline.yaml\nb: 2\n")
    composed = compose(case)
    assert composed.data == {"a": 1, "b": 2}
    assert composed.origins["a",].file == str(tmp_path / "configs" / "baseline.yaml")


def test_each_shared_base_is_read_once(tmp_path: Path) -> None:
    chain = {f"f{n}": f"extends: [f{n + 1}.yaml, f{n + 1}.yaml]" for n in range(30)}
    top = _write(tmp_path, **chain, f30="a: 1", top="extends: f0.yaml")
    assert compose(top).data == {"a": 1}


@pytest.mark.parametrize(
    ("files", "line", "words"),
    [
        ({"top": "extends: /etc/passwd"}, 1, "leaves the config folder"),
        ({"top": "a: 1\nextends: ../other.yaml"}, 2, "--root"),
        ({"top": "extends: link.yaml"}, 1, "leaves the config folder"),
        ({"top": "extends: top.yaml"}, 1, "in a circle"),
        ({"top": "extends: bse.yaml", "base": ""}, 1, "did you mean 'base.yaml'?"),
        ({"top": "extends: [3]"}, 1, "must be a path or a list of paths"),
        ({"top": "extends: {a: b}"}, 1, "found a mapping"),
        ({"top": f"extends: [{', '.join(['a.yaml'] * 60)}]"}, 1, "extend fewer"),
        ({"top": "extends: " + "x" * 300}, 1, "there is no file"),
        ({"top": "extends: loop.yaml"}, 0, "cannot be read"),
    ],
)
def test_refused_extends(tmp_path: Path, files: dict[str, str], line: int, words: str) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text("a: 1")
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    found = _finding(_write(folder, **files))
    assert found.line == line
    assert words in found.message


def test_a_missing_file_is_not_said_to_be_one_that_extends_it(tmp_path: Path) -> None:
    found = _finding(_write(tmp_path, top="extends: topp.yaml"))
    assert found.message == "there is no file 'topp.yaml'; the path is relative to this file"
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "base.yaml").write_text("a: 1")
    found = _finding(_write(tmp_path, top="extends: parts/bse.yaml"))
    assert found.message.endswith("did you mean 'parts/base.yaml'?")


def test_a_wider_root_allows_more(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text("a: 1")
    top = _write(folder, top="extends: ../outside.yaml")
    assert "leaves" in _finding(top).message
    assert compose(top, root=tmp_path).data == {"a": 1}


def test_a_circle_names_its_files(tmp_path: Path) -> None:
    top = _write(
        tmp_path, top="extends: b.yaml", b="extends: c.yaml", c="x: 1\nextends: top.yaml\n"
    )
    found = _finding(top)
    assert (Path(found.file).name, found.line) == ("c.yaml", 2)
    names = found.message.split(": ")[1].split(" -> ")
    assert [Path(name).name for name in names] == ["top.yaml", "b.yaml", "c.yaml", "top.yaml"]


@pytest.mark.parametrize(
    ("top", "words"),
    [
        ("x: [{name: q, remove: true}]", "there is no item 'q'"),
        ("x: [{name: plnt, remove: true}]", "did you mean 'plant'?"),
        ("x: [{name: plant, remove: true, a: 1}]", "is just {name: ..., remove: true}"),
        ("x: [{name: a}, {name: a}]", "two items are named 'a'"),
        ("x: [{name: a, before: plnt}]", "did you mean 'plant'?"),
        ("x: [{name: plant, before: plant}]", "'plant' is there already"),
    ],
)
def test_refused_list_items(tmp_path: Path, top: str, words: str) -> None:
    path = _write(tmp_path, base="x: [{name: plant}]", top=f"extends: base.yaml\n{top}\n")
    found = _finding(path)
    assert found.line == 2
    assert words in found.message


_NETWORK = """\
network:
  plants:
    - name: plant
      suites: 10
    - name: a.b
      suites: 4
demand: {rate: 500 /y}
wait: {law: gamma, shape: 9}
costs:
"""


@pytest.mark.parametrize(
    ("override", "path", "value", "log"),
    [
        ("network.plants.plant.suites=20", ("network", "plants", 0, "suites"), 20, "10 -> 20"),
        ("network.plants.1.suites=5", ("network", "plants", 1, "suites"), 5, "4 -> 5"),
        ('network.plants."a.b".suites=5', ("network", "plants", 1, "suites"), 5, "4 -> 5"),
        ("demand.rate=700 /y", ("demand", "rate"), "700 /y", "500 /y -> 700 /y"),
        ("demand.note=a=b", ("demand", "note"), "a=b", "(not set) -> a=b"),
        ("wait.shape=4", ("wait", "shape"), 4, "9 -> 4"),
        ("wait={value: 3 d}", ("wait",), {"value": "3 d"}, '-> {"value": "3 d"}'),
        ("demand={x: 1}", ("demand",), {"rate": "500 /y", "x": 1}, '-> {"x": 1}'),
        ("costs={x: 1}", ("costs",), {"x": 1}, "null ->"),
        ("new=[1, 2]", ("new",), [1, 2], "[1, 2]"),
        ("demand.rate=null", ("demand", "rate"), None, "-> null"),
    ],
)
def test_overrides(
    tmp_path: Path, override: str, path: tuple[str | int, ...], value: object, log: str
) -> None:
    composed = compose(_write(tmp_path, top=_NETWORK), [override])
    data: object = composed.data
    for step in path:
        data = data[step]  # type: ignore[index]
    assert data == value
    assert log in composed.overrides[0]
    assert composed.locate(path) == (f"--set {override}", 0, 0)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("network.plants.plnt.suites=2", "did you mean 'plant'?"),
        ("network.plants.7.suites=2", "it has plant, a.b"),
        ("network.plants.²=2", "there is no '²'"),
        ("demand.rate.x=2", "there is no 'x' in 'demand.rate'"),
        ("costs.x=1", "there is no 'x' in 'costs'"),
        ("demand.rate", "write path=value"),
        ("demand.rate=", "the value is missing"),
        ("=3", "is not a path"),
        ("a..b=3", "is not a path"),
        ('"a"b=3', "is not a path"),
        ("demand.rate=[1", "']' is missing"),
        ("demand.rate=.inf", "not a finite number"),
        ("demand.rate=!!python/name:os.system x", "is not allowed"),
    ],
)
def test_refused_overrides(tmp_path: Path, override: str, words: str) -> None:
    found = _finding(_write(tmp_path, top=_NETWORK), override)
    assert (found.file, found.line) == (f"--set {override}", 0)
    assert words in found.message


def test_composing_leaves_other_results_alone(tmp_path: Path) -> None:
    top = _write(tmp_path, top="a: &x {b: 1}\nc: *x\n")
    assert compose(top, ["a.b=2"]).data == {"a": {"b": 2}, "c": {"b": 1}}
    assert compose(top).data == {"a": {"b": 1}, "c": {"b": 1}}


def test_an_override_makes_the_sections_on_its_way(tmp_path: Path) -> None:
    top = tmp_path / "top.yaml"
    top.write_text("name: x\n", encoding="utf-8")
    composed = compose(top, ["run.seed=3", "run.replications=4"])
    assert composed.data["run"] == {"seed": 3, "replications": 4}
    assert composed.locate(("run", "seed")).file == "--set run.seed=3"


def test_a_bare_number_over_a_resource_changes_its_capacity_only(tmp_path: Path) -> None:
    top = tmp_path / "top.yaml"
    top.write_text("resources: {suites: {capacity: 12, changeover: 1 d}}\n", encoding="utf-8")
    composed = compose(top, ["resources.suites=3"])
    assert composed.data["resources"]["suites"] == {"capacity": 3, "changeover": "1 d"}
