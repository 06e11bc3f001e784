"""Tables on disk: Parquet files that grow by one replication at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cartlogix.experiment.folder import writing


class TableWriters:
    """One Parquet file for each table of a scenario; rows carry their replication."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> TableWriters:
        """Begin to write."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish every file."""
        with writing(self._folder):
            for writer in self._writers.values():
                writer.close()

    def add(self, replication: int, tables: Mapping[str, pd.DataFrame]) -> None:
        """Append the tables of one replication.

        Raises:
            WriteFailed: if the disk is full.
        """
        for name, frame in tables.items():
            table = _arrow(frame, replication)
            path = self._folder / f"{name}.parquet"
            with writing(path):
                if name not in self._writers:
                    self._writers[name] = pq.ParquetWriter(path, table.schema, compression="zstd")
                self._writers[name].write_table(table)


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """Write one whole table.

    Raises:
        WriteFailed: if the disk is full.
    """
    with writing(path):
        pq.write_table(_plain(pa.Table.from_pandas(frame, preserve_index=False)), path)


def read_table(path: Path, replication: int | None = None) -> pd.DataFrame:
    """Read a table, or the rows of one replication; text that repeats is categorical."""
    filters = None if replication is None else [("replication", "=", replication)]
    table = pq.read_table(path, filters=filters)
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _arrow(frame: pd.DataFrame, replication: int) -> pa.Table:
    numbered = frame.drop(columns="replication", errors="ignore")
    numbered.insert(0, "replication", replication)
    return _plain(pa.Table.from_pandas(numbered, preserve_index=False))


def _plain(table: pa.Table) -> pa.Table:
    """Store text as text: dictionaries differ between replications, and Parquet packs anyway."""
    fields = [
        pa.field(field.name, pa.string())
        if pa.types.is_dictionary(field.type) or pa.types.is_large_string(field.type)
        else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields)).replace_schema_metadata(None)
