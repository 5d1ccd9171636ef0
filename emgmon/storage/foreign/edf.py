"""Reads EDF, EDF+, BDF and BDF+ files, also discontinuous ones (www.edfplus.info/specs).

The person's name and the like are not read. Signals of different rates become different streams; a record that is
missing in an EDF+D file becomes missing samples; annotations and BioSemi triggers become marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from emgmon.errors import ImportFailed
from emgmon.model import Array
from emgmon.storage.foreign.base import (
    MAX_MARKS,
    MAX_VALUES,
    Foreign,
    ForeignMark,
    ForeignStream,
    Index,
    Options,
    check_values,
    one_line,
    tidy,
)

FIXED_BYTES, SIGNAL_BYTES = 256, 256
MAX_SIGNALS = 1024
ANNOTATIONS = ("EDF Annotations", "BDF Annotations")
FIELDS = (
    *(("label", 16), ("transducer", 80), ("unit", 8), ("low", 8), ("high", 8)),
    *(("digital_low", 8), ("digital_high", 8), ("filters", 80), ("samples", 8), ("reserved", 32)),
)
TAL = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15[\d.]*)?\x14([^\0]*)")
TRIGGER_BITS = 0xFFFF


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal's part of the header: samples in each record, where they begin, and from digits to `unit`."""

    label: str
    transducer: str
    unit: str
    samples: int
    first: int
    gain: float
    offset: float


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says."""

    wide: bool
    signals: tuple[Signal, ...]
    records: int
    record_s: float
    header_bytes: int
    continuous: bool

    @property
    def record_samples(self) -> int:
        """Digits in one record."""
        return sum(one.samples for one in self.signals)


def recognises(head: bytes, _ending: str) -> bool:
    """Whether the first bytes are those of EDF or BDF."""
    return head.startswith((b"0       ", b"\xffBIOSEMI"))


def read(path: Path, _options: Options) -> Foreign:
    """Read a whole file; see `emgmon.storage.foreign`."""
    with path.open("rb") as stream:
        header = _header(path, stream)
        told = [f"signal {one.label!r} has no physical range: kept as digits" for one in header.signals if not one.unit]
        stream.seek(header.header_bytes)
        width = 3 if header.wide else 2
        kept = [one for one in header.signals if one.label not in ANNOTATIONS]
        check_values(path, header.records * sum(one.samples for one in kept))
        data = [np.empty((header.records, one.samples)) for one in kept]
        onsets_s: list[float] = []
        marks: list[ForeignMark] = []
        got = 0
        for record in range(header.records):
            raw = stream.read(header.record_samples * width)
            if len(raw) < header.record_samples * width:
                break
            onset_s, notes = _notes(raw, header, width)
            onsets_s.append(record * header.record_s if onset_s is None else onset_s)
            marks += notes[: MAX_MARKS - len(marks)]
            for one, into in zip(kept, data, strict=True):
                digits = _digits(raw[one.first * width : (one.first + one.samples) * width], width)
                into[record] = digits * one.gain + one.offset
            got += 1
    if got < header.records:
        told.append(f"the file ends after {got} of {header.records} records")
    starts_s = np.array(onsets_s) - (onsets_s[0] if onsets_s else 0.0)
    streams = _streams(path, kept, [into[:got] for into in data], header, starts_s)
    shifted = [ForeignMark(mark.time_s - (onsets_s[0] if onsets_s else 0.0), mark.text) for mark in marks]
    return Foreign(streams, tuple(shifted + _triggers(kept, data, header)), tuple(told))


def _header(path: Path, stream: IO[bytes]) -> Header:
    fixed = stream.read(FIXED_BYTES)
    n_signals = _whole(path, fixed[252:256], "number of signals", 1, MAX_SIGNALS)
    text = stream.read(n_signals * SIGNAL_BYTES)
    if len(fixed) < FIXED_BYTES or len(text) < n_signals * SIGNAL_BYTES:
        raise ImportFailed(f"{path}: the file ends within its header")
    table: dict[str, list[bytes]] = {}
    at = 0
    for name, size in FIELDS:
        table[name] = [text[at + k * size : at + (k + 1) * size] for k in range(n_signals)]
        at += n_signals * size
    signals = []
    first = 0
    for k in range(n_signals):
        one = _signal(path, {name: values[k] for name, values in table.items()}, first)
        signals.append(one)
        first += one.samples
    wide = fixed[:1] == b"\xff"
    record_s = _real(path, fixed[244:252], "duration of a record")
    header_bytes = FIXED_BYTES + n_signals * SIGNAL_BYTES
    room = (path.stat().st_size - header_bytes) // (first * (3 if wide else 2)) if first else 0
    said = _whole(path, fixed[236:244], "number of records", -1, 1 << 40)
    if record_s <= 0 and any(one.label not in ANNOTATIONS for one in signals):
        raise ImportFailed(f"{path}: a record lasts {record_s:g} s; its signals have no rate")
    records = room if said < 0 else min(said, room + 1)
    return Header(wide, tuple(signals), records, record_s, header_bytes, _ascii(fixed[192:197])[4:5] != "D")


def _signal(path: Path, field: dict[str, bytes], first: int) -> Signal:
    label = one_line(_ascii(field["label"]))
    samples = _whole(path, field["samples"], f"samples of {label!r}", 0, 1 << 24)
    if label in ANNOTATIONS:
        return Signal(label, "", "-", samples, first, 1.0, 0.0)
    numbers = [
        _real(path, field[name], f"{name} of {label!r}") for name in ("low", "high", "digital_low", "digital_high")
    ]
    low, high, digital_low, digital_high = numbers
    if high == low or digital_high == digital_low:
        return Signal(label, "", "", samples, first, 1.0, 0.0)
    gain = (high - low) / (digital_high - digital_low)
    unit = field["unit"].decode("latin-1").strip()
    return Signal(
        label, one_line(_ascii(field["transducer"])), unit or "?", samples, first, gain, low - gain * digital_low
    )


def _digits(raw: bytes, width: int) -> Array:
    if width == 2:
        return np.frombuffer(raw, "<i2").astype(np.float64)
    parts = np.frombuffer(raw, np.uint8).reshape(-1, 3).astype(np.int32)
    whole: NDArray[np.int32] = parts[:, 0] | parts[:, 1] << 8 | parts[:, 2] << 16
    return (whole - ((whole & 0x800000) << 1)).astype(np.float64)


def _notes(raw: bytes, header: Header, width: int) -> tuple[float | None, list[ForeignMark]]:
    """Onset of a record as its first annotation says it, and the notes in it."""
    onset_s: float | None = None
    marks: list[ForeignMark] = []
    for one in header.signals:
        if one.label not in ANNOTATIONS:
            continue
        for match in TAL.finditer(raw[one.first * width : (one.first + one.samples) * width]):
            time_s = float(match[1])
            if onset_s is None:
                onset_s = time_s
            words = [part.decode("utf-8", "replace") for part in match[2].split(b"\x14")]
            marks += [ForeignMark(time_s, one_line(word)) for word in words if word.strip()]
    return onset_s, marks


def _streams(
    path: Path, kept: list[Signal], data: list[Array], header: Header, starts_s: Array
) -> tuple[ForeignStream, ...]:
    names = tidy([one.label for one in kept])
    streams = []
    for samples in dict.fromkeys(one.samples for one in kept if one.samples):
        which = [k for k, one in enumerate(kept) if one.samples == samples]
        fs_hz = samples / header.record_s
        streams.append(
            ForeignStream(
                f"{fs_hz:g}Hz",
                tuple(names[k] for k in which),
                tuple("" if kept[k].unit == "?" else kept[k].unit for k in which),
                np.column_stack([data[k].reshape(-1) for k in which]),
                fs_hz,
                index=None if header.continuous else _index(path, starts_s, samples, fs_hz),
                hints=tuple(kept[k].transducer for k in which),
            )
        )
    return tuple(streams)


def _index(path: Path, starts_s: Array, samples: int, fs_hz: float) -> Index:
    """Positions of the samples of records that begin at `starts_s`."""
    firsts = np.round(starts_s * fs_hz)
    if (np.diff(firsts) < samples - 1).any() or (len(firsts) and not 0 <= firsts[-1] <= MAX_VALUES):
        raise ImportFailed(f"{path}: its records do not follow one another in time")
    even = np.arange(len(firsts)) * samples
    begins = even + np.maximum.accumulate(firsts.astype(np.int64) - even)
    return np.asarray(begins[:, None] + np.arange(samples), np.int64).reshape(-1)


def _triggers(kept: list[Signal], data: list[Array], header: Header) -> list[ForeignMark]:
    """Make marks where the trigger bits of a BioSemi status channel change to something."""
    marks: list[ForeignMark] = []
    for one, digits in zip(kept, data, strict=True):
        if header.wide and one.label == "Status" and one.samples:
            codes = np.round((digits.reshape(-1) - one.offset) / one.gain).astype(np.int64) & TRIGGER_BITS
            at = np.flatnonzero((np.diff(codes) != 0) & (codes[1:] != 0)) + 1
            fs_hz = one.samples / header.record_s
            marks += [ForeignMark(k / fs_hz, f"trigger {codes[k]}") for k in at[:MAX_MARKS].tolist()]
    return marks


def _ascii(raw: bytes) -> str:
    return raw.decode("ascii", "replace").strip("\0 ")


def _whole(path: Path, raw: bytes, what: str, low: int, high: int) -> int:
    value = _real(path, raw, what)
    if value != int(value) or not low <= value <= high:
        raise ImportFailed(f"{path}: {what} is {value:g}; allowed is {low} to {high}")
    return int(value)


def _real(path: Path, raw: bytes, what: str) -> float:
    text = _ascii(raw)
    try:
        value = float(text.replace(",", "."))
    except ValueError as error:
        raise ImportFailed(f"{path}: {what} is {text!r}, no number") from error
    if not abs(value) < 1e15:
        raise ImportFailed(f"{path}: {what} is {text!r}, no number that can be")
    return value
