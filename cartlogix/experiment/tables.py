"""Tables on disk: Parquet files that grow by one replication at a time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cartlogix.experiment.folder import writing

_BATCH_ROWS = 50_000
"""Rows to gather before they are written: a row group for each replication would cost more memory
than its rows, because a Parquet file keeps notes on every group until it is closed."""


class _Growing:
    """One table that is being written."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        with writing(path):
            self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._waiting: list[pa.Table] = []

    def add(self, table: pa.Table) -> None:
        self._waiting.append(table)
        if sum(one.num_rows for one in self._waiting) >= _BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        with writing(self._path):
            if self._waiting:
                self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting = []

    def close(self) -> None:
        with writing(self._path):
            self._writer.close()


class TableWriters:
    """One Parquet file for each table of a scenario; rows carry their replication."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[str, _Growing] = {}

    def __enter__(self) -> TableWriters:
        """Begin to write."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish every file; after an error, only close it."""
        for table in self._tables.values():
            try:
                if error is None:
                    table.flush()
            finally:
                table.close()

    def add(self, tables: Iterable[tuple[str, pa.Table]]) -> None:
        """Append the tables of one replication.

        Raises:
            WriteFailed: if the disk is full.
        """
        for name, table in tables:
            if name not in self._tables:
                path = self._folder / f"{name}.parquet"
                self._tables[name] = _Growing(path, table.schema)
            self._tables[name].add(table)


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


def arrow(frame: pd.DataFrame, replication: int) -> pa.Table:
    """Return a table of one replication as it is stored, its number in the first column."""
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
