"""Reads Parquet files; with pyarrow (the extra ``parquet``), in a process of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emgmon.errors import ImportFailed
from emgmon.storage.foreign.base import Foreign, Options, check_values
from emgmon.storage.foreign.columns import Columns, streams_of
from emgmon.storage.foreign.isolated import isolated
from emgmon.storage.foreign.layout import name_and_unit


def recognises(head: bytes, _ending: str) -> bool:
    """Whether the first bytes are those of Parquet."""
    return head.startswith(b"PAR1")


def read(path: Path, options: Options) -> Foreign:
    """Read a whole file; see `emgmon.storage.foreign`."""
    return isolated("parquet", path, options)


def read_here(path: Path, options: Options) -> Foreign:
    """Do what `read` does, in this process."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise ImportFailed(f"{path}: Parquet needs another package: pip install 'emgmon[parquet]'") from error
    with parquet.ParquetFile(path) as file:
        schema = file.schema_arrow
        wanted = [
            one
            for one in schema
            if pa.types.is_integer(one.type) or pa.types.is_floating(one.type) or pa.types.is_timestamp(one.type)
        ]
        check_values(path, file.metadata.num_rows * max(1, len(wanted)))
        parts, stamps = [], set()
        for one in wanted:
            column = file.read([one.name]).column(0)
            if pa.types.is_timestamp(one.type):
                column = column.cast(pa.timestamp("ns")).cast(pa.int64())
                stamps.add(one.name)
            parts.append(column.to_numpy().astype(np.float64) * (1e-9 if one.name in stamps else 1.0))
    if not parts:
        raise ImportFailed(f"{path}: has no column of numbers")
    names, units = zip(*(name_and_unit(one.name) for one in wanted), strict=True)
    clocks = frozenset(name for name, one in zip(names, wanted, strict=True) if one.name in stamps)
    return streams_of(path, Columns(names, units, np.column_stack(parts), clocks), options)
