"""OYMotion gForcePro+ and gForceOct: eight EMG channels and a motion sensor in one box, by the classic commands.

After the maker's own programs, of which there are three generations. A request is ``command, body``, its reply ``code,
command, data``; a data message is ``type, [index,] content``. Both come in parts where the MTU is small. The index
counts the messages of each type, if the box can. Motion bears no time; it is put on the EMG's clock by arrival, and its
rate is seen from how much comes. On boxes with the other radio chip, replies and data are wrapped with a checksum.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from emgmon.devices.base import (
    WRITTEN,
    Advertisement,
    Driver,
    Handshake,
    Receive,
    Request,
    Step,
    StreamSettings,
    Subscribe,
    Write,
)
from emgmon.devices.checksums import crc16_modbus
from emgmon.devices.counting import ArrivalCounter, BorrowedClock, RateByCount, WrappingCounter
from emgmon.devices.facts import facts_of
from emgmon.devices.framing import Countdown
from emgmon.errors import HandshakeFailed, NoAnswer, PacketError
from emgmon.model import Array, Packet, SampleBlock, Stream

FACTS = facts_of("gforce")
SERVICE = "0000ffd0-0000-1000-8000-00805f9b34fb"
COMMAND, DATA = "f000ffe1-0451-4000-b000-000000000000", "f000ffe2-0451-4000-b000-000000000000"
OTHER_COMMAND, OTHER_DATA = "00000002-0000-1000-8000-00805f9b34fb", "00000003-0000-1000-8000-00805f9b34fb"

GET_FIRMWARE, GET_BATTERY, NUMBER_PACKETS, SET_EMG, SET_STREAMS = 0x06, 0x08, 0x26, 0x3F, 0x4F
CODE_TEXT = {1: "not supported", 2: "bad parameter", 3: "failed", 4: "timeout"}
ACCELERATION, ANGULAR_VELOCITY, QUATERNION, EMG = 0x01, 0x02, 0x05, 0x08
STREAMS = 0x01 | 0x02 | 0x10 | 0x80
"""Acceleration, angular velocity, quaternion, EMG."""

EMG_SETTINGS = struct.Struct("<BHHBB")
"""Command, rate in Hz, mask of channels, bytes of EMG in a message, bits of a sample."""

MESSAGE_BYTES = 128
MESSAGE_S = 0.016
"""Length of an EMG message of 128 bytes at 12 bits and 500 Hz."""

WISHES = ((500, 12), (500, 8))
"""Rate and bits, best first: 12 bits see a quiet back, which 8 do not."""

MOTION_HZ = (25.0, 40.0, 50.0, 100.0)
STRAY = 20
"""Messages that may come before the reply that is waited for."""

WRAPPED_REPLY, WRAPPED_DATA = 0xAA, 0x55


@dataclass(frozen=True, slots=True)
class Pipes:
    """Characteristics of one radio chip."""

    command: str
    replies: str
    data: str


CLASSIC = (Pipes(COMMAND, COMMAND, DATA),)
OTHER = (Pipes(OTHER_COMMAND, OTHER_DATA, OTHER_DATA), Pipes(OTHER_COMMAND, OTHER_COMMAND, OTHER_DATA))


def recognises(advertisement: Advertisement) -> bool:
    """Whether a box advertises its product name; one that waits for new firmware is left alone."""
    name = advertisement.name.casefold()
    return name.startswith("gforce") and "-boot" not in name


def handshake(settings: StreamSettings) -> Handshake:
    """Ask for its battery, set EMG and numbering, choose streams, subscribe."""
    if settings.mtu < FACTS.mtu:
        raise HandshakeFailed(
            f"gForce needs an MTU of {FACTS.mtu}, this link has {settings.mtu}; connect again or use another adapter"
        )
    pipes, battery = yield from _reach(OTHER if OTHER_COMMAND in settings.ports else CLASSIC)
    with contextlib.suppress(NoAnswer):
        yield from _ask(pipes, bytes([GET_FIRMWARE]))
    yield from _ask(pipes, _streams(0))
    yield from _set_emg(pipes)
    with contextlib.suppress(NoAnswer):
        yield from _ask(pipes, bytes([NUMBER_PACKETS, 1]))
    started = yield from _ask(pipes, _streams(STREAMS))
    if started[0]:
        reason = CODE_TEXT.get(started[0], f"code {started[0]}")
        charge = f"; its battery has {battery[2]} %" if len(battery) > 2 else ""
        raise HandshakeFailed(f"gForce does not start ({reason}{charge}); take it off its charger, or charge it")
    if pipes.data != pipes.replies:
        yield Subscribe(pipes.data)


def _reach(candidates: tuple[Pipes, ...]) -> Generator[Step, bytes, tuple[Pipes, bytes]]:
    """Ask for the battery on each pair of pipes until one answers."""
    for pipes in candidates:
        yield Subscribe(pipes.replies)
        try:
            return pipes, (yield from _ask(pipes, bytes([GET_BATTERY])))
        except NoAnswer:
            continue
    raise HandshakeFailed("gForce does not answer; switch it off and on, and keep it near")


def _set_emg(pipes: Pipes) -> Handshake:
    for rate_hz, bits in WISHES:
        reply = yield from _ask(pipes, EMG_SETTINGS.pack(SET_EMG, rate_hz, 0xFF, MESSAGE_BYTES, bits))
        if not reply[0]:
            return
    reason = CODE_TEXT.get(reply[0], f"code {reply[0]}")
    raise HandshakeFailed(f"gForce refuses to measure EMG at 500 Hz ({reason}); update its firmware")


def _ask(pipes: Pipes, request: bytes) -> Generator[Step, bytes, bytes]:
    """Send a request and return its reply; data of an earlier session that come before it are passed over."""
    message = yield Request(pipes.command, request, answers_on=pipes.replies)
    for _ in range(STRAY):
        for _kind, reply in _unwrapped(message) if pipes.command == OTHER_COMMAND else [(0, message)]:
            if len(reply) >= 2 and reply[1] == request[0] and reply[0] in {0, *CODE_TEXT}:
                return reply
        message = yield Receive(pipes.replies)
    raise HandshakeFailed(f"gForce does not answer request {request.hex(' ')}; switch it off and on")


def _streams(flags: int) -> bytes:
    return struct.pack("<BI", SET_STREAMS, flags)


def farewell() -> Handshake:
    """Stop all streams."""
    yield Write(COMMAND, _streams(0))


def _unwrapped(payload: bytes) -> list[tuple[int, bytes]]:
    """Kind and content of each whole message of the other radio chip; stops at the first that is not whole."""
    found, at = [], 0
    while at + 4 <= len(payload) and payload[at] in {WRAPPED_REPLY, WRAPPED_DATA}:
        end = at + 2 + payload[at + 1]
        if int.from_bytes(payload[end : end + 2], "big") != crc16_modbus(payload[at + 2 : end]) or end + 2 > len(
            payload
        ):
            break
        found.append((payload[at], payload[at + 2 : end]))
        at = end + 2
    return found


@dataclass(frozen=True, slots=True)
class EmgForm:
    """How EMG comes: what was asked for and agreed to."""

    stream: Stream
    length: int
    bits: int

    def samples(self, content: bytes) -> Array:
        """Read the samples of one message, (n, channels)."""
        if len(content) != self.length:
            raise PacketError(f"EMG message has not the {self.length} bytes that were agreed", content)
        counts = np.frombuffer(content, "u1" if self.bits == 8 else "<u2")
        if int(counts.max()) >= 1 << self.bits:
            raise PacketError(f"an EMG sample is larger than {self.bits} bits", content)
        signal = FACTS.signals["emg" if self.bits == 12 else "emg_8_bit"]
        return signal.values(counts).reshape(-1, len(self.stream.placements))


class GforceDecoder:
    """Decoder of one box."""

    clock_ppm = FACTS.clock_ppm

    def __init__(self, device: str) -> None:
        self.device = device
        self.battery_percent: int | None = None
        self.loss_evidence = "none"
        self._asked: EmgForm | None = None
        self._form: EmgForm | None = None
        self._numbered = False
        self._streams: dict[str, Stream] = {}
        self._clock = BorrowedClock(MESSAGE_S)
        self.restart()

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams that sent something."""
        return tuple(self._streams.values())

    def restart(self) -> None:
        """Forget running indices: the sensor was connected anew."""
        self._parts = {port: Countdown() for port in (COMMAND, DATA)}
        self._counters: dict[str, WrappingCounter | ArrivalCounter] = {}
        self._rates: dict[str, RateByCount] = {}
        self._half: dict[int, tuple[int, Array]] = {}
        self._clock.restart()

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        port, payload = packet.port, packet.payload
        if port in {WRITTEN + COMMAND, WRITTEN + OTHER_COMMAND}:
            self._written(payload)
        elif port in {COMMAND, DATA}:
            message = self._parts[port].feed(payload)
            if message is not None:
                return self._message(message, packet.host_ns) if port == DATA else self._reply(message)
        elif port in {OTHER_COMMAND, OTHER_DATA}:
            messages = _unwrapped(payload)
            if not messages:
                raise PacketError("wrapped message is cut short or its checksum is wrong", payload)
            return [
                block
                for kind, message in messages
                for block in (self._message(message, packet.host_ns) if kind == WRAPPED_DATA else self._reply(message))
            ]
        return []

    def _written(self, payload: bytes) -> None:
        if len(payload) != EMG_SETTINGS.size or payload[0] != SET_EMG:
            return
        _command, rate_hz, mask, length, bits = EMG_SETTINGS.unpack(payload)
        channels = mask.bit_count()
        if bits not in {8, 12} or not rate_hz or not channels or not length or length % (channels * (1 + bits // 12)):
            raise PacketError("setting of EMG that cannot be", payload)
        unit = FACTS.signals["emg" if bits == 12 else "emg_8_bit"].unit
        self._asked = EmgForm(Stream(self.device, "emg", unit, float(rate_hz), (None,) * channels), length, bits)

    def _reply(self, message: bytes) -> list[SampleBlock]:
        if len(message) < 2:
            raise PacketError("reply is shorter than two bytes", message)
        code, command = message[:2]
        if command == SET_EMG and not code:
            self._form = self._asked
            self._counters.clear()
        elif command == NUMBER_PACKETS:
            self._numbered = not code
            self.loss_evidence = FACTS.loss_evidence if self._numbered else "none"
            self._counters.clear()
        elif command == GET_BATTERY and not code and len(message) == 3:
            self.battery_percent = min(message[2], 100)
        return []

    def _message(self, message: bytes, host_ns: int) -> list[SampleBlock]:
        head = 2 if self._numbered else 1
        if len(message) <= head:
            raise PacketError("data message without content", message)
        kind, number, content = message[0] & 0x7F, message[1], message[head:]
        if kind == EMG:
            return [self._emg(content, number, host_ns)]
        if kind in {ACCELERATION, ANGULAR_VELOCITY}:
            return self._imu(kind, content, number, host_ns)
        if kind == QUATERNION:
            if len(content) != 16:
                raise PacketError("quaternion is not 16 bytes", message)
            values = np.frombuffer(content, "<f4").astype(np.float64)
            if not np.isfinite(values).all():
                raise PacketError("quaternion is not of numbers", message)
            return self._moved("quaternion", values, number, host_ns)
        return []

    def _emg(self, content: bytes, number: int, host_ns: int) -> SampleBlock:
        if self._form is None:
            raise PacketError("EMG before its setting was agreed", content)
        samples, stream = self._form.samples(content), self._form.stream
        n = len(samples)
        first = self._index("emg", number, n, stream.fs_hz, host_ns)
        self._streams["emg"] = stream
        self._clock.hear((first + n) / stream.fs_hz, host_ns)
        return SampleBlock(stream, samples, first, first / stream.fs_hz, host_ns)

    def _index(self, quantity: str, number: int, n: int, fs_hz: float, host_ns: int) -> int:
        """Return the running index of the first of `n` samples of a message."""
        counter = self._counters.get(quantity)
        if counter is None:
            counter = WrappingCounter(256, n / fs_hz) if self._numbered else ArrivalCounter(fs_hz)
            self._counters[quantity] = counter
        if isinstance(counter, WrappingCounter):
            return n * counter.take(number, 1, host_ns)
        return counter.take(n, host_ns)

    def _imu(self, kind: int, content: bytes, number: int, host_ns: int) -> list[SampleBlock]:
        """Hold one half of a sample until the other comes with the same number."""
        if len(content) != 12:
            raise PacketError("acceleration or angular velocity is not 12 bytes", content)
        name = "acceleration" if kind == ACCELERATION else "angular_velocity"
        key = number if self._numbered else 0
        self._half[kind] = (key, FACTS.signals[name].values(np.frombuffer(content, "<i4")))
        if len(self._half) < 2 or len({half[0] for half in self._half.values()}) > 1:
            return []
        values = np.concatenate([self._half[ACCELERATION][1], self._half[ANGULAR_VELOCITY][1]])
        self._half.clear()
        return self._moved("imu", values, number, host_ns)

    def _moved(self, quantity: str, values: Array, number: int, host_ns: int) -> list[SampleBlock]:
        device_s = self._clock.at(host_ns)
        if device_s is None:
            return []
        stream = self._streams.get(quantity)
        if stream is None:
            rate_hz = self._rates.setdefault(quantity, RateByCount(MOTION_HZ)).take(1, host_ns)
            if not rate_hz:
                return []
            unit = "g,dps" if quantity == "imu" else FACTS.signals[quantity].unit
            stream = self._streams[quantity] = Stream(self.device, quantity, unit, rate_hz, (None,))
        first = self._index(quantity, number, 1, stream.fs_hz, host_ns)
        return [SampleBlock(stream, values[None, :], first, device_s, host_ns)]


DRIVER = Driver("gforce", FACTS.title, recognises, handshake, GforceDecoder, farewell)
