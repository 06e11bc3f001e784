"""`cartlogix schedule` as a planner meets it."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.harness import ROOT, call
from tests.unit.board.boards import write

QUICK = ("--time-limit", "0.3")
HOSTILE = "=cmd|' /C calc'!A0<img src=x onerror=alert(1)>"
LAW = "{law: lognormal, mean: 7 d, sd: 1 d}"
PRODUCTS = f"[{{name: cart, route: [{{step: manufacture, duration: {LAW}}}]}}]"
LATE = (
    "[{id: A, product: cart, due: 2027-03-09}, {id: B, product: cart, due: 2027-03-09}, "
    "{id: C, product: cart, due: 2027-03-09}]"
)


def test_it_prints_and_writes(tmp_path: Path) -> None:
    write(tmp_path, orders=LATE, products=PRODUCTS)
    ran = call("schedule", "board.yaml", *QUICK, cwd=tmp_path)
    assert ran.code == 0, ran.err
    lines = [line.split()[0] for line in ran.out.splitlines() if line.strip()]
    assert {"FIFO", "EDD", "ATC", "index", "optimizer"} <= set(lines)
    assert "held back by plant/suite 1" in ran.out
    assert "one more suite like plant/suite 1: tardiness 5 -> 0" in ran.out
    folder = tmp_path / "reports" / "small"
    assert {path.name for path in folder.iterdir()} == {
        "board.csv", "board.html", "explanation.txt", "manifest.json", "schedule.json",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO((folder / "board.csv").read_text("utf-8"))))
    assert [row["days_late"] for row in rows] == ["0", "0", "5"]
    assert all(row["p50"] and row["p90"] >= row["p50"] and row["on_time"] for row in rows)
    again = call("schedule", "board.yaml", *QUICK, cwd=tmp_path)
    assert (again.code, "use --force" in again.err) == (73, True)
    forced = call("schedule", "board.yaml", *QUICK, "--force", "--json", cwd=tmp_path)
    assert forced.json["late"][0]["how"] == "5 d"


def test_infeasible_says_why_and_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, plants="[{name: p, suites: [{name: s}]}]",
          orders="[{id: A, product: cart, material_life: 3 d}, "
          "{id: B, product: cart, material_life: 3 d}]")  # fmt: skip
    ran = call("schedule", "board.yaml", *QUICK, cwd=tmp_path)
    assert ran.code == 4
    assert "A, B cannot all be done: B finds no room at p/s" in ran.err
    assert "with one more suite like p/s: a plan exists" in ran.err
    assert list((tmp_path / "reports").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--what-if", "faster"), "not understood"),
        (("--suggest", "Z"), "no order is called 'Z'"),
        (("--time-limit", "0"), "--time-limit"),
        (("--seed", "-1"), "--seed"),
    ],
)
def test_bad_options_are_refused(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    write(tmp_path)
    ran = call("schedule", "board.yaml", *arguments, cwd=tmp_path)
    assert ran.code == 2
    assert words in ran.err


def test_bad_input_names_its_line(tmp_path: Path) -> None:
    write(tmp_path, horizon="1000000000 d", orders="[{id: A, product: cat}]")
    ran = call("schedule", "board.yaml", cwd=tmp_path)
    assert ran.code == 2
    assert "board.yaml:3:10: horizon: must be from 1 d to 730 d, found 1,000,000,000 d" in ran.err
    assert "board.yaml:6:27: orders.0.product: no product is named 'cat'" in ran.err


def test_no_order_and_no_time_still_end_well(tmp_path: Path) -> None:
    write(tmp_path, orders="[]")
    ran = call("schedule", "board.yaml", "--out", "empty", *QUICK, cwd=tmp_path)
    assert (ran.code, "No order is late" in ran.out) == (0, True)
    write(tmp_path, orders=LATE)
    ran = call("schedule", "board.yaml", "--out", "hurry", "--time-limit", "0.01", "--json",
               cwd=tmp_path)  # fmt: skip
    assert ran.code == 0
    assert ran.json["status"] in ("heuristic", "feasible", "optimal")
    assert (ran.json["status"] == "optimal") == (ran.json["gap"] == 0)


def test_names_are_data(tmp_path: Path) -> None:
    name = json.dumps(HOSTILE)
    write(tmp_path, title=name, orders=f"[{{id: {name}, product: cart, due: 2027-03-02}}]")
    ran = call("schedule", "board.yaml", "--out", "out", *QUICK, cwd=tmp_path)
    assert ran.code == 0
    rows = list(csv.reader(io.StringIO((tmp_path / "out" / "board.csv").read_text("utf-8"))))
    assert {row[0] for row in rows[1:]} == {f"'{HOSTILE}"}
    assert "<img" not in (tmp_path / "out" / "board.html").read_text("utf-8")


def test_what_if_and_suggest(tmp_path: Path) -> None:
    write(tmp_path, horizon="60 d", orders=LATE)
    ran = call("schedule", "board.yaml", "--out", "out", *QUICK,
               "--what-if", "suite 2 down 2027-03-01..05", cwd=tmp_path)  # fmt: skip
    assert ran.code == 0, ran.err
    assert "What if suite 2 down 2027-03-01..05" in ran.out
    assert "orders change" in ran.out
    page = (tmp_path / "out" / "board.html").read_text("utf-8")
    assert "What if suite 2 down 2027-03-01..05?" in page
    ran = call("schedule", "board.yaml", "--out", "out", "--force", *QUICK,
               "--suggest", "product=cart, ready=2027-03-02", cwd=tmp_path)  # fmt: skip
    assert ran.code == 0, ran.err
    assert "moves nobody" in ran.out


@pytest.mark.slow
def test_ctrl_c_writes_the_best_plan_so_far(tmp_path: Path) -> None:
    orders = ", ".join(
        f"{{id: L{n}, product: cart, due: 2027-03-{9 + n % 20:02d}}}" for n in range(40)
    )
    write(tmp_path, horizon="400 d", orders=f"[{orders}]", products=PRODUCTS)
    process = subprocess.Popen(
        [sys.executable, "-m", "cartlogix", "schedule", "board.yaml", "--time-limit", "100"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    partial = tmp_path / "reports" / ".small.partial"
    until = time.monotonic() + 60
    while not partial.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    written = (tmp_path / "reports" / "small" / "board.csv").exists()
    assert (process.returncode, written) == (130, True), err
