"""Reads NumPy files: an ``.npz`` of streams, or one array as ``.npy``; never a pickle."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from emgmon.errors import ImportFailed
from emgmon.model import Array
from emgmon.storage.foreign.base import MAX_BYTES, Foreign, ForeignStream, Options, check_values, tidy
from emgmon.storage.foreign.clocks import EPOCH_S, on_clock


def read_npz(path: Path, options: Options) -> Foreign:
    """Read an ``.npz``.

    A stream ``s`` is the array ``s_data`` (samples x channels) with, where known, ``s_fs`` (Hz), ``s_t`` (s),
    ``s_names`` and ``s_units``; in a file without such names each array is a stream.
    """
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(item.file_size for item in archive.infolist())
    if unpacked > MAX_BYTES:
        raise ImportFailed(f"{path}: unpacks to {unpacked >> 20} MB, more than can be imported")
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as found:
        if not hasattr(found, "files"):
            raise ImportFailed(f"{path}: not a readable .npz: it holds one array; call it .npy")
        names = [key.removesuffix("_data") for key in found.files if key.endswith("_data")]
        if names:
            firsts = [float(np.ravel(found[f"{name}_t"])[0]) for name in names if np.size(found.get(f"{name}_t", ()))]
            epoch_s = min((first for first in firsts if abs(first) > EPOCH_S), default=0.0)
            read = [_stream(path, found, name, options, epoch_s) for name in names]
        else:
            plain = [
                key for key in found.files if np.issubdtype(found[key].dtype, np.number) and found[key].ndim in {1, 2}
            ]
            read = [(_plain(path, key, found[key], options), ()) for key in plain if found[key].size]
    told = tuple(line for _stream_read, lines in read for line in lines)
    return Foreign(tuple(stream for stream, _lines in read), told=told)


def read_npy(path: Path, options: Options) -> Foreign:
    """Read an ``.npy`` of samples x channels; the longer side is taken as time."""
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    return Foreign((_plain(path, "", array, options),))


def _plain(path: Path, name: str, array: Any, options: Options) -> ForeignStream:
    samples = as_samples(path, name or "array", array)
    n = samples.shape[1]
    channels = (name,) if n == 1 and name else tuple(f"{name or 'channel'}{k + 1}" for k in range(n))
    return ForeignStream(name, channels, ("",) * n, samples, options.rate_hz)


def as_samples(path: Path, name: str, array: Any) -> Array:
    """Make samples x channels of an array of one or two dimensions."""
    if array.ndim not in {1, 2} or not array.size or not np.issubdtype(array.dtype, np.number):
        raise ImportFailed(f"{path}: stream {name!r} is not a table of samples x channels")
    if np.issubdtype(array.dtype, np.complexfloating):
        raise ImportFailed(f"{path}: stream {name!r} holds complex numbers; samples are real")
    check_values(path, array.size)
    samples = np.asarray(array, np.float64)
    if samples.ndim == 1:
        return samples[:, None]
    return samples.T if samples.shape[1] > samples.shape[0] else samples


def _stream(
    path: Path, found: Any, name: str, options: Options, epoch_s: float
) -> tuple[ForeignStream, tuple[str, ...]]:
    samples = np.asarray(found[f"{name}_data"], np.float64)
    if samples.ndim != 2 or not samples.size:
        raise ImportFailed(f"{path}: stream {name!r} is not a table of samples x channels")
    n_columns = samples.shape[1]
    names = [str(text) for text in np.ravel(found.get(f"{name}_names", [f"{k}" for k in range(n_columns)]))]
    units = tuple(_unit(str(unit)) for unit in np.ravel(found.get(f"{name}_units", [""] * n_columns)))
    if len(names) != n_columns or len(units) != n_columns:
        raise ImportFailed(f"{path}: stream {name!r} has {n_columns} channels but {len(names)} names")
    time_s = found.get(f"{name}_t")
    rate_hz = float(found.get(f"{name}_fs", 0.0)) or options.rate_hz
    if time_s is None:
        return ForeignStream(name, tidy(names), units, samples, rate_hz), ()
    if np.shape(time_s) != (len(samples),):
        raise ImportFailed(f"{path}: stream {name!r} has {len(samples)} samples but {np.size(time_s)} times")
    grid = on_clock(f"{path}: stream {name!r}", np.asarray(time_s, np.float64) - epoch_s, rate_hz)
    stream = ForeignStream(name, tidy(names), units, samples, grid.fs_hz, grid.start_s, grid.index)
    return stream, tuple(f"{name}: {line}" for line in grid.told)


def _unit(text: str) -> str:
    """Take a unit as the source states it; one with a question mark is not stated."""
    return "" if "?" in text else text
