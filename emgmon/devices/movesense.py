"""Movesense sensors with the GATT sensor-data service: one biopotential channel and an IMU.

Each command is ``code, reference, data``; answers and data come on one characteristic and bear that reference. Numbers
are little-endian; a data message begins with the time of its first sample in ms and has no number. A message that is
longer than a notification comes in two.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import NamedTuple

import numpy as np

from emgmon.devices.base import (
    WRITTEN,
    Advertisement,
    Driver,
    Handshake,
    Read,
    Receive,
    Request,
    Step,
    StreamSettings,
    Subscribe,
    Write,
)
from emgmon.devices.counting import TimeCounter, nearest
from emgmon.devices.facts import Signal, facts_of
from emgmon.devices.framing import TwoParts
from emgmon.errors import HandshakeFailed, NoAnswer, PacketError
from emgmon.model import Array, Packet, SampleBlock, Stream

FACTS = facts_of("movesense")
SERVICE = "34802252-7185-4d5d-b431-630e7050e8f0"
COMMAND = "34800001-7185-4d5d-b431-630e7050e8f0"
NOTIFY = "34800002-7185-4d5d-b431-630e7050e8f0"
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"

HELLO, SUBSCRIBE, UNSUBSCRIBE = 0, 1, 2
ANSWER, DATA, REST = 1, 2, 3
REFERENCE_HELLO, REFERENCE_EMG, REFERENCE_IMU = 1, 0x63, 0x64
IMU_MTU = 104
"""Smallest MTU at which two notifications hold eight samples of six axes, as many as a message was seen to have."""

MAX_BETWEEN = 50
"""Data messages that may come before the answer to a command."""

PATH = re.compile(r"/Meas/(ECG|Acc|Gyro|Magn|IMU6|IMU6m|IMU9)/(\d{1,4})(/mV)?")
AXES = {
    "Acc": ("acceleration",),
    "Gyro": ("angular_velocity",),
    "Magn": ("magnetic_field",),
    "IMU6": ("acceleration", "angular_velocity"),
    "IMU6m": ("acceleration", "magnetic_field"),
    "IMU9": ("acceleration", "angular_velocity", "magnetic_field"),
}
JITTER = 2
"""Samples of one axis triple by which the time in whole ms may be off; for the biopotential half a message."""

Asked = Generator[Step, bytes, bytes]
"""A part of a conversation that ends with an answer."""


def recognises(advertisement: Advertisement) -> bool:
    """Whether a sensor advertises the service or the product name."""
    return SERVICE in advertisement.service_uuids or advertisement.name.startswith("Movesense ")


def handshake(settings: StreamSettings) -> Handshake:
    """Say hello, subscribe to the biopotential and, where the link can carry it, to the IMU."""
    if settings.mtu < FACTS.mtu:
        raise HandshakeFailed(
            f"the link's MTU of {settings.mtu} is too small, it takes {FACTS.mtu}; use another Bluetooth adapter"
        )
    yield Subscribe(NOTIFY)
    hello = yield from _ask(bytes([HELLO, REFERENCE_HELLO]))
    if len(hello) < 3:
        raise HandshakeFailed("the sensor does not say who it is; update its firmware")
    if not settings.ports or BATTERY_LEVEL in settings.ports:
        yield Read(BATTERY_LEVEL)
    emg_hz = FACTS.signals["emg"].nearest_hz(settings.emg_hz)
    status = yield from _subscribe(REFERENCE_EMG, f"/Meas/ECG/{emg_hz:.0f}")
    if status != b"\xc8\x00":
        code = int.from_bytes(status, "little")
        raise HandshakeFailed(f"the sensor refuses the biopotential at {emg_hz:.0f} Hz with status {code}; restart it")
    if settings.mtu >= IMU_MTU:
        imu_hz = FACTS.signals["acceleration"].nearest_hz(settings.imu_hz)
        yield from _subscribe(REFERENCE_IMU, f"/Meas/IMU6/{imu_hz:.0f}")


def _subscribe(reference: int, path: str) -> Asked:
    """Subscribe to a path, without the NUL at its end first, as clients disagree on it; returns the status."""
    status = b""
    for end in (b"", b"\0"):
        command = bytes([SUBSCRIBE, reference]) + path.encode() + end
        try:
            status = (yield from _ask(command))[2:4]
        except NoAnswer:
            if end:
                raise
            continue
        if status == b"\xc8\x00":
            break
    return status


def _ask(command: bytes) -> Asked:
    """Write a command and wait for its answer, past the data that already runs; returns the answer."""
    answer = yield Request(COMMAND, command, NOTIFY)
    for _ in range(MAX_BETWEEN):
        if answer[:2] == bytes([ANSWER, command[1]]):
            return answer
        answer = yield Receive(NOTIFY)
    raise HandshakeFailed(f"the sensor did not answer the command {command[:2].hex(' ')}; restart it")


def farewell() -> Handshake:
    """End both subscriptions."""
    for reference in (REFERENCE_EMG, REFERENCE_IMU):
        yield Write(COMMAND, bytes([UNSUBSCRIBE, reference]))


class _Running(NamedTuple):
    """One subscription: what it brings, its streams with their columns, its messages and its index."""

    resource: str
    signal: Signal
    streams: tuple[tuple[Stream, slice], ...]
    dtype: str
    parts: TwoParts
    counter: TimeCounter


class MovesenseDecoder:
    """Decoder of one sensor. What a reference stands for is taken from the commands that the host wrote."""

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm

    def __init__(self, device: str) -> None:
        self.device = device
        self.battery_percent: int | None = None
        self._running: dict[int, _Running] = {}
        self._newest_ms: int | None = None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams that were subscribed to."""
        return tuple(stream for running in self._running.values() for stream, _columns in running.streams)

    def restart(self) -> None:
        """Forget running indices: the sensor was connected anew, and knows no subscription."""
        self._running.clear()
        self._newest_ms = None

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        payload = packet.payload
        if packet.port == BATTERY_LEVEL:
            if len(payload) != 1 or payload[0] > 100:
                raise PacketError("battery level is not one byte up to 100", payload)
            self.battery_percent = payload[0]
        elif packet.port == WRITTEN + COMMAND:
            self._command(payload)
        elif packet.port == NOTIFY:
            if len(payload) < 2 or payload[0] not in {ANSWER, DATA, REST}:
                raise PacketError("notification of an unknown kind", payload)
            if payload[0] != ANSWER:
                return self._message(packet)
        return []

    def _command(self, payload: bytes) -> None:
        if len(payload) < 2 or payload[0] not in {SUBSCRIBE, UNSUBSCRIBE}:
            return
        self._running.pop(payload[1], None)
        if payload[0] == SUBSCRIBE:
            path = payload[2:].rstrip(b"\0").decode("ascii", "replace")
            found = PATH.fullmatch(path)
            if found is None or not int(found[2]):
                raise PacketError(f"subscription to {path!r}, which cannot be read here", payload)
            self._running[payload[1]] = self._opened(found[1], float(found[2]), millivolt=bool(found[3]))

    def _opened(self, resource: str, fs_hz: float, *, millivolt: bool) -> _Running:
        def stream(quantity: str, unit: str) -> Stream:
            return Stream(self.device, quantity, unit, fs_hz, (None,))

        axes = AXES.get(resource)
        if axes is None:
            signal = FACTS.signals["emg_mv" if millivolt else "emg"]
            streams = ((stream("emg", signal.unit), slice(0, 1)),)
            return _Running(resource, signal, streams, "<i2" if millivolt else "<i4", TwoParts(), TimeCounter(fs_hz, 8))
        signal = FACTS.signals["acceleration"]
        if axes[:2] == AXES["IMU6"]:
            found = [(stream("imu", "g,dps"), slice(0, 6))]
            rest = axes[2:]
        else:
            found, rest = [], axes
        for name in rest:
            at = 3 * axes.index(name)
            found.append((stream(name, FACTS.signals[name].unit), slice(at, at + 3)))
        return _Running(resource, signal, tuple(found), "<f4", TwoParts(), TimeCounter(fs_hz, JITTER))

    def _message(self, packet: Packet) -> list[SampleBlock]:
        kind, reference, content = packet.payload[0], packet.payload[1], packet.payload[2:]
        running = self._running.get(reference)
        if running is None:
            raise PacketError(f"data of reference {reference}, to which nobody subscribed", packet.payload)
        if kind == DATA:
            whole = running.parts.begin(content, packet.host_ns)
        else:
            whole = [running.parts.end(content, packet.host_ns)]
        return [block for host_ns, message in whole for block in self._samples(running, message, host_ns)]

    def _samples(self, running: _Running, message: bytes, host_ns: int) -> list[SampleBlock]:
        axes = AXES.get(running.resource, ())
        size = np.dtype(running.dtype).itemsize * (3 * len(axes) or 1)
        n = (len(message) - 4) // size
        if n < 1 or len(message) != 4 + n * size:
            raise PacketError(f"{running.resource} message does not hold a whole number of samples", message)
        numbers = np.frombuffer(message, running.dtype, offset=4)
        if not np.isfinite(numbers).all():
            raise PacketError("sample has a number that is none", message)
        time_ms = int.from_bytes(message[:4], "little")
        self._newest_ms = time_ms if self._newest_ms is None else nearest(time_ms, self._newest_ms, 1 << 32)
        device_s = self._newest_ms * 1e-3
        first = running.counter.take(device_s, n)
        samples = _by_sample(numbers.astype(np.float64), axes) if axes else running.signal.values(numbers)[:, None]
        return [
            SampleBlock(stream, samples[:, columns], first, device_s, host_ns) for stream, columns in running.streams
        ]


def _by_sample(numbers: Array, axes: tuple[str, ...]) -> Array:
    """From all vectors of one sensor, then all of the next, to (n_samples, 3 for each) in the units of the facts."""
    vectors = numbers.reshape(len(axes), -1, 3)
    return np.concatenate([FACTS.signals[name].values(vectors[k]) for k, name in enumerate(axes)], axis=1)


DRIVER = Driver("movesense", FACTS.title, recognises, handshake, MovesenseDecoder, farewell)
