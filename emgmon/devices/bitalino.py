"""BITalino (r)evolution with the BLE module: raw EMG of its analogue inputs.

After the firmware of board and radio. The radio is a serial pipe: frames of 3 to 8 bytes, of which each ends with a
counter of 4 bits and a check of 4 bits, are not aligned to notifications.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from emgmon.devices.base import WRITTEN, Advertisement, Driver, Handshake, Pause, StreamSettings, Subscribe, Write
from emgmon.devices.facts import facts_of
from emgmon.devices.framing import FixedFrames, Flags, Octets
from emgmon.devices.shortcount import ShortCounter
from emgmon.errors import PacketError
from emgmon.model import Packet, SampleBlock, Stream

FACTS = facts_of("bitalino")
SERVICE = "c566488a-0882-4e1b-a6d0-0b717e652234"
COMMANDS = "4051eb11-bf0a-4c74-8730-a48f4193fcea"
FRAMES = "40fdba6b-672e-47c4-808a-e529adff3633"

STOP = 0x00
RATES = {0x03: 1.0, 0x43: 10.0, 0x83: 100.0, 0xC3: 1000.0}
START_LIVE, START_SIMULATED = 1, 2
CHANNEL_MASK = 0b11
"""Inputs that are asked for, A1 and A2: more does not fit through most links at 1000 Hz."""

FRAME_SIZES = {1: 3, 2: 4, 3: 6, 4: 7, 5: 8, 6: 8}
CRC_TABLE = np.array([0, 3, 6, 5, 12, 15, 10, 9, 11, 8, 13, 14, 7, 4, 1, 2], np.uint8)
"""From the remainder so far to the one a nibble later."""

CONFIRM = 6
"""Frames in a row that must pass the check of 4 bits: by chance they do once in 2^24."""

COUNTER = 16


def recognises(advertisement: Advertisement) -> bool:
    """Whether a board advertises the service of its radio."""
    return SERVICE in advertisement.service_uuids


def handshake(settings: StreamSettings) -> Handshake:
    """Stop what may run, set the rate, start live mode."""
    rate_hz = FACTS.signals["emg"].nearest_hz(settings.emg_hz)
    yield Subscribe(FRAMES)
    yield Write(COMMANDS, bytes([STOP]))
    yield Pause(0.2)
    yield Write(COMMANDS, bytes([next(code for code, known_hz in RATES.items() if known_hz == rate_hz)]))
    yield Write(COMMANDS, bytes([START_LIVE | CHANNEL_MASK << 2]))


def farewell() -> Handshake:
    """Stop sampling."""
    yield Write(COMMANDS, bytes([STOP]))


def passes(frames: Octets) -> Flags:
    """Which of (n, size) frames have the right check; vectorised."""
    high, low = frames >> np.uint8(4), frames & np.uint8(15)
    remainder: Octets = np.zeros(len(frames), np.uint8)
    for k in range(frames.shape[1] - 1):
        remainder = CRC_TABLE[CRC_TABLE[remainder] ^ high[:, k]] ^ low[:, k]
    return np.asarray(CRC_TABLE[CRC_TABLE[remainder] ^ high[:, -1]] == low[:, -1])


def inputs(frames: Octets, channels: int) -> npt.NDArray[np.uint16]:
    """Values of the inputs in (n, size) frames, (n, channels): 10 bits, the fifth and sixth 6 bits; vectorised."""
    r = frames[:, ::-1].astype(np.uint16).T
    found = [(r[1] & 15) << 6 | r[2] >> 2]
    if channels > 1:
        found.append((r[2] & 3) << 8 | r[3])
    if channels > 2:
        found.append(r[4] << 2 | r[5] >> 6)
    if channels > 3:
        found.append((r[5] & 63) << 4 | r[6] >> 4)
    if channels > 4:
        found.append((r[6] & 15) << 2 | r[7] >> 6)
    if channels > 5:
        found.append(r[7] & 63)
    return np.stack(found, axis=1)


class BitalinoDecoder:
    """Decoder of one board. Rate and inputs are taken from the commands that the host wrote."""

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm
    battery_percent: int | None = None

    def __init__(self, device: str) -> None:
        self.device = device
        self._rate_hz = FACTS.signals["emg"].rate_hz
        self._stream: Stream | None = None
        self._frames: FixedFrames | None = None
        self._counter = ShortCounter(COUNTER, 1.0 / self._rate_hz)
        self._last = b""

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The stream that was started."""
        return (self._stream,) if self._stream else ()

    def restart(self) -> None:
        """Forget running indices and what is left of a frame: the sensor was connected anew."""
        self._counter.restart()
        self._last = b""
        if self._frames:
            self._frames.clear()

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        if packet.port == WRITTEN + COMMANDS:
            self._command(packet.payload)
        elif packet.port == FRAMES:
            if self._frames is None or self._stream is None:
                raise PacketError("frames of a board that nobody started", packet.payload)
            return [] if self._came_twice(packet.payload) else self._blocks(self._frames, self._stream, packet)
        return []

    def _came_twice(self, payload: bytes) -> bool:
        """Whether a notification is the last one again; only those whose counters must have moved can tell."""
        before, self._last = self._last, payload
        size = self._frames.size if self._frames else 0
        return payload == before and len(payload) >= size and len(payload) % (COUNTER * size) != 0

    def _command(self, payload: bytes) -> None:
        if len(payload) != 1:
            raise PacketError("command is not one byte", payload)
        if payload[0] in RATES:
            self._rate_hz = RATES[payload[0]]
        elif payload[0] & 3 in {START_LIVE, START_SIMULATED} and payload[0] >> 2:
            channels = (payload[0] >> 2).bit_count()
            self._stream = Stream(self.device, "emg", FACTS.signals["emg"].unit, self._rate_hz, (None,) * channels)
            self._frames = FixedFrames(FRAME_SIZES[channels], passes, CONFIRM)
            self._counter = ShortCounter(COUNTER, 1.0 / self._rate_hz)

    def _blocks(self, frames: FixedFrames, stream: Stream, packet: Packet) -> list[SampleBlock]:
        """One block for each run of frames whose counter goes on."""
        found = frames.feed(packet.payload)
        if not len(found):
            if frames.skipped:
                raise PacketError("no frame in what the board sent", packet.payload)
            return []
        values = FACTS.signals["emg"].values(inputs(found, len(stream.placements)))
        counts = found[:, -1] >> 4
        breaks = (np.flatnonzero(np.diff(counts) & (COUNTER - 1) != 1) + 1).tolist()
        blocks = []
        for start, stop in zip([0, *breaks], [*breaks, len(found)], strict=True):
            first = self._counter.take(int(counts[start]), stop - start, packet.host_ns)
            blocks.append(SampleBlock(stream, values[start:stop], first, first / stream.fs_hz, packet.host_ns))
        return blocks


DRIVER = Driver("bitalino", FACTS.title, recognises, handshake, BitalinoDecoder, farewell)
