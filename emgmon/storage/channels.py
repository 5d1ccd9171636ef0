"""A signal, and how its columns are called."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from emgmon.model import Array, Placement, Stream

BLOCK_ROWS = 1 << 16
"""Signals are read and written in blocks of this many rows."""

UNITS = {"uv": "uV"}
LETTERS = {"emg": "EMG", "emg_filtered": "FILT", "emg_envelope": "ENV"}


@dataclass(frozen=True, slots=True)
class Channel:
    """One column of a signal.

    Attributes
    ----------
    name : str
        For tables, as in ``gluteus_maximus_left`` or ``acceleration_x``.
    label : str
        For formats with little room: at most 16 letters of ASCII, one of its kind in the session.
    unit : str
        ``uV``, ``g``, ``deg/s``, ``deg`` or ``a.u.``
    placement : Placement or None
    """

    name: str
    label: str
    unit: str
    placement: Placement | None


@dataclass(frozen=True, slots=True)
class Signal:
    """Evenly spaced samples of one sensor.

    Attributes
    ----------
    name : str
        Sensor and kind, unique in the session, as any file may be called: ``EMG-GL_emg``.
    device : str
        Empty for what several sensors tell together.
    kind : str
        ``emg`` and ``imu`` as recorded; ``emg_filtered``, ``emg_envelope`` and ``angle`` processed.
    channels : tuple of Channel
    fs_hz, fs_measured_hz : float
        Nominal rate, and the rate on the session clock.
    start_s : float
        Session time of row 0. Row k is at ``start_s + k / fs_measured_hz``.
    time_error_s : float
        95 % of the sensor's own clock readings lie this near to that line; NaN when there were too few.
    samples : (n_samples, n_channels) array
        NaN where lost; a memory map, read-only.
    """

    name: str
    device: str
    kind: str
    channels: tuple[Channel, ...]
    fs_hz: float
    fs_measured_hz: float
    start_s: float
    time_error_s: float
    samples: Array = field(repr=False)

    @property
    def end_s(self) -> float:
        """Session time at which the sample after the last one would be."""
        return self.start_s + len(self.samples) / self.fs_measured_hz

    def time_s(self, first: int, stop: int) -> Array:
        """Session times of the rows `first` to `stop`, without `stop`."""
        return self.start_s + np.arange(first, stop) / self.fs_measured_hz

    def gaps(self) -> list[tuple[float, float]]:
        """Start and length, in s, of each run of rows with a lost value."""
        edges: list[int] = []
        before = False
        for first in range(0, len(self.samples), BLOCK_ROWS):
            lost = np.asarray(np.isnan(self.samples[first : first + BLOCK_ROWS]).any(axis=1))
            changed = np.flatnonzero(np.diff(lost, prepend=before))
            edges += (changed + first).tolist()
            before = bool(lost[-1])
        if before:
            edges.append(len(self.samples))
        fs_hz = self.fs_measured_hz
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return [(self.start_s + a / fs_hz, (b - a) / fs_hz) for a, b in pairs]


def name_of(device: str, kind: str, names: set[str]) -> str:
    """Name a signal; `names` are those already given away, the new one is added."""
    text = f"{device}_{kind}" if device else kind
    text = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in text)
    return _free(text, names, "_")


def _free(text: str, taken: set[str], sign: str) -> str:
    free = next(t for t in (text, *(f"{text}{sign}{n}" for n in range(2, 1000))) if t not in taken)
    taken.add(free)
    return free


def channels_of(
    stream: Stream, kind: str, labels: set[str], only: tuple[int, ...] | None = None
) -> tuple[Channel, ...]:
    """Name the columns of a stream.

    Parameters
    ----------
    stream : Stream
    kind : str
        As in `Signal`.
    labels : set of str
        Labels already given away; the new ones are added.
    only : tuple of int, optional
        Channels wanted; all when absent.
    """

    def label(text: str) -> str:
        return _free(text.encode("ascii", "replace").decode()[:12], labels, " ")

    if stream.quantity == "imu":
        place = stream.placements[0]
        where = place.label if place else stream.device[-5:]
        return tuple(
            Channel(f"{name}_{axis}", label(f"{short} {where} {axis}"), unit, place)
            for name, short, unit in (("acceleration", "ACC", "g"), ("angular_velocity", "GYR", "deg/s"))
            for axis in "xyz"
        )
    found: list[Channel] = []
    for at, place in enumerate(stream.placements):
        if only is not None and at not in only:
            continue
        same = sum(place is not None and place == other for other in stream.placements[:at])
        name = str(place).replace("/", "_") if place else f"channel_{at + 1}"
        where = place.label if place else f"{stream.device[-5:]} {at + 1}"
        name += f"_{same + 1}" if same else ""
        found.append(Channel(name, label(f"{LETTERS[kind]} {where}"), UNITS.get(stream.unit, "a.u."), place))
    return tuple(found)
