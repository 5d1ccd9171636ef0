"""EDF+ and BDF+, continuous, written record by record.

The layout is that of https://www.edfplus.info/specs/edfplus.html (BDF+: the same with 24 bits). Own code, as the
libraries hold a whole file in memory and ten hours must fit. The file begins at session time 0, so an annotation's
onset is a session time. All signals of a file share one clock: a sample goes to the slot nearest to its time on the
session clock, so a sensor whose clock is off has a sample repeated or left out now and then; values are never mixed.

A slot without a sample is 0. Each gap is one annotation ``lost LABEL`` with its length; the time before a signal's
first and after its last sample is one too, ``not recorded LABEL``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emgmon import __version__
from emgmon.errors import ExportFailed
from emgmon.model import Array
from emgmon.storage.export.happenings import Happening, happenings
from emgmon.storage.signals import Signal, Signals

RECORDS_AT_ONCE = 60
LOST, OUTSIDE = "lost", "not recorded"
"""First words of the annotations of a gap, and of what lies before a signal's first and after its last sample."""

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between EDF and BDF."""

    name: str
    magic: bytes
    octets: int

    @property
    def most(self) -> int:
        """Largest digital value; the smallest used is its negative, so that 0 stays 0."""
        return int((1 << (8 * self.octets - 1)) - 1)


EDF = Dialect("EDF", b"0       ", 2)
BDF = Dialect("BDF", b"\xffBIOSEMI", 3)


@dataclass(slots=True)
class Grid:
    """Slots of one signal in a file that begins at session time 0."""

    signal: Signal
    fs_hz: float
    _rows_off: list[int] = field(default_factory=list)

    def rows(self, first: int, stop: int) -> Array:
        """Rows at the slots `first` to `stop`, NaN where there is none."""
        signal = self.signal
        slots_s = np.arange(first, stop) / self.fs_hz
        at = np.rint((slots_s - signal.start_s) * signal.fs_measured_hz).astype(np.int64)
        there = (at >= 0) & (at < len(signal.samples))
        rows = np.full((stop - first, len(signal.channels)), np.nan)
        if there.any():
            low, high = int(at[there][0]), int(at[there][-1]) + 1
            rows[there] = np.asarray(signal.samples[low:high])[at[there] - low]
        return rows

    @property
    def off_by(self) -> int:
        """Samples repeated (positive) or left out (negative) because the sensor's clock is off."""
        return round(len(self.signal.samples) * (self.fs_hz / self.signal.fs_measured_hz - 1.0))


def write_edf(signals: Signals, path: Path) -> list[str]:
    """Write EDF+C."""
    return write_records(EDF, signals, signals.signals, path)


def write_bdf(signals: Signals, path: Path) -> list[str]:
    """Write BDF+C."""
    return write_records(BDF, signals, signals.signals, path)


def write_records(dialect: Dialect, signals: Signals, chosen: Sequence[Signal], path: Path) -> list[str]:
    """Write some of the signals to one file.

    Parameters
    ----------
    dialect : Dialect
    signals : Signals
        The session, for its annotations.
    chosen : sequence of Signal
    path : path

    Returns
    -------
    list of str
        One line about gaps, one about clocks, where there is something to say.
    """
    record_s, grids = lay_out(chosen)
    end_s = max(signal.end_s - 0.5 / signal.fs_hz for signal in chosen)
    n_records = max(1, math.ceil(end_s / record_s))
    gaps = [gap for signal in chosen for gap in gaps_of(signal, n_records * record_s)]
    annotations = _annotation_records(sorted([*happenings(signals), *gaps]), n_records, record_s)
    width = -(-max(len(record) for record in annotations) // dialect.octets)
    ranges = [physical_range(signal) for signal in chosen]
    with path.open("wb") as stream:
        stream.write(_header(dialect, signals, grids, ranges, record_s, n_records, width))
        for first in range(0, n_records, RECORDS_AT_ONCE):
            stop = min(first + RECORDS_AT_ONCE, n_records)
            parts = [
                _digital(dialect, grid, peaks, record_s, first, stop) for grid, peaks in zip(grids, ranges, strict=True)
            ]
            texts = b"".join(record.ljust(width * dialect.octets, b"\0") for record in annotations[first:stop])
            parts.append(np.frombuffer(texts, np.uint8).reshape(stop - first, -1))
            stream.write(np.concatenate(parts, axis=1).tobytes())
            signals.progress(stop / n_records)
    return _told(grids, gaps)


def lay_out(chosen: Sequence[Signal]) -> tuple[float, list[Grid]]:
    """Choose the length of a record and each signal's rate: whole samples in each record."""
    rates_hz = {signal.fs_hz for signal in chosen}
    record_s = 1.0
    if len(rates_hz) == 1 and not next(iter(rates_hz)).is_integer():
        rate_hz = next(iter(rates_hz))
        record_s = float(f"{max(round(rate_hz), 1) / rate_hz:.6f}")
    return record_s, [Grid(signal, max(1, round(signal.fs_hz * record_s)) / record_s) for signal in chosen]


def gaps_of(signal: Signal, end_s: float) -> list[Happening]:
    """List the gaps of a signal, and the time without it at both ends of a file that lasts to `end_s`."""
    name = signal.channels[0].label if len(signal.channels) == 1 else signal.name
    outside = ((0.0, signal.start_s), (signal.end_s, end_s - signal.end_s))
    found = [Happening(start_s, length_s, f"{LOST} {name}") for start_s, length_s in signal.gaps()]
    found += [Happening(start_s, length_s, f"{OUTSIDE} {name}") for start_s, length_s in outside]
    return [gap for gap in found if gap.duration_s > 0.5 / signal.fs_hz]


def physical_range(signal: Signal) -> list[str]:
    """Largest value of each channel in the header's 8 letters (with room for a minus), rounded up: nothing clips."""
    peaks = np.zeros(len(signal.channels))
    for first in range(0, len(signal.samples), 1 << 16):
        rows = np.abs(np.asarray(signal.samples[first : first + (1 << 16)]))
        peaks = np.fmax(peaks, np.where(np.isnan(rows), 0.0, rows).max(axis=0))
    return [_ceiling(float(peak), signal.channels[at].label) for at, peak in enumerate(peaks)]


def _ceiling(peak: float, label: str) -> str:
    if peak == 0.0:
        return "1"
    decimals = min(max(3 - math.floor(math.log10(peak)), 0), 5)
    text = f"{math.ceil(peak * 10**decimals * (1 + 1e-12)) / 10**decimals:.{decimals}f}"
    if len(text) > 7:
        raise ExportFailed(f"{label} reaches {peak:g}, more than the header of EDF and BDF can say (9999999)")
    return text


def _digital(
    dialect: Dialect, grid: Grid, peaks: list[str], record_s: float, first: int, stop: int
) -> NDArray[np.uint8]:
    """Bytes of the records `first` to `stop` of one signal, (n_records, n_bytes)."""
    each = round(grid.fs_hz * record_s)
    rows = grid.rows(first * each, stop * each)
    scaled = np.rint(rows * (dialect.most / np.array([float(peak) for peak in peaks])))
    counts = np.where(np.isnan(scaled), 0.0, scaled).astype("<i4")
    octets = counts.reshape(stop - first, each, -1).transpose(0, 2, 1).copy().view(np.uint8)
    return octets.reshape(stop - first, -1, 4)[:, :, : dialect.octets].reshape(stop - first, -1)


def _annotation_records(found: Sequence[Happening], n_records: int, record_s: float) -> list[bytes]:
    """Time-stamped annotation lists, one for each record."""
    lists: list[list[bytes]] = [[b"+%s\x14\x14\0" % _seconds(at * record_s)] for at in range(n_records)]
    for item in found:
        at = min(max(int(item.onset_s / record_s), 0), n_records - 1)
        length = b"\x15" + _seconds(item.duration_s) if item.duration_s > 0 else b""
        text = item.text.encode("ascii", "replace")
        lists[at].append(b"+%s%s\x14%s\x14\0" % (_seconds(max(item.onset_s, 0.0)), length, text))
    return [b"".join(texts) for texts in lists]


def _seconds(value_s: float) -> bytes:
    return (f"{value_s:.6f}".rstrip("0").rstrip(".") or "0").encode()


def _header(
    dialect: Dialect,
    signals: Signals,
    grids: Sequence[Grid],
    ranges: Sequence[Sequence[str]],
    record_s: float,
    n_records: int,
    width: int,
) -> bytes:
    """Return the fixed header and the table of signals."""
    began = _began(signals.summary.started_utc)
    day = f"{began.day:02d}-{MONTHS[began.month - 1]}-{began.year}" if began else "X"
    origin = "SIMULATED_no_person" if signals.summary.simulated else "X"
    n = sum(len(grid.signal.channels) for grid in grids) + 1
    fixed = (
        ("X X X X", 80),
        (f"Startdate {day} X X emgmon_{__version__} {origin}", 80),
        (f"{began:%d.%m.%y}" if began and 1985 <= began.year <= 2084 else "01.01.85", 8),
        (f"{began:%H.%M.%S}" if began else "00.00.00", 8),
        (str(256 * (n + 1)), 8),
        (f"{dialect.name}+C", 44),
        (str(n_records), 8),
        (f"{record_s:.6f}".rstrip("0").rstrip("."), 8),
        (str(n), 4),
    )
    rows = []
    for grid, peaks in zip(grids, ranges, strict=True):
        for channel, peak in zip(grid.signal.channels, peaks, strict=True):
            where = f"{grid.signal.device} {channel.placement or ''} {channel.name}".strip()
            limits = (f"-{peak}", peak, str(-dialect.most), str(dialect.most))
            samples = str(round(grid.fs_hz * record_s))
            rows.append((channel.label, where, channel.unit, *limits, _filters(grid.signal.kind), samples, ""))
    edge = (str(-dialect.most - 1), str(dialect.most))
    rows.append((f"{dialect.name} Annotations", "", "", "-1", "1", *edge, "", str(width), ""))
    sizes = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
    table = [(row[at], size) for at, size in enumerate(sizes) for row in rows]
    return dialect.magic + b"".join(_text(text, size) for text, size in (*fixed, *table))


def _text(text: str, size: int) -> bytes:
    return text.encode("ascii", "replace")[:size].ljust(size)


def _filters(kind: str) -> str:
    return {"emg_filtered": "emgmon band-pass", "emg_envelope": "emgmon band-pass, RMS 125ms"}.get(
        kind.removesuffix("_back"), ""
    )


def _began(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _told(grids: Sequence[Grid], gaps: Sequence[Happening]) -> list[str]:
    told = []
    lost_s = [gap.duration_s for gap in gaps if gap.text.startswith(LOST)]
    if lost_s:
        told.append(
            f"lost samples are filled with 0: {len(lost_s)} gap{'s'[: len(lost_s) > 1]}, {sum(lost_s):.1f} s over all "
            f"signals; each is an annotation '{LOST} …' with its length"
        )
    moved = sum(abs(grid.off_by) for grid in grids)
    if moved:
        told.append(f"samples repeated or left out, as one file has one clock and each sensor its own: {moved}")
    return told
