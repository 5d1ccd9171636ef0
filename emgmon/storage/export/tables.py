"""A folder of tables, CSV or Parquet: one for each signal, then marks, reps, values and ``session.json``.

A signal's table is wide: ``time_s`` on the session clock, then one column for each channel with its unit in the name.
A lost sample is an empty cell (null in Parquet).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from emgmon.errors import ExportFailed
from emgmon.model import Array
from emgmon.storage.export.happenings import mark_rows, rep_rows, value_rows
from emgmon.storage.signals import Signal, Signals, about

SLUGS = {"uV": "uv", "g": "g", "deg/s": "dps", "deg": "deg", "a.u.": "au"}
TABLES = {"marks": mark_rows, "reps": rep_rows, "values": value_rows}


def columns_of(signal: Signal) -> list[str]:
    """Names of a table's columns, units in them."""
    return ["time_s", *(f"{channel.name}_{SLUGS[channel.unit]}" for channel in signal.channels)]


def write_csv(signals: Signals, folder: Path) -> list[str]:
    """Write a folder of CSV tables: UTF-8, comma, point; times to 1 µs, values to 9 digits."""
    folder.mkdir()
    for signal in signals.signals:
        with (folder / f"{signal.name}.csv").open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(",".join(columns_of(signal)) + "\n")
            for time_s, rows in signals.blocks(signal):
                stream.writelines(_lines(time_s, rows))
    for name, rows_of in TABLES.items():
        found = rows_of(signals)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(found[0]) if found else ["time_s"], lineterminator="\n")
            writer.writeheader()
            writer.writerows({k: "" if v != v else v for k, v in row.items()} for row in found)  # noqa: PLR0124 - NaN
    _write_session(signals, folder)
    return []


def _lines(time_s: Array, rows: Array) -> Iterator[str]:
    form = "%.6f" + ",%.9g" * rows.shape[1] + "\n"
    table = np.column_stack([time_s, rows])
    lost = np.asarray(np.isnan(rows).any(axis=1))
    for row, holed in zip(table.tolist(), lost.tolist(), strict=True):
        line = form % tuple(row)
        yield line.replace("nan", "") if holed else line


def write_parquet(signals: Signals, folder: Path) -> list[str]:
    """Write a folder of Parquet tables, float64, zstd."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise ExportFailed("Parquet needs pyarrow: pip install 'emgmon[parquet]'") from error
    folder.mkdir()
    said = {b"emgmon": json.dumps(about(signals.summary)).encode()}
    for signal in signals.signals:
        schema = pa.schema([(name, pa.float64()) for name in columns_of(signal)], metadata=said)
        with pq.ParquetWriter(folder / f"{signal.name}.parquet", schema, compression="zstd") as writer:
            for time_s, rows in signals.blocks(signal):
                columns = [pa.array(column, from_pandas=True) for column in (time_s, *rows.T)]
                writer.write_table(pa.table(columns, schema=schema))
    for name, rows_of in TABLES.items():
        table = pa.Table.from_pylist(rows_of(signals))
        pq.write_table(table.replace_schema_metadata(said), folder / f"{name}.parquet", compression="zstd")
    _write_session(signals, folder)
    return []


def signal_rows(signals: Iterable[Signal]) -> list[dict[str, Any]]:
    """Return what is known of each signal beside its samples; NaN as None."""
    return [
        {
            "name": signal.name,
            "device": signal.device,
            "kind": signal.kind,
            "channels": [
                {"name": c.name, "label": c.label, "unit": c.unit, "placement": str(c.placement or "")}
                for c in signal.channels
            ],
            "fs_hz": signal.fs_hz,
            "fs_measured_hz": signal.fs_measured_hz,
            "start_s": signal.start_s,
            "time_error_s": signal.time_error_s,
            "samples": len(signal.samples),
            "gaps": len(signal.gaps()),
        }
        for signal in signals
    ]


def _write_session(signals: Signals, folder: Path) -> None:
    content = {**about(signals.summary), "signals": signal_rows(signals.signals)}
    (folder / "session.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
