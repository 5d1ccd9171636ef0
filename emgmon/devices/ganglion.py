"""OpenBCI Ganglion over its own Bluetooth: four channels at 200 Hz, two samples compressed into 20 bytes.

After its firmware. Commands are single ASCII characters. Byte 0 of a packet is its id, from which the kind follows:

=========  ==================================  =======================================
id         firmware 3                          firmware 2
=========  ==================================  =======================================
0          two samples of 18 bits              one sample of 24 bits, not compressed
to 99/100  the same                            two samples as differences of 18 bits
to 199/200 two samples of 19 bits              two samples as differences of 19 bits
to 205     impedance, not used here            the same
206, 207   text                                the same
=========  ==================================  =======================================

A round has 201 samples. Firmware 3 never sends the last one of it. The differences of firmware 2 lead nowhere after a
lost packet, until the next packet of id 0.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from emgmon.devices.base import Advertisement, Driver, Handshake, Read, Receive, StreamSettings, Subscribe, Write
from emgmon.devices.counting import WrappingCounter
from emgmon.devices.facts import facts_of
from emgmon.errors import HandshakeFailed, NoAnswer, PacketError
from emgmon.model import Packet, SampleBlock, Stream

FACTS = facts_of("ganglion")
SERVICE = "0000fe84-0000-1000-8000-00805f9b34fb"
DATA = "2d30c082-f39f-4ce6-923f-3484ea480596"
COMMAND = "2d30c083-f39f-4ce6-923f-3484ea480596"
REVISION = "00002a28-0000-1000-8000-00805f9b34fb"

START, STOP = b"b", b"s"
CHANNELS = 4
ROUND = 201
"""Samples from one packet with id 0 to the next."""

BEFORE_FIRST = (99, 255)
"""Ids of the packet that firmware 3 sends before the first whole one; no samples are in it."""

IMPEDANCE, LAST_ID = 201, 207

Counts = npt.NDArray[np.int64]


def recognises(advertisement: Advertisement) -> bool:
    """Whether a board advertises its name, or its radio's name and the service."""
    name = advertisement.name
    return name.startswith("Ganglion") or (name.startswith("Simblee") and SERVICE in advertisement.service_uuids)


def handshake(settings: StreamSettings) -> Handshake:
    """Read the firmware's revision, subscribe, start; the stream cannot be joined half-way."""
    if settings.ports and not {DATA, COMMAND} <= settings.ports.keys():
        raise HandshakeFailed("this is no Ganglion: its characteristics are missing")
    yield Read(REVISION)
    yield Subscribe(DATA)
    yield Write(COMMAND, START, confirmed="write" in settings.ports.get(COMMAND, {"write"}))
    try:
        yield Receive(DATA)
    except NoAnswer:
        raise HandshakeFailed("Ganglion does not start; switch it off and on, and check its batteries") from None


def farewell() -> Handshake:
    """Stop streaming."""
    yield Write(COMMAND, STOP)


def fields(payload: bytes, bits: int) -> Counts:
    """Eight unsigned numbers of 18 or 19 bits each, (2, 4), most significant bit first, from byte 1 on."""
    octets = np.frombuffer(payload, np.uint8, bits, 1)
    weights = 1 << np.arange(bits - 1, -1, -1, dtype=np.int64)
    return np.asarray(np.unpackbits(octets).reshape(2, CHANNELS, bits) @ weights)


def absolute(numbers: Counts, bits: int) -> Counts:
    """Read samples of firmware 3: the top bits of 24, the lowest of which repeats the sign."""
    top = numbers & ~1
    signed = top - ((top >> (bits - 1)) << bits)
    return signed << (24 - bits)


def differences(numbers: Counts, bits: int) -> Counts:
    """Read differences of firmware 2: negative where the lowest bit is 1."""
    return numbers - ((numbers & 1) << bits)


class GanglionDecoder:
    """Decoder of one board."""

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm
    battery_percent: int | None = None

    def __init__(self, device: str) -> None:
        emg = FACTS.signals["emg"]
        self._stream = Stream(device, "emg", emg.unit, emg.rate_hz, (None,) * CHANNELS)
        self._revision = 0
        self.restart()

    def restart(self) -> None:
        """Forget the running index and the last sample: the sensor was connected anew."""
        self._counter = WrappingCounter(*self._round())
        self._expected: int | None = None
        self._last: Counts | None = None

    def _round(self) -> tuple[int, float]:
        """Packets in a round, and seconds for each."""
        packets = 100 if self._revision == 3 else 101
        return packets, ROUND / packets / self._stream.fs_hz

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The one stream, once the firmware's revision is known."""
        return (self._stream,) if self._revision else ()

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        if packet.port == REVISION:
            if not packet.payload[:1].isdigit():
                raise PacketError("software revision does not begin with a number", packet.payload)
            self._revision = 3 if packet.payload[:1] >= b"3" else 2
            self.restart()
        elif packet.port == DATA:
            return self._data(packet)
        return []

    def _data(self, packet: Packet) -> list[SampleBlock]:
        payload = packet.payload
        if not self._revision:
            raise PacketError("data before the software revision was read", payload)
        if not payload:
            raise PacketError("empty data packet", payload)
        number = payload[0]
        if IMPEDANCE <= number <= LAST_ID:
            return []
        if len(payload) < 20:
            raise PacketError("data packet is shorter than 20 bytes", payload)
        return self._absolute(number, packet) if self._revision == 3 else self._relative(number, packet)

    def _absolute(self, number: int, packet: Packet) -> list[SampleBlock]:
        if number > 199 and number not in BEFORE_FIRST:
            raise PacketError(f"packet of unknown id {number}", packet.payload)
        if number == 255 or (number in BEFORE_FIRST and self._expected is None):
            return []
        bits = 18 if number < 100 else 19
        index = self._counter.take(number % 100, 1, packet.host_ns)
        self._expected = index + 1
        first = index // 100 * ROUND + index % 100 * 2
        return [self._block(absolute(fields(packet.payload, bits), bits), first, packet.host_ns)]

    def _relative(self, number: int, packet: Packet) -> list[SampleBlock]:
        if number > 200:
            raise PacketError(f"packet of unknown id {number}", packet.payload)
        place = number if number <= 100 else number - 100
        index = self._counter.take(place, 1, packet.host_ns)
        if self._expected is not None and index < self._expected:
            return []
        unbroken, self._expected = index == self._expected, index + 1
        before = index // 101 * ROUND
        if not place:
            self._last = _whole(packet.payload)
            return [self._block(self._last[None, :], before, packet.host_ns)]
        if not unbroken or self._last is None:
            self._last = None
            return []
        bits = 18 if number <= 100 else 19
        samples = self._last - np.cumsum(differences(fields(packet.payload, bits), bits), axis=0)
        self._last = samples[-1]
        return [self._block(samples, before + 2 * place - 1, packet.host_ns)]

    def _block(self, counts: Counts, first: int, host_ns: int) -> SampleBlock:
        return SampleBlock(
            self._stream, FACTS.signals["emg"].values(counts), first, first / self._stream.fs_hz, host_ns
        )


def _whole(payload: bytes) -> Counts:
    """Four big-endian numbers of 24 bits from byte 1 on."""
    octets = np.frombuffer(payload, np.uint8, 3 * CHANNELS, 1).reshape(CHANNELS, 3).astype(np.int64)
    counts = octets[:, 0] << 16 | octets[:, 1] << 8 | octets[:, 2]
    return np.asarray((counts ^ 0x800000) - 0x800000)


DRIVER = Driver("ganglion", FACTS.title, recognises, handshake, GanglionDecoder, farewell)
