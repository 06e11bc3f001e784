"""Tables on disk: Parquet files that grow by one replication at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cartlogix.experiment.folder import writing

_BATCH_ROWS = 20_000
"""Rows to gather before they are written: a row group for each replication would cost more memory
than its rows, because a Parquet file keeps notes on every group until it is closed."""
_MOST_WAITING = 200
"""Tables to gather before they become one: a table of one row costs far more than its row."""


class _Growing:
    """One table that is being written."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        with writing(path):
            self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def add(self, table: pa.Table) -> None:
        if table.num_rows or not self._waiting:
            self._waiting.append(table)
        self._rows += table.num_rows
        if self._rows >= _BATCH_ROWS:
            self.flush()
        elif len(self._waiting) > _MOST_WAITING:
            self._waiting = [pa.concat_tables(self._waiting).combine_chunks()]

    def flush(self) -> None:
        with writing(self._path):
            if self._waiting:
                self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting, self._rows = [], 0

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


def read_table(
    path: Path,
    replication: int | None = None,
    where: pc.Expression | None = None,
    columns: Sequence[str] | None = None,
    coded: Sequence[str] = (),
) -> pd.DataFrame:
    """Read a table, or the rows of one replication, or others that are chosen, or some columns.

    What is left out is never in memory, but for a part at a time.

    Args:
        path: the file.
        replication: the only one to read.
        where: what holds of the rows to read, in terms of the columns that are read.
        columns: the only ones to read.
        coded: columns of few texts that are repeated very often, returned as categories.
    """
    with pq.ParquetFile(path) as file:
        groups = _row_groups(file, replication)
        parts = [
            _chosen(batch, replication, where)
            for batch in file.iter_batches(
                _BATCH_ROWS, row_groups=groups, columns=columns, use_threads=False
            )
        ]
        schema = parts[0].schema if parts else _schema(file, columns)
    frame: pd.DataFrame = pa.Table.from_batches(parts, schema).to_pandas(categories=list(coded))
    return frame


def _row_groups(file: pq.ParquetFile, replication: int | None) -> list[int]:
    """Return the row groups that may hold a replication; all of them if none is asked for."""
    every = range(file.metadata.num_row_groups)
    if replication is None:
        return list(every)
    column = file.schema_arrow.get_field_index("replication")
    known = [file.metadata.row_group(group).column(column).statistics for group in every]
    return [
        group
        for group, its in enumerate(known)  # a group without rows has none
        if its is not None and its.min <= replication <= its.max
    ]


def _chosen(
    batch: pa.RecordBatch, replication: int | None, where: pc.Expression | None
) -> pa.RecordBatch:
    if replication is not None:
        batch = batch.filter(pc.equal(batch.column("replication"), replication))
    if where is not None:
        batch = batch.filter(where)
    return batch


def _schema(file: pq.ParquetFile, columns: Sequence[str] | None) -> pa.Schema:
    whole = file.schema_arrow
    return whole if columns is None else pa.schema([whole.field(name) for name in columns])


def parts_of(path: Path, scenario: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Yield a scenario's table in parts, with its name as a first column `scenario`."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH_ROWS, columns=columns, use_threads=False):
            name = pa.repeat(scenario, batch.num_rows)
            yield pa.table([name, *batch.columns], ["scenario", *batch.schema.names])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table for JSON; what is unknown is None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]


def arrow(frame: pd.DataFrame, replication: int) -> pa.Table:
    """Return a table of one replication as it is stored, its number in the first column.

    This is done for every small table of every replication, so it takes the columns one by one:
    the general way from a frame costs several times as much.
    """
    columns = {"replication": pa.repeat(pa.scalar(replication, pa.int64()), len(frame))}
    for name, column in frame.items():
        if name != "replication":
            columns[str(name)] = _array(column)
    return pa.table(columns)


def _array(column: pd.Series[Any]) -> pa.Array:
    """Store text as text: dictionaries differ between replications, and Parquet packs anyway."""
    values = column.array
    if isinstance(values, pd.Categorical):
        codes = pa.array(values.codes, mask=values.codes < 0)
        return pa.array(values.categories.tolist(), pa.string()).take(codes)
    found = pa.Array.from_pandas(column)
    return found.cast(pa.string()) if pa.types.is_large_string(found.type) else found


def _plain(table: pa.Table) -> pa.Table:
    """Store text as text."""
    fields = [
        pa.field(field.name, pa.string())
        if pa.types.is_dictionary(field.type) or pa.types.is_large_string(field.type)
        else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields)).replace_schema_metadata(None)
