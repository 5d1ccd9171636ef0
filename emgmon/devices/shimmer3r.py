"""Shimmer3R with its ExG board: two EMG channels and motion, as frames in a stream of bytes.

After the maker's own client and firmware. Each command is answered by ACK or NACK, before the reply if there is one.
A frame is ``00, ticks u24, channels``, here always with a checksum of two bytes at its end, in the order of channels
that the reply to an inquiry gives; that reply is in the recording, so the decoder needs nothing else. A tick is
1/32768 s; frames are not numbered, and a step of more ticks than one interval is a loss. Between frames other messages
may stand.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from emgmon.devices.base import (
    WRITTEN,
    Advertisement,
    Driver,
    Handshake,
    Pause,
    Receive,
    Request,
    Step,
    StreamSettings,
    Subscribe,
    Write,
)
from emgmon.devices.facts import facts_of
from emgmon.devices.framing import FixedFrames, Octets
from emgmon.devices.shimmer_frames import (
    ACC_CHANNELS,
    EMG_CHANNELS,
    GYRO_CHANNELS,
    GYRO_RANGE,
    INQUIRY,
    INQUIRY_HEAD,
    TICKS_HZ,
    Layout,
    parse_inquiry,
    passes,
)
from emgmon.errors import HandshakeFailed, NoAnswer, PacketError
from emgmon.model import Packet, SampleBlock, Stream

FACTS = facts_of("shimmer3r")
ACKNOWLEDGED = "65333333-a115-11e2-9e9a-0800200ca101"
PLAIN = "65333333-a115-11e2-9e9a-0800200ca102"
"""The pipe that notifies; the other one indicates, which halves what it can carry."""

INQUIRE, SET_RATE, START, SET_SENSORS, STOP, GET_VERSION = 0x01, 0x05, 0x07, 0x08, 0x20, 0x2E
SET_GYRO_RANGE, POWER_EXPANSION, SET_EXG, GET_STATUS, SET_CRC = 0x49, 0x5E, 0x61, 0x72, 0x8B
VERSION, INSTREAM, STATUS, NACK, ACK = 0x2F, 0x8A, 0x71, 0xFE, 0xFF
DOCKED, LOGGING = 0x01, 0x08

TICKS_MODULUS = 1 << 24
EXG1, ACCELEROMETER, GYROSCOPE = 0x10, 0x80, 0x40
EXG_REGISTERS = (bytes.fromhex("00 A8 10 69 60 20 00 00 02 03"), bytes.fromhex("00 A0 10 E1 E1 00 00 00 02 01"))
"""The maker's EMG setting of both chips, gain 12; the second one is powered down. The converter's rate goes into the
lowest bits of the first byte."""

CONVERTER_HZ = (125, 250, 500, 1000, 2000, 4000, 8000)
READERS = {"emg": Layout.emg, "imu": Layout.imu}
STRAY = 40
"""Notifications that may come before an answer."""


def recognises(advertisement: Advertisement) -> bool:
    """Whether a unit advertises its product name."""
    return advertisement.name.startswith("Shimmer3R")


@dataclass(frozen=True, slots=True)
class Pipes:
    """Where to write and where to listen."""

    write: str
    listen: str
    confirmed: bool


def pipes_of(ports: Mapping[str, frozenset[str]]) -> list[Pipes]:
    """Pairs of pipes to try, best first."""
    listening = [PLAIN, ACKNOWLEDGED] if not ports else [p for p in (PLAIN, ACKNOWLEDGED) if _speaks(ports, p)]
    write = PLAIN if not ports or PLAIN in ports else ACKNOWLEDGED
    return [Pipes(write, listen, "write" in ports.get(write, {"write"})) for listen in listening]


def _speaks(ports: Mapping[str, frozenset[str]], port: str) -> bool:
    return bool(ports.get(port, frozenset()) & {"notify", "indicate"})


def handshake(settings: StreamSettings) -> Handshake:
    """Stop what runs, set rate, amplifier and sensors, ask for the frame's layout, switch checksums on, start."""
    pipes = yield from _reach(pipes_of(settings.ports))
    status = (yield from _ask(pipes, bytes([GET_STATUS]), "its state", bytes([INSTREAM, STATUS]), 4))[2]
    if status & DOCKED:
        raise HandshakeFailed("Shimmer sits in its dock or on its charger; take it off before anybody wears it")
    if status & LOGGING:
        raise HandshakeFailed("Shimmer logs to its card and cannot be set meanwhile; stop that with its button")
    with_motion = settings.imu_hz > 0
    rate_hz = 512 if with_motion else 1024
    code = next(k for k, converter_hz in enumerate(CONVERTER_HZ) if rate_hz < converter_hz)
    sensors = EXG1 | (ACCELEROMETER | GYROSCOPE if with_motion else 0)
    yield from _ask(pipes, struct.pack("<BH", SET_RATE, TICKS_HZ // rate_hz), f"{rate_hz} Hz")
    yield from _ask(pipes, bytes([POWER_EXPANSION, 1]), "power for its ExG board")
    for chip, registers in enumerate(EXG_REGISTERS):
        setting = bytes([registers[0] | code]) + registers[1:]
        yield from _ask(pipes, bytes([SET_EXG, chip, 0, len(setting)]) + setting, "its amplifier's setting")
        yield Pause(0.2)
    yield from _ask(pipes, bytes([SET_GYRO_RANGE, GYRO_RANGE]), "the gyroscope's range")
    yield from _ask(pipes, bytes([SET_SENSORS, sensors, 0, 0]), "its sensors")
    layout = parse_inquiry((yield from _ask(pipes, bytes([INQUIRE]), "an inquiry", bytes([INQUIRY]), INQUIRY_HEAD)))
    if not set(EMG_CHANNELS) <= set(layout.channels):
        raise HandshakeFailed("Shimmer sends no EMG; is it one with an ExG board?")
    yield from _ask(pipes, bytes([SET_CRC, 2]), "checksums")
    yield from _ask(pipes, bytes([START]), "start")


def _reach(candidates: list[Pipes]) -> Generator[Step, bytes, Pipes]:
    """Stop what an earlier host left running and find the pipes that answer."""
    for pipes in candidates:
        yield Subscribe(pipes.listen)
        yield Write(pipes.write, bytes([STOP]), pipes.confirmed)
        yield Pause(0.3)
        try:
            yield from _ask(pipes, bytes([SET_CRC, 0]), "no checksums")
            yield from _ask(pipes, bytes([GET_VERSION]), "its version", bytes([VERSION]), 2)
        except NoAnswer:
            continue
        return pipes
    raise HandshakeFailed("Shimmer does not answer; switch it off and on, and keep it near")


def _ask(
    pipes: Pipes, command: bytes, what: str, begins: bytes = b"", length: int = 0
) -> Generator[Step, bytes, bytes]:
    """Send a command and wait for ACK and, if `begins` is given, for a reply of `length` bytes that begins so."""
    said = yield Request(pipes.write, command, answers_on=pipes.listen, confirmed=pipes.confirmed)
    for _ in range(STRAY):
        answer = _after_status(said)
        if answer[:1] == bytes([NACK]):
            raise HandshakeFailed(f"Shimmer refuses {what}; stop its logging, or update its firmware (it says NACK)")
        reply = answer[1:] if answer[:1] == bytes([ACK]) else b""
        if answer[:1] == bytes([ACK]) and not begins:
            return answer
        if begins == bytes([INQUIRY]) and len(reply) >= INQUIRY_HEAD:
            length = INQUIRY_HEAD + reply[10]
        if reply[: len(begins)] == begins and len(reply) >= length:
            return reply[:length]
        said += yield Receive(pipes.listen)
    raise HandshakeFailed(f"Shimmer was asked for {what} and said {said[:20].hex(' ')}; update its firmware")


def _after_status(said: bytes) -> bytes:
    """Take off the messages about its state that the unit sends unasked."""
    while said[:2] == bytes([INSTREAM, STATUS]) and len(said) > 4:
        said = said[4:]
    return said


def farewell() -> Handshake:
    """Stop streaming."""
    yield Write(PLAIN, bytes([STOP]), confirmed=False)


class ShimmerDecoder:
    """Decoder of one unit."""

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm
    battery_percent: int | None = None

    def __init__(self, device: str) -> None:
        self.device = device
        self._layout: Layout | None = None
        self._frames: FixedFrames | None = None
        self._streams: dict[str, Stream] = {}
        self.restart()

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams of the layout that the unit told."""
        return tuple(self._streams.values())

    def restart(self) -> None:
        """Forget running indices: the sensor was connected anew."""
        self._asked, self._said, self._crc = b"", b"", False
        self._frames = None
        self._last: tuple[int, int] | None = None

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        if packet.port in {WRITTEN + PLAIN, WRITTEN + ACKNOWLEDGED}:
            self._written(packet.payload)
        elif packet.port in {PLAIN, ACKNOWLEDGED}:
            if self._frames is not None:
                return self._stream(self._frames, packet)
            self._answered(packet.payload)
        return []

    def _written(self, command: bytes) -> None:
        """Remember what was asked; from the start on, frames come."""
        self._asked, self._said = command, b""
        if command == bytes([STOP]):
            self._frames = None
        elif command == bytes([START]):
            if self._layout is None or not self._crc:
                raise PacketError("start without a layout, or without checksums", command)
            self._frames = FixedFrames(self._layout.size, passes)
            self._last = None

    def _answered(self, said: bytes) -> None:
        """Take what matters from an answer: whether checksums are on, and the layout."""
        self._said = (self._said + said)[-256:]
        answer = _after_status(self._said)
        if self._asked[:1] == bytes([SET_CRC]):
            self._crc = answer[:1] == bytes([ACK]) and self._asked[1:] == b"\x02"
        elif self._asked == bytes([INQUIRE]) and answer[:2] == bytes([ACK, INQUIRY]):
            reply = answer[1:]
            if len(reply) >= INQUIRY_HEAD and len(reply) >= INQUIRY_HEAD + reply[10]:
                self._open(parse_inquiry(reply))
                self._asked = b""

    def _open(self, layout: Layout) -> None:
        self._layout, rate_hz = layout, TICKS_HZ / layout.divisor
        self._streams = {}
        if set(EMG_CHANNELS) <= set(layout.channels):
            unit = FACTS.signals["emg"].unit
            self._streams["emg"] = Stream(self.device, "emg", unit, rate_hz, (None,) * len(EMG_CHANNELS))
        if {*ACC_CHANNELS, *GYRO_CHANNELS} <= set(layout.channels):
            self._streams["imu"] = Stream(self.device, "imu", "g,dps", rate_hz, (None,))

    def _stream(self, frames: FixedFrames, packet: Packet) -> list[SampleBlock]:
        assert self._layout is not None  # noqa: S101 - frames only come after the layout
        found = frames.feed(packet.payload)
        if not len(found):
            if frames.skipped >= frames.size:
                raise PacketError(f"{frames.skipped} bytes in which no frame is", packet.payload)
            return []
        ticks, index = self._place(found, self._layout.divisor)
        samples = {name: READERS[name](self._layout, found) for name in self._streams}
        cuts = [0, *(np.flatnonzero(np.diff(index) != 1) + 1).tolist(), len(found)]
        return [
            SampleBlock(
                self._streams[name],
                values[start:stop],
                int(index[start]),
                int(ticks[start]) / TICKS_HZ,
                packet.host_ns,
            )
            for start, stop in pairwise(cuts)
            for name, values in samples.items()
        ]

    def _place(self, frames: Octets, divisor: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Ticks and running index of each frame: as many on as its ticks say."""
        raw = frames[:, 1:4].astype(np.int64) @ np.array([1, 1 << 8, 1 << 16])
        ticks_before, index_before = self._last or (int(raw[0]), 0)
        moved = np.diff(raw, prepend=ticks_before)
        moved = (moved + TICKS_MODULUS // 2) % TICKS_MODULUS - TICKS_MODULUS // 2
        ticks = ticks_before + np.cumsum(moved)
        index = index_before + np.cumsum(np.rint(moved / divisor).astype(np.int64))
        self._last = int(ticks[-1]), int(index[-1])
        return ticks, index


DRIVER = Driver("shimmer3r", FACTS.title, recognises, handshake, ShimmerDecoder, farewell)
