"""A steady-state study is told when its window begins before the system has settled."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd

from tests.cli.harness import call, write_tiny

STEADY = "{study: steady_state, warm_up: WARM d, enrolment: 300 d, replications: 2, seed: 5}"


def test_no_warm_up_is_long_enough_where_the_wait_grows_to_the_end(tmp_path: Path) -> None:
    # One suite for 150 patients a year.
    path = write_tiny(tmp_path, "full", run=STEADY.replace("WARM", "1"))
    path.write_text(path.read_text("utf-8").replace("suites: 6", "suites: 1"), "utf-8")
    ran = call("run", "full.yaml", "--jobs", "1", "--out", "full", cwd=tmp_path)
    assert ran.code == 0, ran
    assert "load 2.8" in ran.err or "load 2.9" in ran.err  # 7 d for each of 150 in 365 d
    assert "looks too short" not in ran.err
    settling = pd.read_parquet(tmp_path / "full" / "settling.parquet")
    assert not settling["steady"].any()
    assert not settling["too_short"].any()
    page = (tmp_path / "full" / "report.html").read_text("utf-8")
    assert "no steady state" in page
    # Whoever leaves the line makes room, so that the wait may settle.
    text = path.read_text("utf-8").replace(
        "{name: lupus}", "{name: lupus, drop_out: [{name: gave up, hazard: 0.002 /d}]}"
    )
    path.write_text(text, "utf-8")
    ran = call("run", "full.yaml", "--jobs", "1", "--out", "leaving", cwd=tmp_path)
    assert "looks too short" in ran.err
    assert pd.read_parquet(tmp_path / "leaving" / "settling.parquet")["steady"].all()


def test_a_folder_of_other_code_that_lacks_something_is_refused(tmp_path: Path) -> None:
    write_tiny(tmp_path, "old", run=STEADY.replace("WARM", "30"))
    assert call("run", "old.yaml", "--jobs", "1", "--out", "old", cwd=tmp_path).code == 0
    table = tmp_path / "old" / "settling.parquet"
    pd.read_parquet(table).drop(columns="steady").to_parquet(table)
    path = tmp_path / "old" / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["files"]["settling.parquet"] = hashlib.sha256(table.read_bytes()).hexdigest()
    path.write_text(json.dumps({**manifest, "code": "other"}), "utf-8")
    ran = call("report", "old", cwd=tmp_path)
    assert ran.code == 2, ran
    assert "made by other code than this and lacks 'steady'" in ran.err


def test_a_warm_up_that_is_too_short_is_warned_of(tmp_path: Path) -> None:
    # Forty patients wait already, who are treated in a hundred days or so.
    path = write_tiny(tmp_path, "short", run=STEADY.replace("WARM", "1"))
    text = path.read_text("utf-8").replace("suites: 6", "suites: 4")
    path.write_text(
        text.replace("{name: lupus}", "{name: lupus, prevalent: {patients: 40}}"), "utf-8"
    )
    ran = call("run", "short.yaml", "--jobs", "1", "--out", "short", cwd=tmp_path)
    assert ran.code == 0, ran
    assert "warning: short: a warm-up of 1 d looks too short: by MSER-5 the first" in ran.err
    warned = ran.err
    write_tiny(tmp_path, "long", run=STEADY.replace("WARM", "400"))
    ran = call("run", "long.yaml", "--jobs", "1", "--out", "long", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    page = (tmp_path / "long" / "report.html").read_text("utf-8")
    assert "judged by MSER-5" in page
    assert "Is the warm-up long enough?" in page
    assert "cut of MSER-5" in page
    settling = pd.read_parquet(tmp_path / "long" / "settling.parquet")
    assert len(settling) == 200
    assert set(settling["warm_up"]) == {400.0}
    assert not settling["too_short"].any()
    short = pd.read_parquet(tmp_path / "short" / "settling.parquet")
    assert short["too_short"].all()
    assert f"the first {short['mser5'][0]:g} d are not yet the steady state" in warned
    assert call("run", "tiny.yaml", "--jobs", "1", "--out", "ends", cwd=write_tiny(tmp_path).parent
                ).code == 0  # fmt: skip
    page = (tmp_path / "ends" / "report.html").read_text("utf-8")
    assert "so it needs no warm-up" in page
    assert 'id="warm-up"' not in page
    assert not (tmp_path / "ends" / "settling.parquet").exists()
