"""Reads WAV files: whole numbers of 8 to 32 bits and floats, as sound cards and SpikerBoxes record EMG."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO

import numpy as np

from emgmon.errors import ImportFailed
from emgmon.model import Array
from emgmon.storage.foreign.base import Foreign, ForeignStream, Options, check_values

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
MAX_CHUNKS = 1000
MAX_CHANNELS = 256


def recognises(head: bytes, _ending: str) -> bool:
    """Whether the first bytes are those of a WAV file."""
    return head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE"


def read(path: Path, _options: Options) -> Foreign:
    """Read a whole file; see `emgmon.storage.foreign`."""
    form: tuple[int, int, int, int] | None = None
    with path.open("rb") as stream:
        stream.seek(12)
        for _ in range(MAX_CHUNKS):
            head = stream.read(8)
            if len(head) < 8:
                break
            name, size = head[:4], struct.unpack("<I", head[4:])[0]
            if name == b"fmt ":
                form = _form(path, stream.read(size))
            elif name == b"data":
                if form is None:
                    raise ImportFailed(f"{path}: samples come before their format")
                return _stream(path, stream, form, size)
            else:
                stream.seek(size, 1)
            stream.seek(size & 1, 1)
    raise ImportFailed(f"{path}: has no samples (no data chunk)")


def _form(path: Path, raw: bytes) -> tuple[int, int, int, int]:
    """Code, channels, rate and bits."""
    if len(raw) < 16:
        raise ImportFailed(f"{path}: its format chunk is cut")
    code, channels, rate_hz, _bytes, _align, bits = struct.unpack("<HHIIHH", raw[:16])
    if code == EXTENSIBLE and len(raw) >= 26:
        code = struct.unpack("<H", raw[24:26])[0]
    known = {PCM: (8, 16, 24, 32), FLOAT: (32, 64)}
    if bits not in known.get(code, ()) or not 1 <= channels <= MAX_CHANNELS:
        raise ImportFailed(f"{path}: coding {code} with {bits} bits, {channels} channels; save it as 16-bit PCM")
    return code, channels, rate_hz, bits


def _stream(path: Path, stream: IO[bytes], form: tuple[int, int, int, int], size: int) -> Foreign:
    code, channels, rate_hz, bits = form
    left = path.stat().st_size - stream.tell()
    width = channels * bits // 8
    n = min(size, left) // width
    check_values(path, n * channels)
    samples = _numbers(stream.read(n * width), code, bits).reshape(n, channels)
    cut = (f"the file ends after {n} of {size // width} samples",) if left < size < 0xFFFFFFFF else ()
    names = tuple(f"channel{k + 1}" for k in range(channels))
    return Foreign((ForeignStream("", names, ("",) * channels, samples, float(rate_hz)),), told=cut)


def _numbers(raw: bytes, code: int, bits: int) -> Array:
    if code == FLOAT:
        return np.frombuffer(raw, f"<f{bits // 8}").astype(np.float64)
    if bits == 8:
        return np.frombuffer(raw, np.uint8).astype(np.float64) - 128.0
    if bits == 24:
        parts = np.frombuffer(raw, np.uint8).reshape(-1, 3).astype(np.int32)
        whole = parts[:, 0] | parts[:, 1] << 8 | parts[:, 2] << 16
        return (whole - ((whole & 0x800000) << 1)).astype(np.float64)
    return np.frombuffer(raw, f"<i{bits // 8}").astype(np.float64)
