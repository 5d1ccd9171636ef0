"""Reads the analog channels and events of C3D files (www.c3d.org), of Intel, DEC and MIPS processors.

Marker positions are left aside. Channels are named and scaled as the parameters ANALOG:LABELS, :SCALE and :OFFSET say.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emgmon.errors import ImportFailed
from emgmon.model import Array
from emgmon.storage.foreign.base import (
    MAX_MARKS,
    Foreign,
    ForeignMark,
    ForeignStream,
    Options,
    check_values,
    one_line,
    tidy,
)

BLOCK = 512
INTEL, DEC, MIPS = 84, 85, 86
MAX_PARAMETERS = 10_000
MAX_ANALOG = 4096
KINDS = {-1: 1, 1: 1, 2: 2, 4: 4}
FRAMES_LIMIT = 65_535


@dataclass(frozen=True, slots=True)
class Header:
    """What the first block says."""

    parameter_block: int
    n_points: int
    analog_per_frame: int
    first_frame: int
    last_frame: int
    scale: float
    data_block: int
    samples_per_frame: int
    frame_hz: float


Values = Mapping[str, tuple[str, ...] | Array]


def recognises(head: bytes, ending: str) -> bool:
    """Whether the first bytes are those of a C3D file."""
    return len(head) >= BLOCK and head[1] == 0x50 and 0 < head[0] < 128 and (ending == ".c3d" or head[0] == 2)


def read(path: Path, _options: Options) -> Foreign:
    """Read a whole file; see `emgmon.storage.foreign`."""
    raw = path.read_bytes()
    at = (raw[0] - 1) * BLOCK
    if len(raw) < at + 4:
        raise ImportFailed(f"{path}: the file ends before its parameters")
    processor = raw[at + 3]
    if processor not in {INTEL, DEC, MIPS}:
        raise ImportFailed(f"{path}: unknown kind of processor {processor}")
    header = _header(raw, processor)
    values = _parameters(raw[at + 4 :], processor)
    digits = _analog(path, raw, header, values, processor)
    n_channels = digits.shape[1]
    if not n_channels:
        raise ImportFailed(f"{path}: has no analog channels, only markers")
    scale = _numbers(values, "ANALOG:SCALE", n_channels, 1.0) * _numbers(values, "ANALOG:GEN_SCALE", 1, 1.0)[0]
    samples = (digits - _numbers(values, "ANALOG:OFFSET", n_channels, 0.0)) * scale
    fs_hz = float(_numbers(values, "ANALOG:RATE", 1, header.frame_hz * header.samples_per_frame)[0])
    start_s = (header.first_frame - 1) / header.frame_hz if header.frame_hz > 0 else 0.0
    units = _texts(values, "ANALOG:UNITS")
    hints = _texts(values, "ANALOG:DESCRIPTIONS")
    stream = ForeignStream(
        "",
        tidy(_filled(_texts(values, "ANALOG:LABELS"), n_channels)),
        tuple(_filled(units, n_channels)),
        samples,
        fs_hz,
        start_s,
        hints=tuple(_filled(hints, n_channels)),
    )
    return Foreign((stream,), _events(values))


def _header(raw: bytes, processor: int) -> Header:
    order = ">" if processor == MIPS else "<"
    block, _key, points, analog, first, last, _gap = struct.unpack_from(order + "BBHHHHH", raw)
    data_block, per_frame = struct.unpack_from(order + "HH", raw, 16)
    scale, frame_hz = (float(_floats(raw[at : at + 4], processor)[0]) for at in (12, 20))
    return Header(block, points, analog, first, last, scale, data_block, max(1, per_frame), frame_hz)


def _floats(raw: bytes, processor: int) -> Array:
    if processor == MIPS:
        return np.frombuffer(raw, ">f4").astype(np.float64)
    if processor == INTEL:
        return np.frombuffer(raw, "<f4").astype(np.float64)
    words = np.frombuffer(raw, "<u2").reshape(-1, 2)[:, ::-1]
    return np.frombuffer(np.ascontiguousarray(words).tobytes(), "<f4").astype(np.float64) / 4.0


def _parameters(raw: bytes, processor: int) -> Values:
    """Read all parameters as ``GROUP:NAME``: texts as tuples, numbers as flat arrays."""
    groups: dict[int, str] = {}
    found: dict[tuple[int, str], tuple[str, ...] | Array] = {}
    at = 0
    for _ in range(MAX_PARAMETERS):
        if at + 2 > len(raw) or raw[at] == 0:
            break
        length = abs(int.from_bytes(raw[at : at + 1], "little", signed=True))
        group = int.from_bytes(raw[at + 1 : at + 2], "little", signed=True)
        name = raw[at + 2 : at + 2 + length].decode("latin-1").strip().upper()
        at += 2 + length
        order = ">" if processor == MIPS else "<"
        (step,) = struct.unpack_from(order + "h", raw, at)
        if group < 0:
            groups[-group] = name
        elif group > 0:
            found[group, name] = _value(raw[at + 2 :], processor)
        if step <= 0:
            break
        at += step
    return {f"{groups.get(group, '')}:{name}": value for (group, name), value in found.items()}


def _value(raw: bytes, processor: int) -> tuple[str, ...] | Array:
    kind = int.from_bytes(raw[:1], "little", signed=True)
    dimensions = list(raw[2 : 2 + raw[1]])
    if kind not in KINDS or len(dimensions) > 7:
        return ()
    count = int(np.prod(dimensions, dtype=np.int64)) if dimensions else 1
    data = raw[2 + len(dimensions) :][: count * KINDS[kind]]
    if len(data) < count * KINDS[kind]:
        return ()
    if kind == -1:
        width = dimensions[0] if dimensions else 1
        return tuple(one_line(data[k : k + width].decode("utf-8", "replace"), 100) for k in range(0, count, width or 1))
    if kind == 4:
        return _floats(data, processor)
    return np.frombuffer(data, "i1" if kind == 1 else ">i2" if processor == MIPS else "<i2").astype(np.float64)


def _analog(path: Path, raw: bytes, header: Header, values: Values, processor: int) -> Array:
    """Digits of all analog samples, (n_samples, n_channels)."""
    n_channels = int(_numbers(values, "ANALOG:USED", 1, header.analog_per_frame // header.samples_per_frame)[0])
    if n_channels * header.samples_per_frame != header.analog_per_frame:
        n_channels = header.analog_per_frame // header.samples_per_frame
    if not 0 <= n_channels <= MAX_ANALOG:
        raise ImportFailed(f"{path}: {n_channels} analog channels cannot be")
    floats = header.scale < 0
    width = 4 if floats else 2
    per_frame = 4 * header.n_points + header.analog_per_frame
    begin = (header.data_block - 1) * BLOCK
    if header.data_block < 2 or begin >= len(raw) or not per_frame:
        raise ImportFailed(f"{path}: the file ends before its samples")
    room = (len(raw) - begin) // (per_frame * width)
    said = header.last_frame - header.first_frame + 1
    frames = room if header.last_frame == FRAMES_LIMIT or said <= 0 else min(said, room)
    check_values(path, frames * header.analog_per_frame)
    data = raw[begin : begin + frames * per_frame * width]
    if floats:
        numbers = _floats(data, processor)
    else:
        unsigned = _texts(values, "ANALOG:FORMAT")[:1] == ("UNSIGNED",)
        numbers = np.frombuffer(data, (">" if processor == MIPS else "<") + ("u2" if unsigned else "i2")).astype(
            np.float64
        )
    analog = numbers.reshape(frames, per_frame)[:, 4 * header.n_points :]
    used = n_channels * header.samples_per_frame
    return np.ascontiguousarray(analog[:, :used]).reshape(frames * header.samples_per_frame, n_channels)


def _events(values: Values) -> tuple[ForeignMark, ...]:
    """Make marks of the group EVENT: minutes and seconds from the start of the trial."""
    times = values.get("EVENT:TIMES")
    if not isinstance(times, np.ndarray) or times.size % 2:
        return ()
    labels, contexts = (_filled(_texts(values, f"EVENT:{name}"), times.size // 2) for name in ("LABELS", "CONTEXTS"))
    used = int(np.clip(_numbers(values, "EVENT:USED", 1, times.size // 2)[0], 0, min(times.size // 2, MAX_MARKS)))
    texts = [one_line(f"{context} {label}") for context, label in zip(contexts, labels, strict=True)]
    rows = times.reshape(-1, 2)[:used].tolist()
    marks = [ForeignMark(60.0 * minutes + seconds, text) for (minutes, seconds), text in zip(rows, texts, strict=False)]
    return tuple(mark for mark in marks if abs(mark.time_s) < 1e6)


def _texts(values: Values, key: str) -> tuple[str, ...]:
    """Texts of a parameter and of its continuations ``NAME2`` to ``NAME5``."""
    out: list[str] = []
    for suffix in ("", "2", "3", "4", "5"):
        value = values.get(key + suffix)
        if isinstance(value, tuple):
            out += value
    return tuple(out)


def _filled(texts: tuple[str, ...], n: int) -> list[str]:
    return [*texts[:n], *[""] * (n - len(texts))]


def _numbers(values: Values, key: str, n: int, default: float) -> Array:
    value = values.get(key)
    given = value[:n] if isinstance(value, np.ndarray) else np.empty(0)
    given = np.where(np.isfinite(given), given, default)
    return np.concatenate([given, np.full(n - len(given), default)])
