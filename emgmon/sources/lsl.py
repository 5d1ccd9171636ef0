"""Streams of Lab Streaming Layer as sensors, and what emgmon finds as streams for others.

A stream becomes the packets of `emgmon.devices.imported`, so that a recording of it is read without LSL. Its time is
the sender's, brought to this computer's clock by LSL; the jitter of it is left to emgmon's own clock fit. LSL numbers
no samples: a jump of more than `GAP_S` counts as lost ones, a shorter one is taken for a late sender. Only LSL's own
protocol is spoken: multicast to find, TCP to carry, both unencrypted, as LSL is.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np

from emgmon.devices import imported
from emgmon.errors import DeviceError, DeviceNotFound
from emgmon.model import Array, Entry, Mark, Packet, Placement

EMG_TYPES = frozenset({"EMG", "EXG", "ENVELOPE"})
MOTION_TYPES = frozenset({"IMU", "MOTION", "MOCAP", "ACC", "ACCELEROMETER"})
SCALES: Mapping[str, tuple[str, float]] = {
    "microvolts": ("uv", 1.0),
    "microvolt": ("uv", 1.0),
    "uv": ("uv", 1.0),
    "µv": ("uv", 1.0),
    "millivolts": ("uv", 1e3),
    "mv": ("uv", 1e3),
    "volts": ("uv", 1e6),
    "v": ("uv", 1e6),
}
"""Unit of a stream's description to ours and its factor; any other is an unknown scale."""

POLL_S = 0.05
GAP_S = 0.1
LATE_S, SETTLED_S = 0.25, 3.0
"""What a new inlet hands out first lay in a queue: it is left out while it is so late, for so long at most."""
LONGEST_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class LslStream:
    """A stream that was heard.

    Attributes
    ----------
    name, kind, host : str
        As its sender says; `kind` is LSL's content type.
    channels : int
    fs_hz : float
        Nominal rate; 0 for events.
    labels, units : tuple of str
        Of the channels, empty texts where the sender says nothing.
    info : object
        What LSL answered; inlets are opened on it.
    """

    name: str
    kind: str
    host: str
    channels: int
    fs_hz: float
    labels: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    info: Any = field(default=None, repr=False, compare=False)

    @property
    def quantity(self) -> str:
        """``emg``, ``envelope``, ``imu`` (six columns), ``acceleration`` (three); empty for what is not analysed."""
        kind = self.kind.upper()
        if not self.fs_hz:
            return ""
        if kind in EMG_TYPES:
            return "envelope" if kind == "ENVELOPE" else "emg"
        return {6: "imu", 3: "acceleration"}.get(self.channels, "") if kind in MOTION_TYPES else ""


def library() -> Any:
    """Return the module of LSL.

    Raises
    ------
    DeviceError
        When it is not installed, or its library cannot be loaded.
    """
    try:
        return import_module("pylsl")
    except (ImportError, RuntimeError, OSError) as error:
        raise DeviceError(f"Lab Streaming Layer is not installed ({error}); pip install '.[lsl]'") from error


def heard(wait_s: float) -> list[LslStream]:
    """List the streams that answer within `wait_s`, by name; raises `DeviceError` without LSL."""
    lsl = library()
    found = []
    for short in lsl.resolve_streams(wait_s):
        inlet = lsl.StreamInlet(short, recover=False)
        try:
            info = inlet.info(timeout=max(wait_s, 1.0))
        except (TimeoutError, RuntimeError):  # gone since it answered
            continue
        finally:
            inlet.close_stream()
        labels, units = _described(info)
        found.append(
            LslStream(
                info.name(),
                info.type(),
                info.hostname(),
                info.channel_count(),
                float(info.nominal_srate()),
                labels,
                units,
                short,  # a full description holds no address, and no inlet can be opened on it
            )
        )
    return sorted(found, key=lambda item: (item.name, item.host))


def placed(stream: LslStream, places: Sequence[Placement | None] | None) -> tuple[Placement | None, ...]:
    """Return a placement for each channel: what was said, else what the labels say; one alone for a motion sensor.

    Raises
    ------
    DeviceError
        When more places are named than there are channels.
    """
    width = 1 if stream.quantity in imported.SENSOR_COLUMNS else stream.channels
    if places is None:
        said = [Placement.parse(label) for label in stream.labels[:width]]
    elif len(places) > width:
        raise DeviceError(f"{stream.name}: {len(places)} places for {width} channel{'s' * (width != 1)}")
    else:
        said = list(places)
    return (*said, *[None] * (width - len(said)))


class Inlet:
    """One stream on its way into a session.

    Parameters
    ----------
    stream : LslStream
        Of a quantity that is analysed.
    places : tuple of Placement or None
    clock_ns : callable
    """

    def __init__(self, stream: LslStream, places: tuple[Placement | None, ...], clock_ns: Callable[[], int]) -> None:
        lsl = library()
        self.stream, self._places, self._clock_ns = stream, places, clock_ns
        self._index, self._next_s, self._opened_s = 0, math.nan, math.nan
        unit, self._scale = SCALES.get((stream.units or ("",))[0].lower(), ("au", 1.0))
        self._unit = {"imu": "g,dps", "acceleration": "g"}.get(stream.quantity, unit)
        self._inlet = lsl.StreamInlet(stream.info, max_buflen=10, processing_flags=lsl.proc_clocksync)

    def open(self) -> None:
        """Wait until the stream answers, some seconds at most; raises `DeviceNotFound` when it does not."""
        try:
            self._inlet.open_stream(timeout=5.0)
        except (TimeoutError, RuntimeError) as error:
            raise DeviceNotFound(f"{self.stream.name}: the stream does not answer any more.") from error
        self._opened_s = library().local_clock()

    def opening(self) -> list[Entry]:
        """Return what tells a recording that the stream is there."""
        name, now_ns = self.stream.name, self._clock_ns()
        description = {
            "quantity": self.stream.quantity,
            "unit": self._unit,
            "fs_hz": self.stream.fs_hz,
            "placements": [str(place) if place else None for place in self._places],
        }
        title = f"LSL stream {name} of {self.stream.host}"
        return [
            Mark(now_ns, "device", {"device": name, "driver": imported.DRIVER.name, "title": title}),
            Mark(now_ns, "connected", {"device": name}),
            Packet(name, imported.DESCRIPTION, now_ns, imported.description_payload([description])),
        ]

    def pull(self) -> list[Entry]:
        """Return what came since the last time, a packet for each run without a gap."""
        samples, stamps = self._inlet.pull_chunk(timeout=0.0, max_samples=LONGEST_CHUNK)
        if not stamps or self._settling(stamps[-1]):
            return []
        block, time_s = self._scale * np.asarray(samples, np.float64), np.asarray(stamps)
        return [self._packet(block[part], time_s[part]) for part in self._runs(time_s)]

    def close(self) -> None:
        """Let the stream go."""
        self._inlet.close_stream()

    def _settling(self, newest_s: float) -> bool:
        now_s = library().local_clock()
        young = self._index == 0 and now_s - self._opened_s < SETTLED_S
        return bool(young and now_s - newest_s > LATE_S)

    def _runs(self, time_s: Array) -> list[slice]:
        jumps = np.flatnonzero(np.diff(time_s) > GAP_S + 1.0 / self.stream.fs_hz) + 1
        edges = [0, *jumps.tolist(), len(time_s)]
        return [slice(first, last) for first, last in pairwise(edges)]

    def _packet(self, block: Array, time_s: Array) -> Packet:
        gap_s = float(time_s[0]) - self._next_s
        self._index += round(gap_s * self.stream.fs_hz) if gap_s > GAP_S else 0  # NaN, before the first, is no gap
        payload = imported.data_payload(self._index, float(time_s[0]), block)
        self._index += len(block)
        self._next_s = float(time_s[-1]) + 1.0 / self.stream.fs_hz
        return Packet(self.stream.name, "0", self._clock_ns(), payload)


async def entries_of(inlets: Sequence[Inlet]) -> AsyncGenerator[Entry]:
    """Yield what the streams say, until nobody asks any more."""
    try:
        for inlet in inlets:
            inlet.open()
            for entry in inlet.opening():
                yield entry
        while True:
            for inlet in inlets:
                for entry in inlet.pull():
                    yield entry
            await asyncio.sleep(POLL_S)
    finally:
        for inlet in inlets:
            inlet.close()


def _described(info: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Labels and units of the channels, as the convention of XDF has them."""
    labels, units = [], []
    channel = info.desc().child("channels").child("channel")
    for _index in range(info.channel_count()):
        labels.append(channel.child_value("label"))
        units.append(channel.child_value("unit"))
        channel = channel.next_sibling("channel")
    return tuple(labels), tuple(units)


def marker_text(kind: str, data: Mapping[str, Any]) -> str:
    """Return a marker as others read it: one word and JSON."""
    return f"{kind} {json.dumps(data, sort_keys=True)}" if data else kind
