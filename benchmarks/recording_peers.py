"""Other formats for the same simulated signals, and the packets of the open profile, written without emgmon's code."""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Counts = np.ndarray[Any, np.dtype[np.int16]]
SCALE_UV = 0.5


def description() -> bytes:
    """Build the description of a sensor: one EMG stream at 1000 Hz, 0.5 µV per count, raw."""
    tags = ((1, b"\x01"), (2, struct.pack("<H", 1000)), (3, b"\x00"), (4, struct.pack("<f", SCALE_UV)), (5, b"\x00"))
    body = b"".join(bytes([tag, len(value)]) + value for tag, value in tags)
    return bytes([1, 1, 1, len(body)]) + body


def packet(first: int, counts: Counts) -> bytes:
    """Build a data packet of the open profile."""
    head = struct.pack("<BBHIIBB", 0x10, 0, first // len(counts) & 0xFFFF, first, first * 1000, 1, len(counts))
    return head + counts.astype("<i2").tobytes()


def write_edf(path: Path, counts: Counts, fs_hz: int) -> None:
    """EDF: 1 s data records, 16 bit."""
    from edfio import Edf, EdfSignal  # noqa: PLC0415 - may be missing

    signals = [
        EdfSignal(column * SCALE_UV, fs_hz, label=f"EMG {n}", physical_dimension="uV", physical_range=(-16384, 16383.5))
        for n, column in enumerate(counts.T)
    ]
    Edf(signals).write(path)


def read_edf(path: Path) -> None:
    """Read all channels in µV."""
    from edfio import read_edf as open_edf  # noqa: PLC0415

    for signal in open_edf(path).signals:
        signal.data  # noqa: B018 - reading is what is measured


def window_edf(path: Path, first: int, count: int) -> None:
    """Read 10 s in µV."""
    from edfio import read_edf as open_edf  # noqa: PLC0415

    for signal in open_edf(path).signals:
        signal.get_data_slice(first / signal.sampling_frequency, (first + count) / signal.sampling_frequency)


def write_hdf5(path: Path, counts: Counts, fs_hz: int) -> None:
    """HDF5: 1 s chunks, gzip and shuffle."""
    import h5py  # noqa: PLC0415

    with h5py.File(path, "w") as file:
        file.create_dataset("emg", data=counts, chunks=(fs_hz, counts.shape[1]), compression="gzip", shuffle=True)


def read_hdf5(path: Path) -> None:
    """Read all channels in µV."""
    import h5py  # noqa: PLC0415

    with h5py.File(path) as file:
        file["emg"][:] * SCALE_UV


def window_hdf5(path: Path, first: int, count: int) -> None:
    """Read 10 s in µV."""
    import h5py  # noqa: PLC0415

    with h5py.File(path) as file:
        file["emg"][first : first + count] * SCALE_UV


def write_xdf(path: Path, counts: Counts, fs_hz: int) -> None:
    """XDF: one stream, a chunk for each second with one time stamp."""

    def chunk(tag: int, content: bytes) -> bytes:
        return struct.pack("<BIH", 4, len(content) + 2, tag) + content

    channels = counts.shape[1]
    info = (
        f"<?xml version='1.0'?><info><name>emg</name><type>EMG</type><channel_count>{channels}</channel_count>"
        f"<nominal_srate>{fs_hz}</nominal_srate><channel_format>int16</channel_format></info>"
    )
    one = struct.pack("<I", 1)
    with path.open("wb") as file:
        file.write(b"XDF:" + chunk(1, b"<?xml version='1.0'?><info><version>1.0</version></info>"))
        file.write(chunk(2, one + info.encode()))
        for first in range(0, len(counts), fs_hz):
            block = counts[first : first + fs_hz].astype("<i2")
            rows = np.zeros(len(block), dtype=[("stamp", "u1"), ("values", "<i2", channels)])
            rows["values"] = block
            stamped = b"\x08" + struct.pack("<d", first / fs_hz) + block[0].tobytes() + rows[1:].tobytes()
            file.write(chunk(3, one + b"\x04" + struct.pack("<I", len(block)) + stamped))


def read_xdf(path: Path) -> None:
    """Read the stream in µV."""
    import pyxdf  # noqa: PLC0415

    logging.getLogger("pyxdf").setLevel(logging.ERROR)
    streams, _header = pyxdf.load_xdf(path)
    streams[0]["time_series"] * SCALE_UV


def write_parquet(path: Path, counts: Counts, fs_hz: int) -> None:
    """Parquet: a column per channel, row groups of 10 s, zstd."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    table = pa.table({f"emg{n}": np.ascontiguousarray(column) for n, column in enumerate(counts.T)})
    pq.write_table(table, path, compression="zstd", row_group_size=10 * fs_hz)


def read_parquet(path: Path) -> None:
    """Read all channels in µV."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    for column in pq.read_table(path).columns:
        column.to_numpy() * SCALE_UV


def window_parquet(path: Path, first: int, count: int) -> None:
    """Read the row groups of 10 s in µV."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    file = pq.ParquetFile(path)
    size = file.metadata.row_group(0).num_rows
    groups = list(range(first // size, (first + count - 1) // size + 1))
    for column in file.read_row_groups(groups).columns:
        column.to_numpy() * SCALE_UV


Writer = Callable[[Path, Counts, int], None]
Window = Callable[[Path, int, int], None]
PEERS: tuple[tuple[str, str, Writer, Callable[[Path], None], Window | None], ...] = (
    ("EDF", "edfio", write_edf, read_edf, window_edf),
    ("HDF5, gzip and shuffle", "h5py", write_hdf5, read_hdf5, window_hdf5),
    ("XDF", "pyxdf", write_xdf, read_xdf, None),
    ("Parquet, zstd", "pyarrow", write_parquet, read_parquet, window_parquet),
)
"""Name, package, writer, reader, and reader of a window where the format can be read in part."""
