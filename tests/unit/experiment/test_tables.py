"""Tables on disk: what is read of them is what was asked for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from cartlogix.experiment import tables
from cartlogix.experiment.tables import TableWriters, arrow, read_table


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Seven replications of a table in several row groups."""
    monkeypatch.setattr(tables, "_BATCH_ROWS", 10)
    with TableWriters(tmp_path) as writers:
        for number in range(7):
            frame = pd.DataFrame({"kpi": ["a", "b", "c"], "value": [number, 10.0 + number, None]})
            writers.add([("kpis", arrow(frame, number)), ("none", arrow(frame.iloc[:0], number))])
    return tmp_path / "kpis.parquet"


def test_a_replication_is_read_from_its_row_group(path: Path) -> None:
    assert pq.ParquetFile(path).metadata.num_row_groups > 1
    whole = read_table(path)
    assert len(whole) == 21
    for number in range(7):
        found = read_table(path, replication=number)
        wanted = whole[whole["replication"] == number].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, wanted)
    assert read_table(path, replication=7).columns.equals(whole.columns)
    assert not len(read_table(path, replication=7))


def test_some_kpis_and_some_columns(path: Path) -> None:
    whole = read_table(path)
    found = read_table(path, where=pc.field("kpi").isin(["c", "a", "unknown"]), coded=["kpi"])
    assert isinstance(found["kpi"].dtype, pd.CategoricalDtype)
    wanted = whole[whole["kpi"] != "b"].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.astype({"kpi": "str"}), wanted)
    assert list(read_table(path, columns=["value"])) == ["value"]


def test_a_table_without_rows(path: Path) -> None:
    empty = path.with_name("none.parquet")
    assert pq.ParquetFile(empty).metadata.num_row_groups == 1
    for found in (read_table(empty), read_table(empty, replication=0)):
        assert list(found) == ["replication", "kpi", "value"]
        assert not len(found)
