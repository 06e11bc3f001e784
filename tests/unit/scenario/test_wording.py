"""Values in findings look like YAML, and wrong numbers come with the right ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartlogix.ground.errors import InvalidInput
from cartlogix.scenario.loader import load
from cartlogix.scenario.wording import as_written, number_remedy

SCENARIO = """\
name: t
demand: {arrivals: {process: poisson, rate: 150 /y}, indications: [{name: lupus}]}
pathways:
  - name: autologous
    modality: autologous
    route: [{name: manufacture, duration: 7 d, failure: {probability: 0.1}}, {name: infusion}]
costs: {lines: [{name: qc, per: step, of: [manufacture], amount: 5784}]}
"""


def _message(folder: Path, old: str, new: str) -> str:
    file = folder / "t.yaml"
    file.write_text(SCENARIO.replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load(file)
    (finding,) = caught.value.findings
    return finding.message


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{value: 5,784}", "write 5784 without a thousands separator, or 5.784 with a decimal"),
        ("5,784.50", "write 5784.50 without a thousands separator"),
        ("{value: 5,7}", "write 5.7 with a decimal point"),
        ("{value: 0,784}", "write 0.784 with a decimal point"),
        ("{value: 0,05}", "write 0.05 with a decimal point"),
        ("5784 USD", "found '5784 USD'; write 5784 alone (the currency stands once"),
        ("$5784", "found '$5784'; write 5784 alone"),
        ("'5,784'", "write 5784, or 5.784 with a point"),
        ("'1,234,567.5'", "write 1234567.5"),
        ("'5784'", "write 5784 without quotes"),
        ("{value: [1]}", "found [1]"),
    ],
)
def test_amounts(tmp_path: Path, written: str, words: str) -> None:
    message = _message(tmp_path, "amount: 5784", f"amount: {written}")
    assert words in message
    if "comma" in message:
        assert message.startswith("in braces a comma ends the value")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{value: 1.1}", "between 0 and 1, found {value: 1.1}"),
        ("{law: uniform, low: 0.1, high: 0.2}", "found {law: uniform, low: 0.1, high: 0.2}"),
        ("5 %", "found '5 %'; write 0.05"),
        ("{value: 0.1, source: 3}", "source must be text, found 3"),
    ],
)
def test_probabilities(tmp_path: Path, written: str, words: str) -> None:
    message = _message(tmp_path, "probability: 0.1", f"probability: {written}")
    assert words in message
    assert "currency" not in message


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{law: gamma, mean: 7,5 d, sd: 1 d}", "write 7.5 d with a decimal point"),
        ("{law: {a: b c}}", "found {a: b c}"),
    ],
)
def test_durations(tmp_path: Path, written: str, words: str) -> None:
    assert words in _message(tmp_path, "duration: 7 d", f"duration: {written}")


def test_a_key_after_a_number_is_still_a_key(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    short = "network: {plants: [{name: p, resources: {suites: 5,2nd: 3}}]}\n"
    file.write_text(SCENARIO + short, encoding="utf-8")
    assert {*load(file).scenario.network.plants[0].resources} == {"suites", "2nd"}


def test_values_as_written() -> None:
    assert as_written({"a": [1, True, None], "b": "x: y"}) == '{a: [1, true, null], b: "x: y"}'
    assert as_written("two\nlines") == "'two lines'"
    assert len(as_written({"a": "x" * 500})) == 120
    assert number_remedy("ten") == "; write digits only, without quotes or a unit"
