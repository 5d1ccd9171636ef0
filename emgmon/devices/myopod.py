"""Open Bionics MyoPod: raw EMG of one muscle.

After the maker's protocol document; all numbers are big-endian. A data block is ``0, number u8, stream and coding u8,
time float32 in s, factor float32, length u8, data``. The time loses its milliseconds after some hours, so the number of
the block tells what is lost, and the index is the clock.
"""

from __future__ import annotations

import math
import struct

import numpy as np

from emgmon.devices.base import Advertisement, Driver, Handshake, Read, StreamSettings, Subscribe, Write
from emgmon.devices.counting import WrappingCounter
from emgmon.devices.facts import facts_of
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet, SampleBlock, Stream

FACTS = facts_of("myopod")
CONFIGURATION = "0b0b3101-feed-dead-bee5-0be9b1091c50"
DATA = "0b0b3102-feed-dead-bee5-0be9b1091c50"
COMPANY, SCHEMAS, TYPE_SENSOR = 0x0ABA, (1, 2, 3), 2

RAW, NONE = 3, 0
CODINGS = {0: ">f4", 1: ">i2", 3: ">i1"}
"""Codings that can be read here; how the four numbers of 12 bits of coding 2 lie in 6 bytes is not documented."""

INT16 = 1
SETTINGS = struct.Struct(">BHBBHf")
"""Reserved, average count, stream and coding, reserved, native rate in Hz, factor."""

HEADER = struct.Struct(">BBBffB")


def recognises(advertisement: Advertisement) -> bool:
    """Whether the maker's advertisement says that this is a sensor."""
    said = advertisement.manufacturer_data.get(COMPANY, b"")
    return len(said) >= 2 and said[0] in SCHEMAS and said[1] >> 1 & 7 == TYPE_SENSOR


def handshake(_settings: StreamSettings) -> Handshake:
    """Ask for the raw stream at full rate in 16 bits, and read whether that is what will come."""
    yield Subscribe(DATA)
    yield Write(CONFIGURATION, _request(RAW << 4 | INT16))
    said = yield Read(CONFIGURATION)
    if len(said) < SETTINGS.size or said[3] != RAW << 4 | INT16:
        raise HandshakeFailed(
            f"the sensor does not stream raw EMG (it says {said.hex(' ') or 'nothing'}); take it out of its charger"
        )


def farewell() -> Handshake:
    """Stop the stream."""
    yield Write(CONFIGURATION, _request(NONE))


def _request(stream_and_coding: int) -> bytes:
    return struct.pack(">BHBB", 0, 1, stream_and_coding, 0)


class MyoPodDecoder:
    """Decoder of one sensor. Its rate is the one that it told when it was asked for its configuration."""

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm
    battery_percent: int | None = None

    def __init__(self, device: str) -> None:
        self.device = device
        self._stream = self._at(FACTS.signals["emg"].rate_hz)
        self._blocks: WrappingCounter | None = None
        self._expected = 0
        self._first = self._n = 0

    def _at(self, rate_hz: float) -> Stream:
        return Stream(self.device, "emg", FACTS.signals["emg"].unit, rate_hz, (None,))

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The stream, once something came."""
        return (self._stream,) if self._n else ()

    def restart(self) -> None:
        """Forget the running index: the sensor was connected anew."""
        self._blocks = None
        self._first = self._expected = 0

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        if packet.port == CONFIGURATION:
            if len(packet.payload) < SETTINGS.size:
                raise PacketError("configuration is cut short", packet.payload)
            _, average, _, _, native_hz, _ = SETTINGS.unpack_from(packet.payload)
            if not average or not 10 <= native_hz / average <= 10_000:
                raise PacketError("configuration has a rate that cannot be", packet.payload)
            self._stream = self._at(native_hz / average)
            self.restart()
        elif packet.port == DATA:
            return [self._block(packet)]
        return []

    def _block(self, packet: Packet) -> SampleBlock:
        payload = packet.payload
        if len(payload) < HEADER.size:
            raise PacketError("block is shorter than its header", payload)
        _, number, kind, _, factor, length = HEADER.unpack_from(payload)
        coding = CODINGS.get(kind & 15)
        if kind >> 4 != RAW or coding is None:
            raise PacketError(f"block of stream {kind >> 4} in coding {kind & 15}, which cannot be read here", payload)
        data = payload[HEADER.size :]
        n = len(data) // np.dtype(coding).itemsize
        if not n or len(data) != length or length != n * np.dtype(coding).itemsize:
            raise PacketError("block has another length than its header says", payload)
        counts = np.frombuffer(data, coding)
        if not math.isfinite(factor) or not np.isfinite(counts).all():
            raise PacketError("block has a number that is none", payload)
        first = self._place(number, n, packet.host_ns)
        samples = FACTS.signals["emg"].values(counts.astype(np.float64) * factor)[:, None]
        return SampleBlock(self._stream, samples, first, first / self._stream.fs_hz, packet.host_ns)

    def _place(self, number: int, n: int, host_ns: int) -> int:
        """Index of a block's first sample; blocks that are missing had as many samples as the one before."""
        if self._blocks is None:
            self._blocks, self._n = WrappingCounter(256, n / self._stream.fs_hz), n
            self._expected = self._blocks.take(number, 1, host_ns)
        else:
            running = self._blocks.take(number, 1, host_ns)
            first = self._first + (running - self._expected + 1) * self._n
            if running < self._expected:
                return first
            self._expected = running
            self._first, self._n = first, n
        self._expected += 1
        return self._first


DRIVER = Driver("myopod", FACTS.title, recognises, handshake, MyoPodDecoder, farewell)
