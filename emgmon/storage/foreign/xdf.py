"""Reads XDF files of LabRecorder (github.com/sccn/xdf/wiki/Specifications).

The stamps and clock offsets are kept in the file as they came. Here the offsets bring all streams to the recorder's
clock, by a straight line for each, and a robust line through its stamps makes each stream even.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

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
from emgmon.storage.foreign.clocks import on_clock

HEADER, SAMPLES, OFFSET = 2, 3, 4
FORMATS = {"int8": "<i1", "int16": "<i2", "int32": "<i4", "int64": "<i8", "float32": "<f4", "double64": "<f8"}
MAX_XML_BYTES = 4 << 20
MAX_STREAMS = 256
MAX_CHANNELS = 4096


@dataclass(slots=True)
class _Stream:
    """One stream while the file is read."""

    name: str
    kind: str
    labels: list[str]
    units: list[str]
    nominal_hz: float
    form: str
    n_channels: int
    stamps_s: list[Array] = field(default_factory=list)
    samples: list[Array] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    offsets: list[tuple[float, float]] = field(default_factory=list)
    n: int = 0
    last_s: float = 0.0


def recognises(head: bytes, _ending: str) -> bool:
    """Whether the first bytes are those of an XDF file."""
    return head.startswith(b"XDF:")


def read(path: Path, _options: Options) -> Foreign:
    """Read a whole file; see `emgmon.storage.foreign`."""
    streams: dict[int, _Stream] = {}
    told: list[str] = []
    with path.open("rb") as file:
        for tag, content in _chunks(path, file, told):
            if tag == HEADER and len(streams) < MAX_STREAMS:
                streams[_id(content)] = _described(path, content[4:])
            elif tag == SAMPLES and _id(content) in streams:
                _add(path, streams[_id(content)], content[4:])
                check_values(path, sum(one.n * one.n_channels for one in streams.values()))
            elif tag == OFFSET and _id(content) in streams and len(content) >= 20:
                streams[_id(content)].offsets.append(struct.unpack_from("<dd", content, 4))
    filled = [one for one in streams.values() if one.n]
    stamps = [_synchronised(one) for one in filled]
    begin_s = min((float(times[0]) for times in stamps), default=0.0)
    made: list[ForeignStream] = []
    marks: list[ForeignMark] = []
    for one, times in zip(filled, stamps, strict=True):
        if one.form == "string" or one.nominal_hz <= 0:
            marks += _marks(one, times - begin_s)
        else:
            made.append(_even(path, one, times - begin_s, told))
    return Foreign(tuple(made), tuple(sorted(marks, key=lambda mark: mark.time_s)[:MAX_MARKS]), tuple(told))


def _chunks(path: Path, file: IO[bytes], told: list[str]) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each chunk, up to a torn one."""
    size = path.stat().st_size
    file.seek(4)
    while width := file.read(1):
        length = int.from_bytes(file.read(width[0]), "little") if width[0] in {1, 4, 8} else -1
        if length < 2 or file.tell() + length > size:
            told.append(f"the file is torn at byte {file.tell()}; what stands before is read")
            return
        chunk = file.read(length)
        yield int.from_bytes(chunk[:2], "little"), chunk[2:]


def _id(content: bytes) -> int:
    return int.from_bytes(content[:4], "little")


def _described(path: Path, xml: bytes) -> _Stream:
    """Read a stream's header. A document type, which alone can define entities, is refused before parsing."""
    if len(xml) > MAX_XML_BYTES or b"<!" in xml.replace(b"<!--", b""):
        raise ImportFailed(f"{path}: a stream's header is too long or defines entities; it is not opened")
    try:
        info = ET.fromstring(xml)  # noqa: S314 - no document type, so no entities
    except ET.ParseError as error:
        raise ImportFailed(f"{path}: a stream's header is no XML: {error}") from error
    n_channels = int(info.findtext("channel_count") or 0)
    form = info.findtext("channel_format") or ""
    if not 0 < n_channels <= MAX_CHANNELS or form not in {*FORMATS, "string"}:
        raise ImportFailed(f"{path}: a stream has {n_channels} channels of {one_line(form, 20)!r}")
    channels = info.findall("desc/channels/channel")[:n_channels]
    labels = [one_line(channel.findtext("label") or "") for channel in channels]
    units = [one_line(channel.findtext("unit") or "", 30) for channel in channels]
    return _Stream(
        one_line(info.findtext("name") or "stream", 60),
        one_line(info.findtext("type") or "", 30),
        [*labels, *[""] * (n_channels - len(labels))],
        [*units, *[""] * (n_channels - len(units))],
        float(info.findtext("nominal_srate") or 0.0),
        form,
        n_channels,
    )


def _number(content: bytes, at: int) -> tuple[int, int]:
    """Read a number that is led by its width; returns it and where it ends."""
    width = content[at]
    if width not in {1, 4, 8}:
        raise ValueError(f"a number of {width} bytes")
    return int.from_bytes(content[at + 1 : at + 1 + width], "little"), at + 1 + width


def _add(path: Path, one: _Stream, content: bytes) -> None:
    """Take a chunk of samples; those without a stamp follow at the nominal rate."""
    n, at = _number(content, 0)
    if n > len(content):
        raise ImportFailed(f"{path}: a chunk of stream {one.name!r} claims {n} samples in {len(content)} bytes")
    if one.form == "string":
        _add_texts(one, content, at, n)
        return
    width = np.dtype(FORMATS[one.form]).itemsize * one.n_channels
    whole = next((lead for lead in (9, 1) if len(content) - at == n * (lead + width)), 0)
    rows = np.frombuffer(content, np.uint8, offset=at).reshape(n, whole + width) if whole and n else None
    if rows is not None and (rows[:, 0] == (8 if whole == 9 else 0)).all():
        stamps_s = _column(rows[:, 1:9], "<f8")[:, 0] if whole == 9 else _run_on(one, n)
        values = _column(rows[:, whole:], FORMATS[one.form])
    else:
        stamps_s, values = _one_by_one(one, content, at, n, width)
    if n:
        one.stamps_s.append(stamps_s)
        one.samples.append(values)
        one.last_s = float(stamps_s[-1])
        one.n += n


def _column(rows: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], form: str) -> Array:
    return np.ascontiguousarray(rows).view(form).astype(np.float64)


def _run_on(one: _Stream, n: int) -> Array:
    return one.last_s + np.arange(1, n + 1) / (one.nominal_hz or 1.0)


def _one_by_one(one: _Stream, content: bytes, at: int, n: int, width: int) -> tuple[Array, Array]:
    stamps_s, parts = np.empty(n), []
    last_s = one.last_s
    for k in range(n):
        if content[at]:
            last_s = struct.unpack_from("<d", content, at + 1)[0]
        else:
            last_s += 1.0 / (one.nominal_hz or 1.0)
        at += 9 if content[at] else 1
        stamps_s[k] = last_s
        parts.append(content[at : at + width])
        at += width
    values = np.frombuffer(b"".join(parts), FORMATS[one.form]).astype(np.float64)
    return stamps_s, values.reshape(n, one.n_channels)


def _add_texts(one: _Stream, content: bytes, at: int, n: int) -> None:
    stamps_s = np.empty(n)
    for k in range(n):
        if content[at]:
            one.last_s = struct.unpack_from("<d", content, at + 1)[0]
        at += 9 if content[at] else 1
        words = []
        for _ in range(one.n_channels):
            length, at = _number(content, at)
            words.append(content[at : at + length].decode("utf-8", "replace"))
            at += length
        stamps_s[k] = one.last_s
        one.texts.append(one_line(" ".join(words)))
    if n:
        one.stamps_s.append(stamps_s)
        one.n += n


def _synchronised(one: _Stream) -> Array:
    """Stamps on the recorder's clock."""
    times = np.concatenate(one.stamps_s)
    if not one.offsets:
        return times
    at_s, offset_s = np.array(one.offsets).T
    if len(at_s) < 3 or float(np.ptp(at_s)) <= 0:
        return times + float(np.median(offset_s))
    order = np.argsort(at_s, kind="stable")
    at_s, offset_s = at_s[order], offset_s[order]
    middle = float(np.median(at_s))
    slope = float(((at_s - middle) * (offset_s - offset_s.mean())).sum() / ((at_s - middle) ** 2).sum())
    return times + float(np.median(offset_s - slope * (at_s - middle))) + slope * (times - middle)


def _even(path: Path, one: _Stream, times: Array, told: list[str]) -> ForeignStream:
    grid = on_clock(f"{path}: stream {one.name!r}", times, one.nominal_hz)
    told += [f"{one.name}: {text}" for text in grid.told]
    names = tidy([label or f"{one.name} {k + 1}" for k, label in enumerate(one.labels)])
    samples = np.concatenate(one.samples)
    hints = (one.kind,) * one.n_channels
    return ForeignStream(one.name, names, tuple(one.units), samples, grid.fs_hz, grid.start_s, grid.index, hints)


def _marks(one: _Stream, times: Array) -> list[ForeignMark]:
    if one.form == "string":
        texts = one.texts
    else:
        texts = [
            f"{one.name}: {' '.join(f'{value:g}' for value in row)}"
            for row in np.concatenate(one.samples)[:MAX_MARKS].tolist()
        ]
    return [ForeignMark(time_s, text) for time_s, text in zip(times.tolist(), texts, strict=False) if text]
