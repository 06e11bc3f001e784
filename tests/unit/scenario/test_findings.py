"""Schema errors become findings at the right place, in plain words, with a remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cartlogix.ground.errors import Finding
from cartlogix.scenario.compose import compose
from cartlogix.scenario.findings import findings_from, suggest


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Pool(_Strict):
    name: str = "pool"
    capacity: int = Field(default=1, ge=1)
    share: float = 1.0
    open: bool = True
    discipline: Literal["fifo", "priority"] = "fifo"
    stop: str | list[str] = ""
    tags: list[str] = Field(default=["a"], min_length=1)

    @field_validator("name")
    @classmethod
    def _short(cls, name: str) -> str:
        if len(name) > 8:
            raise ValueError("a name has at most 8 characters")
        return name


class Poisson(_Strict):
    process: Literal["poisson"]
    rate: float


class Interval(_Strict):
    process: Literal["interval"]
    every: float


class Model(_Strict):
    pools: list[Pool] = []
    lines: tuple[Pool, ...] = Field(default=(), min_length=1)
    by_place: dict[str, Pool] = {}
    arrivals: Annotated[Poisson | Interval, Field(discriminator="process")] | None = None
    either: Pool | Interval | None = None
    from_: int = Field(default=0, alias="from")


def _findings(folder: Path, text: str) -> tuple[Finding, ...]:
    file = folder / "top.yaml"
    file.write_text(text)
    composed = compose(file)
    with pytest.raises(ValidationError) as caught:
        Model.model_validate(composed.data)
    return findings_from(caught.value, composed, Model)


@pytest.mark.parametrize(
    ("text", "line", "column", "path", "message"),
    [
        (
            "pools:\n- name: suites\n  capasity: 3\n",
            3,
            3,
            "pools.suites.capasity",
            "unknown key 'capasity'; did you mean 'capacity'?",
        ),
        ("form: 1", 1, 1, "form", "unknown key 'form'; did you mean 'from'?"),
        ("by_place: {x: {capasity: 3}}", 1, 16, "by_place.x.capasity", "did you mean 'capacity'?"),
        ("zzzz: 1", 1, 1, "zzzz", "known keys: pools, lines, by_place, arrivals, either, from"),
        ("arrivals:\n  process: poisson\n", 2, 3, "arrivals.rate", "the key 'rate' is missing"),
        ("arrivals: {process: poisson, rate: 1.0, rte: 2}", 1, 41, "arrivals.rte", "'rate'?"),
        (
            "arrivals: {process: poisson, rate: 1.0, evry: 2}",
            1,
            41,
            "arrivals.evry",
            "known keys: process, rate",
        ),
        ("arrivals: {rate: 2.0}", 1, 11, "arrivals.process", "the key 'process' is missing"),
        (
            "arrivals: {process: poison}",
            1,
            21,
            "arrivals.process",
            "must be one of poisson, interval; found 'poison'; did you mean 'poisson'?",
        ),
        ("pools: [{discipline: FIFO}]", 1, 22, "pools.0.discipline", "did you mean 'fifo'?"),
        ("pools: [{capacity: 12:30}]", 1, 20, "pools.0.capacity", "number, found '12:30'"),
        ("pools: [{capacity: 1e3}]", 1, 20, "pools.0.capacity", "found 1000.0; write 1000"),
        ("pools: [{capacity: 1_000}]", 1, 20, "pools.0.capacity", "'1_000'; write 1000"),
        ("pools: [{capacity: true}]", 1, 20, "pools.0.capacity", "a whole number, found true"),
        ("pools: [{capacity: 0}]", 1, 20, "pools.0.capacity", "must be at least 1, found 0"),
        ("pools: [{share: '1,5'}]", 1, 17, "pools.0.share", "found '1,5'; write 1.5"),
        ("pools: [{share: 10%}]", 1, 17, "pools.0.share", "found '10%'; write 0.1"),
        ("pools: [{share: 2026-01-01}]", 1, 17, "pools.0.share", "found '2026-01-01'"),
        ("pools: [{open: NO}]", 1, 16, "pools.0.open", "found 'NO'; write false"),
        ("pools: [{name: 12}]", 1, 16, "pools.0.name", 'found 12; write "12" in quotes'),
        ("pools: [{stop: 12}]", 1, 16, "pools.0.stop", "expected text or a list, found 12"),
        ("pools: [{tags: []}]", 1, 16, "pools.0.tags", "needs at least 1 item"),
        ("pools: {a: 1}", 1, 8, "pools", "expected a list, found a mapping"),
        ("pools: 3", 1, 8, "pools", "expected a list, found 3"),
        ("pools: [3]", 1, 9, "pools.0", "expected a mapping, found 3"),
        (
            "pools: [{name: much too long}]",
            1,
            16,
            "pools.much too long.name",
            "a name has at most 8 characters",
        ),
    ],
)
def test_findings(
    tmp_path: Path, text: str, line: int, column: int, path: str, message: str
) -> None:
    (found,) = _findings(tmp_path, text)
    assert (found.line, found.column) == (line, column)
    assert found.path.replace('"', "") == path
    assert message in found.message
    assert "Input should" not in found.message
    assert "\n" not in str(found)


def test_all_problems_at_once_sorted_by_place(tmp_path: Path) -> None:
    found = _findings(tmp_path, "zz: 1\npools:\n- capacity: x\n- {opn: true}\nfrom: a\n")
    assert [item.line for item in found] == [1, 3, 4, 5]


def test_a_list_with_a_wrong_item_is_not_called_too_short(tmp_path: Path) -> None:
    (tmp_path / "top.yaml").write_text("lines: [{opn: true}]\n")
    composed = compose(tmp_path / "top.yaml")
    with pytest.raises(ValidationError) as caught:
        Model.model_validate_json(json.dumps(composed.data))
    assert any(item["type"] == "too_short" for item in caught.value.errors())
    (found,) = findings_from(caught.value, composed, Model)
    assert found.path == "lines.0.opn"


def test_a_union_without_discriminator_names_each_problem_once(tmp_path: Path) -> None:
    found = _findings(tmp_path, "either: 3\n")
    assert [item.message for item in found] == ["expected a mapping, found 3"]


def test_a_finding_points_into_the_file_that_wrote_the_value(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("\n\npools: [{name: a, capacity: x}]\n")
    (found,) = _findings(tmp_path, "extends: base.yaml\n")
    assert (Path(found.file).name, found.line, found.column) == ("base.yaml", 3, 29)


def test_suggest() -> None:
    assert suggest("capasity", ["capacity", "name"]) == "; did you mean 'capacity'?"
    assert suggest("CAPACITY", ["capacity"]) == "; did you mean 'capacity'?"
    assert suggest("zzz", ["capacity"]) == ""
    assert suggest("x", []) == ""
