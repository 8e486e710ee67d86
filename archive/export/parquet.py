"""One Parquet file, written as the rows come.

pyarrow (extra ``export``) is imported when it is needed: CSV does without. The files
depend on the rows and on pyarrow's version alone: no time, no name of a machine, row
groups that end by a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from archive.errors import ArchiveError, DamagedError
from archive.export.sheets import Sheet, Values, kind
from archive.metadata import describe

#: A row group ends at so many rows or so many characters of text, whichever comes first: some 20 MB
#: in memory, for short rows and for whole sections of prose.
_ROWS = 16_384
_TEXT = 4_000_000


class NoParquetError(ArchiveError):
    """pyarrow is not installed."""


def arrow() -> ModuleType:
    """pyarrow with its Parquet part; raises ``NoParquetError`` in words where it is missing."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise NoParquetError(
            f"Parquet needs pyarrow, which cannot be loaded ({error}): install gongkai[export], "
            "or export with --format csv"
        ) from error
    module: ModuleType = pyarrow
    return module


class ParquetFile:
    """A table being written to ``out``, a binary file; ``close`` completes it and leaves that open."""

    def __init__(self, sheet: Sheet, out: object) -> None:
        self._pa = pa = arrow()
        self._sheet = sheet
        types = {
            "text": pa.string(),
            "integer": pa.int64(),
            "real": pa.float64(),
            "date": pa.date32(),
            "datetime": pa.timestamp("us", tz="UTC"),
        }
        self._schema = pa.schema(
            [
                pa.field(
                    field.name,
                    types[kind(field)],
                    nullable=not field.required,
                    metadata={"description": describe(sheet.table, field)},
                )
                for field in sheet.fields
            ],
            metadata={"title": sheet.table.zh, "description": sheet.table.en},
        )
        self._writer = pa.parquet.ParquetWriter(
            out,
            self._schema,
            version="2.6",  # 64-bit times and the types of the format as every reader since 2021 has them
            compression="zstd",
            compression_level=3,
            use_dictionary=True,
            write_statistics=True,
            data_page_version="1.0",
        )
        self._rows: list[Values] = []
        self._text = 0

    def write(self, rows: Sequence[Values]) -> None:
        """Add rows; a row group is written whenever it is full."""
        for row in rows:
            self._rows.append(row)
            self._text += sum(len(value) for value in row if isinstance(value, str))
            if len(self._rows) >= _ROWS or self._text >= _TEXT:
                self._flush()

    def _flush(self) -> None:
        columns = zip(*self._rows, strict=True)
        arrays = [
            self._array(field.name, column, field.type)
            for field, column in zip(self._schema, columns, strict=True)
        ]
        self._writer.write_batch(self._pa.record_batch(arrays, schema=self._schema))
        self._rows, self._text = [], 0

    def _array(self, name: str, values: Sequence[Any], type_: Any) -> Any:
        pa = self._pa
        try:
            if pa.types.is_temporal(type_):
                return pa.array(values, pa.string()).cast(type_)
            return pa.array(values, type_)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise DamagedError(f"{self._sheet.name}.{name}: a value is no {type_} ({error})") from error

    def close(self) -> None:
        """Write what is left and the footer."""
        if self._rows:
            self._flush()
        self._writer.close()
