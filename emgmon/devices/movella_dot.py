"""Movella (Xsens) DOT: acceleration, angular velocity and orientation of one body segment.

After the maker's specification of its Bluetooth services: a payload mode is chosen by the write that starts the
measurement, and comes on the characteristic for payloads of its length, filled up to its size. All is little-endian;
each sample bears a time in µs and no number.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np

from emgmon.devices.base import WRITTEN, Advertisement, Driver, Handshake, Read, StreamSettings, Subscribe, Write
from emgmon.devices.counting import TimeCounter, nearest
from emgmon.devices.facts import facts_of
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Array, Packet, SampleBlock, Stream

FACTS = facts_of("movella_dot")


def _uuid(short: int) -> str:
    return f"1517{short:04x}-4947-11e9-8646-d663bd873d93"


DEVICE_CONTROL, CONTROL, LONG, MEDIUM, SHORT, BATTERY = map(_uuid, (0x1002, 0x2001, 0x2002, 0x2003, 0x2004, 0x3001))
COMPANY = 0x0886

START, STOP = 1, 0
RATE_BIT, RATE_AT, CONTROL_SIZE = 0x10, 24, 32
LONG_MTU = 66


class Mode(NamedTuple):
    """A payload mode: where it comes, and what follows the time, in order, with how many float32 each has."""

    port: str
    content: tuple[tuple[str, int], ...]

    @property
    def size(self) -> int:
        """Bytes with content."""
        return 4 + 4 * sum(width for _name, width in self.content)


QUATERNION, ACCELERATION, RATE = ("quaternion", 4), ("acceleration", 3), ("angular_velocity", 3)
MODES = {
    5: Mode(SHORT, (QUATERNION,)),
    21: Mode(MEDIUM, (ACCELERATION, RATE)),
    24: Mode(MEDIUM, (QUATERNION, RATE)),
    26: Mode(LONG, (QUATERNION, ACCELERATION, RATE)),
}
"""Modes that can be read here. Emgmon asks for 26, or 21 where the link's MTU is too small for it."""


def recognises(advertisement: Advertisement) -> bool:
    """Whether a sensor has the maker's company number or product name."""
    return COMPANY in advertisement.manufacturer_data or advertisement.name in {"Movella DOT", "Xsens DOT"}


def handshake(settings: StreamSettings) -> Handshake:
    """Set the rate if it is another one, subscribe to the payload that fits the link, start."""
    if settings.mtu < FACTS.mtu:
        raise HandshakeFailed(
            f"the link's MTU of {settings.mtu} is too small, it takes {FACTS.mtu}; use another Bluetooth adapter"
        )
    number = 26 if settings.mtu >= LONG_MTU else 21
    yield Read(BATTERY)
    rate_hz = int(FACTS.signals["acceleration"].nearest_hz(settings.imu_hz))
    control = yield Read(DEVICE_CONTROL)
    if len(control) != CONTROL_SIZE:
        raise HandshakeFailed(
            f"the sensor's settings have {len(control)} bytes, not {CONTROL_SIZE}; update its firmware"
        )
    if _rate_of(control) != rate_hz:
        wanted = bytearray(control)
        wanted[0] = RATE_BIT
        wanted[RATE_AT : RATE_AT + 2] = struct.pack("<H", rate_hz)
        yield Write(DEVICE_CONTROL, bytes(wanted))
        if _rate_of((yield Read(DEVICE_CONTROL))) != rate_hz:
            raise HandshakeFailed(f"the sensor does not take {rate_hz} Hz; stop its recording with the maker's app")
    yield Subscribe(MODES[number].port)
    yield Write(CONTROL, bytes([1, START, number]))


def _rate_of(control: bytes) -> int:
    return int.from_bytes(control[RATE_AT : RATE_AT + 2], "little")


def farewell() -> Handshake:
    """Stop whichever of the two payloads runs."""
    for number in (26, 21):
        yield Write(CONTROL, bytes([1, STOP, number]))


class DotDecoder:
    """Decoder of one sensor. Mode and rate are taken from what was written to it and read from it."""

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm

    def __init__(self, device: str) -> None:
        self.device = device
        self.battery_percent: int | None = None
        self._rate_hz = FACTS.signals["acceleration"].rate_hz
        self._modes: dict[str, Mode] = {LONG: MODES[26]}
        self._streams: dict[tuple[str, float], Stream] = {}
        self._counter: TimeCounter | None = None
        self._newest_us: int | None = None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams that sent something."""
        return tuple(self._streams.values())

    def restart(self) -> None:
        """Forget the running index: the sensor was connected anew."""
        self._counter, self._newest_us = None, None

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        payload = packet.payload
        if packet.port in {LONG, MEDIUM, SHORT}:
            return self._sample(packet)
        if packet.port == BATTERY:
            if not payload or payload[0] > 100:
                raise PacketError("battery level is not a byte up to 100", payload)
            self.battery_percent = payload[0]
        elif packet.port in {DEVICE_CONTROL, WRITTEN + DEVICE_CONTROL}:
            if len(payload) != CONTROL_SIZE or _rate_of(payload) not in FACTS.signals["acceleration"].rates_hz:
                raise PacketError("settings of unknown size or rate", payload)
            self._rate_hz = float(_rate_of(payload))
        elif packet.port == WRITTEN + CONTROL and payload[:2] == bytes([1, START]):
            mode = MODES.get(payload[2]) if len(payload) == 3 else None
            if mode is None:
                raise PacketError("a payload mode that cannot be read here was asked for", payload)
            self._modes[mode.port] = mode
        return []

    def _sample(self, packet: Packet) -> list[SampleBlock]:
        payload = packet.payload
        mode = self._modes.get(packet.port)
        if mode is None:
            raise PacketError("sample of a payload mode that nobody asked for", payload)
        if len(payload) < mode.size:
            raise PacketError(f"sample is shorter than {mode.size} bytes", payload)
        numbers = np.frombuffer(payload, "<f4", offset=4, count=(mode.size - 4) // 4)
        if not np.isfinite(numbers).all():
            raise PacketError("sample has a number that is none", payload)
        time_us = int.from_bytes(payload[:4], "little")
        time_us = time_us if self._newest_us is None else nearest(time_us, self._newest_us, 1 << 32)
        self._newest_us = max(time_us, self._newest_us or time_us)
        if self._counter is None:
            self._counter = TimeCounter(self._rate_hz)
        first = self._counter.take(time_us * 1e-6, 1)
        parts = _parts(numbers.astype(np.float64), mode)
        return [
            SampleBlock(self._stream(name), values[None, :], first, time_us * 1e-6, packet.host_ns)
            for name, values in parts.items()
        ]

    def _stream(self, quantity: str) -> Stream:
        key = quantity, self._rate_hz
        if key not in self._streams:
            unit = "g,dps" if quantity == "imu" else FACTS.signals[quantity].unit
            self._streams[key] = Stream(self.device, quantity, unit, self._rate_hz, (None,))
        return self._streams[key]


def _parts(numbers: Array, mode: Mode) -> dict[str, Array]:
    """Cut one sample into its quantities; acceleration and angular velocity become one."""
    parts: dict[str, Array] = {}
    at = 0
    for name, width in mode.content:
        parts[name] = FACTS.signals[name].values(numbers[at : at + width])
        at += width
    if "acceleration" in parts:
        parts["imu"] = np.concatenate([parts.pop("acceleration"), parts.pop("angular_velocity")])
    return parts


DRIVER = Driver("movella_dot", FACTS.title, recognises, handshake, DotDecoder, farewell)
