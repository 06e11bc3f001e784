"""What a stopped study had decided is not decided again, unless its record is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartlogix.experiment.rounds import remembered

ASKED = [{"one": "key"}, [("a", "b")], {"maximum": 20}]
FOUND = {"replications": 12, "reached": True, "widths": [["lead", 0.5, None]]}


def ask(record: Path, asked: object = ASKED) -> tuple[object, bool, list[str]]:
    """What is found, whether it was searched, and what was told."""
    searched: list[bool] = []
    told: list[str] = []

    def search() -> dict[str, object]:
        searched.append(True)
        return FOUND

    return remembered(record, asked, search, told.append), bool(searched), told


def test_the_same_question_is_answered_once(tmp_path: Path) -> None:
    record = tmp_path / ".precision.json"
    assert ask(record) == (FOUND, True, [])
    assert ask(record) == (FOUND, False, [])
    assert ask(record, ["another"]) == (FOUND, True, [])


@pytest.mark.parametrize("damage", ["12", "", "[1]", "{}", "\x80"])
def test_a_damaged_record_is_told_of(tmp_path: Path, damage: str) -> None:
    record = tmp_path / ".precision.json"
    ask(record)
    text = record.read_text("utf-8")
    record.write_bytes(
        text.replace("12", "13").encode() if damage == "12" else damage.encode("latin-1")
    )
    _, searched, told = ask(record)
    assert searched
    assert told == [f"warning: {record} is damaged; what it decided is found again"]
    assert ask(record)[1:] == (False, [])
