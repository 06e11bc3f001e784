"""Snapshots that cannot be true: each finding with its file, line or cell, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from cartlogix.ground.errors import InvalidInput
from cartlogix.scenario.loader import load

BASE = """
name: today
demand: {arrivals: {process: poisson, rate: 1 /d}, indications: [{name: lupus}]}
network: {plants: [{name: plant, resources: {suites: 2}}]}
stocks: [{name: doses}]
pathways:
  - name: own
    modality: autologous
    route:
      - {name: apheresis}
      - {name: manufacture, duration: 10 d, needs: suites}
      - {name: infusion}
  - name: shelf
    modality: off_the_shelf
    route: [{name: order, draw: doses}, {name: prepare, duration: 5 d}, {name: infusion}]
run: {start: 2027-01-04, enrolment: 60 d}
snapshot: {patients_file: patients.csv}
"""
HEAD = ("name", "step", "state", "since", "unit", "enrolled", "indication", "dose_from", "booked")
GOOD = ("P-1", "manufacture", "working", "2027-01-01", "suite 1", "2026-12-01", "lupus", "", "")


def row(**changes: str) -> tuple[str, ...]:
    return tuple(changes.get(name, value) for name, value in zip(HEAD, GOOD, strict=True))


def findings(folder: Path, *rows: tuple[str, ...], base: str = BASE) -> list[str]:
    text = "\n".join(",".join(cells) for cells in (HEAD, *rows))
    (folder / "patients.csv").write_text(text, "utf-8")
    (folder / "today.yaml").write_text(base, "utf-8")
    try:
        return [str(found) for found in load(folder / "today.yaml").warnings]
    except InvalidInput as error:
        return [str(found) for found in error.findings]


def test_a_true_snapshot_has_no_findings(tmp_path: Path) -> None:
    second = row(name="P-2", unit="suite 2")
    waiting = row(name="P-3", state="waiting", unit="", booked="2027-01-08 07:00")
    assert findings(tmp_path, GOOD, second, waiting) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([GOOD, row(unit="suite 2")], "'P-1' is in two places, 'manufacture' on suite 1 and"),
        ([GOOD, row(name="P-2")], "'suite 1' holds 'P-1' as well; it can hold one"),
        (
            [row(name=f"P-{n}", unit="") for n in range(3)],
            "3 units of 'suites' are taken at 'plant', which has 2; remove rows, or raise the",
        ),
        ([row(since="2027-01-05")], "'since' is after day 0 (2027-01-04)"),
        ([row(enrolled="2027-01-05")], "'enrolled' is after day 0"),
        ([row(since="2026-11-01")], "since: is before the enrolment on 2026-12-01"),
        ([row(since="yesterday")], "write a date such as 2027-01-04, or 2027-01-04 08:30"),
        ([row(since="2027-01-01T08:00Z")], "write local time, without a time zone"),
        ([row(step="manufactur")], "no step is named 'manufactur'; did you mean 'manufacture'"),
        ([row(indication="lupis")], "no indication is named 'lupis'"),
        ([row(state="idle")], "state"),
        ([row(booked="2027-01-08")], "what is in a step has no 'booked' start; leave it out"),
        ([row(state="waiting", booked="2027-01-02")], "what has begun is 'working' since then"),
        ([row(step="order")], "'order' takes no time: nobody is working in it; say waiting"),
        ([row(step="prepare")], "needs 'dose_from': a dose was issued before 'prepare'"),
        ([row(dose_from="L-1")], "no lot of the table stock is named 'L-1'"),
        ([row(step="infusion")], "who is infused has nothing to wait for; leave the row out"),
        ([row(since="2026-12-20")], "warning: 15 d in 'manufacture', which takes 10 d"),
    ],
)
def test_findings_name_line_and_remedy(
    tmp_path: Path, rows: list[tuple[str, ...]], expected: str
) -> None:
    found = findings(tmp_path, *rows)
    assert any(expected in line for line in found), found
    assert f"patients.csv:{len(rows) + 1}:1: " in "\n".join(found)


def test_the_centre_is_needed_where_there_are_several(tmp_path: Path) -> None:
    base = BASE.replace("network: {", "network: {centres: [{name: a}, {name: b}], ")
    assert "say the 'centre': one of a, b" in findings(tmp_path, GOOD, base=base)[0]


@pytest.mark.parametrize(
    ("file", "snapshot", "expected"),
    [
        (None, "{patients_file: none.csv}", "there is no file 'none.csv' beside this one"),
        (None, "{patients_file: ../x.csv}", "'../x.csv' leaves the folder"),
        ("x.csv", "{patients_file: x.csv}", "the column 'name' is missing; add it"),
        ("x.csv", "{workbook: x.csv}", "'x.csv' is no Excel workbook (.xlsx)"),
        ("x.csv", "{patients_file: x.csv, patients: []}", "'patients' is given twice"),
    ],
)
def test_tables_that_cannot_be_read(
    tmp_path: Path, file: str | None, snapshot: str, expected: str
) -> None:
    if file:
        (tmp_path / file).write_text("names\n", "utf-8")
    base = BASE.replace("{patients_file: patients.csv}", snapshot)
    assert any(expected in line for line in findings(tmp_path, base=base))


def workbook(path: Path, **sheets: Sequence[Sequence[object]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    book.save(path)


def test_a_workbook_is_read_and_findings_name_sheet_and_cell(tmp_path: Path) -> None:
    base = BASE.replace("patients_file: patients.csv", "workbook: today.xlsx")
    head = ("stock", "name", "doses", "expires")
    stock = [head, ("doses", "L-1", 4.0, None), ("dosis", "L-2", 2, None)]
    workbook(tmp_path / "today.xlsx", patients=[HEAD, GOOD], stock=stock)
    found = findings(tmp_path, base=base)
    assert len(found) == 1
    assert (
        "today.xlsx, sheet stock, cell A3: snapshot.stock.L-2.stock: no stock is named" in found[0]
    )
    workbook(tmp_path / "today.xlsx", patients=[HEAD, GOOD], stock=stock[:2])
    assert findings(tmp_path, base=base) == []
    workbook(tmp_path / "today.xlsx", people=[HEAD, GOOD])
    assert "the sheet 'people' is none of patients, lots" in findings(tmp_path, base=base)[0]
