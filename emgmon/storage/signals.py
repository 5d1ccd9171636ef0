"""From entries to whole signals on the session clock, for other programs.

Decoder, clock, band-pass, hops and rep finder are those of the live analysis (`emgmon.pipeline`); here their output is
only laid side by side. Samples wait in temporary files (`emgmon.storage.tapes`): ten hours of six sensors need 2.8 GB
of disk for the raw samples, as much again for the processed ones, and memory only for what is being written.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from emgmon import __version__
from emgmon.devices import driver_named
from emgmon.dsp import compiled
from emgmon.errors import ExportFailed
from emgmon.exercise.reps import TICK_S
from emgmon.model import Array, Entry, Event, Frame, Mark, Packet, SessionSummary, Stream
from emgmon.pipeline import Pipeline
from emgmon.pipeline.intake import DeviceIntake
from emgmon.storage.channels import BLOCK_ROWS, Channel, Signal
from emgmon.storage.tapes import Tape

__all__ = ["WHATS", "Channel", "Signal", "Signals", "read_signals"]

WHATS = ("raw", "processed", "both")
LONGEST_S = 48 * 3600.0
"""A session that seems longer is a damaged clock; filling it would only fill the disk."""


@dataclass(frozen=True, slots=True)
class Signals:
    """A session's signals, marks and results.

    Attributes
    ----------
    signals : tuple of Signal
    marks : tuple of (float, Mark)
        What the person and the links did, with session times in s.
    summary : SessionSummary
    progress : callable
        Told the share (0 to 1) that is written, by `blocks`.
    """

    signals: tuple[Signal, ...]
    marks: tuple[tuple[float, Mark], ...]
    summary: SessionSummary
    progress: Callable[[float], None] = field(default=lambda _share: None, repr=False)

    @property
    def end_s(self) -> float:
        """Session time at which the last signal has ended."""
        return max((signal.end_s for signal in self.signals), default=0.0)

    def blocks(self, signal: Signal) -> Iterator[tuple[Array, Array]]:
        """Yield times (m,) and rows (m, n_channels) of a signal, and tell how far that is."""
        total = sum(len(other.samples) for other in self.signals)
        before = sum(len(other.samples) for other in self.signals[: self.signals.index(signal)])
        for first in range(0, len(signal.samples), BLOCK_ROWS):
            rows = np.asarray(signal.samples[first : first + BLOCK_ROWS])
            yield signal.time_s(first, first + len(rows)), rows
            self.progress((before + first + len(rows)) / total)


def read_signals(entries: Iterable[Entry], what: str = "both") -> Signals:
    """Lay a session's samples side by side on the session clock.

    Parameters
    ----------
    entries : iterable of Entry
        As `emgmon.storage.recording.read_recording` yields them.
    what : str
        ``raw`` as recorded, ``processed`` for filtered EMG, its envelope (centred RMS over 125 ms, noise subtracted)
        and the excursion from the rest pose during sets, or ``both``.

    Raises
    ------
    ExportFailed
        When there are no samples, or the session seems longer than two days.
    """
    with ExitStack() as files:
        tapes = _Tapes(what, files)
        pipeline = Pipeline()
        if what == "raw":
            pipeline.take(tapes.passing(entries))
        else:
            for entry in tapes.passing(entries):
                tapes.watch(pipeline.feed(entry))
        tapes.watch(pipeline.close())
        summary = pipeline.summary()
        signals = tapes.signals(summary)
    if not signals:
        raise ExportFailed("there are no samples in this recording")
    return Signals(signals, tuple(tapes.marks), summary)


class _Tapes:
    """All streams of a session as they grow."""

    def __init__(self, what: str, files: ExitStack) -> None:
        self.what = what
        self.marks: list[tuple[float, Mark]] = []
        self._files = files
        self._epoch_ns: int | None = None
        self._devices: dict[str, DeviceIntake] = {}
        self._tapes: dict[Stream, Tape] = {}
        self._angles_deg = array("d")
        self._first_tick = 0

    def passing(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Take each entry and hand it on."""
        for entry in entries:
            compiled.expect(1)
            self._take(entry)
            yield entry

    def _take(self, entry: Entry) -> None:
        if self._epoch_ns is None:
            self._epoch_ns = entry.host_ns
        now_s = (entry.host_ns - self._epoch_ns) * 1e-9
        if now_s > LONGEST_S:
            raise ExportFailed(f"an entry lies {now_s / 3600:.0f} h after the first; at most 48 h can be exported")
        if isinstance(entry, Mark):
            self._mark(now_s, entry)
        elif entry.device in self._devices:
            self._packet(entry, self._epoch_ns)

    def watch(self, events: list[Event]) -> None:
        """Keep the angle of each frame, where it is wanted."""
        if self.what == "raw":
            return
        for event in events:
            if isinstance(event, Frame):
                if not self._angles_deg:
                    self._first_tick = round(event.t_s / TICK_S)
                self._angles_deg.append(event.angle_deg)

    def _mark(self, now_s: float, mark: Mark) -> None:
        self.marks.append((now_s, mark))
        name = str(mark.data.get("device", ""))
        if mark.kind == "device" and name not in self._devices:
            driver = driver_named(str(mark.data.get("driver", "")))
            if driver is not None:
                self._devices[name] = DeviceIntake(name, driver.decoder(name))
        elif mark.kind == "connected" and name in self._devices:
            self._devices[name].connected()
            for stream, tape in self._tapes.items():
                if stream.device == name:
                    tape.interrupted()

    def _packet(self, packet: Packet, epoch_ns: int) -> None:
        for block in self._devices[packet.device].take(packet, epoch_ns):
            if block.stream not in self._tapes:
                self._tapes[block.stream] = Tape(block.stream, self._files)
            self._tapes[block.stream].add(block)

    def signals(self, summary: SessionSummary) -> tuple[Signal, ...]:
        noise = {c.placement: c.noise for c in summary.channels if c.placement and c.quantity == "emg"}
        labels: set[str] = set()
        found = [signal for tape in self._tapes.values() for signal in tape.signals(self.what, noise, labels)]
        if np.isfinite(self._angles_deg).any():
            samples = np.frombuffer(self._angles_deg, np.float64)[:, None]
            channel = Channel("excursion", "ANGLE excursion", "deg", None)
            start_s = self._first_tick * TICK_S
            found.append(Signal("angle", "", "angle", (channel,), 1 / TICK_S, 1 / TICK_S, start_s, 0.0, samples))
        return tuple(found)


def about(summary: SessionSummary) -> dict[str, Any]:
    """Return what an export says of itself: no name, no free text of the user."""
    return {
        "program": f"emgmon {__version__}",
        "recorded_with": summary.program,
        "simulated": summary.simulated,
        "source": summary.source if summary.simulated else "sensors worn by a person",
        "started_utc": summary.started_utc,
        "duration_s": summary.duration_s,
        "note": "A training aid, not a diagnosis.",
    }
