"""Sensors that speak our own open GATT profile, "EMG Stream" version 1.

All numbers are little-endian. Data packets have a header of 14 bytes: version and coding, flags, packet sequence u16,
index of the first sample u32, device time in µs u32, channel or content mask u8, samples per channel u8. The profile is
described in ``docs/emg-stream-profile.md``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from emgmon.devices import emgmon_gatt_packets
from emgmon.devices.base import Advertisement, Driver, Handshake, Read, Request, StreamSettings, Subscribe
from emgmon.devices.emgmon_gatt_packets import (
    DISAGREE_S,
    MASK_AT,
    DataPacket,
    Usual,
    disagree,
    imu_layout,
    parse_data,
    unwrapped,
)
from emgmon.devices.emgmon_gatt_runs import Plain, look
from emgmon.devices.runs import Ports
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Array, BlockRun, Ints, Packet, PacketRun, Placement, SampleBlock, Stream


def _uuid(short: int) -> str:
    return f"c331{short:04x}-2714-438a-ab5f-5cbde8590098"


SERVICE, DESCRIPTION, CONTROL, EMG, IMU, STATUS = (_uuid(short) for short in range(1, 7))
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"

STREAM_EMG, STREAM_IMU = 1, 2
OP_SET_CONFIG, OP_START, OP_IDENTIFY, OP_ANSWER = 0x02, 0x03, 0x06, 0x80
IDENTIFY_S = 3
TAG_CHANNELS, TAG_RATES, TAG_CODING, TAG_SCALE, TAG_KIND, TAG_LABEL, TAG_MAX_SAMPLES = 1, 2, 3, 4, 5, 10, 12
SIGNAL_KINDS = ("raw", "band-passed", "rectified", "envelope")
STATUS_TEXT = {
    2: "does not support this request",
    3: "calls a parameter invalid",
    4: "failed",
    5: "is in the wrong state; switch it off and on",
    6: "does not offer this rate or setting",
    7: "needs a larger MTU than this link has",
    8: "has too little battery; charge it",
    9: "is on its charger and refuses to measure; unplug it",
    10: "reports a hardware fault",
    11: "is busy; try again",
}
HEADER = emgmon_gatt_packets.HEADER
STATUS_BYTES = 11
MAX_STRANGE = 2


def recognises(advertisement: Advertisement) -> bool:
    """Whether a sensor advertises the service of the profile."""
    return SERVICE in advertisement.service_uuids


def handshake(settings: StreamSettings) -> Handshake:
    """Read what the sensor is, subscribe, set rates and packet length, start: nothing is missed before the start."""
    described = parse_description((yield Read(DESCRIPTION)))
    yield Read(BATTERY_LEVEL)
    for port in (CONTROL, STATUS, EMG, IMU):
        yield Subscribe(port)
    mask = 0
    for stream_id, rate_hz, bytes_per_sample in (
        (STREAM_EMG, settings.emg_hz, 2 * described[STREAM_EMG].channels if STREAM_EMG in described else 0),
        (STREAM_IMU, settings.imu_hz, 12),
    ):
        if stream_id not in described:
            continue
        mask |= 1 << (stream_id - 1)
        room = (settings.mtu - 3 - HEADER.size) // max(bytes_per_sample, 1)
        wished = round(rate_hz * settings.packet_s * (1 if stream_id == STREAM_EMG else 2))
        samples = max(1, min(wished, room, described[stream_id].max_samples))
        config = bytes([OP_SET_CONFIG, stream_id, TAG_RATES, 2, *struct.pack("<H", rate_hz), 12, 1, samples])
        _accepted((yield Request(CONTROL, config)), f"{rate_hz} Hz in packets of {samples}")
    _accepted((yield Request(CONTROL, bytes([OP_START, mask]))), "start")


def identify() -> Handshake:
    """Let the sensor blink for a few seconds."""
    _accepted((yield Request(CONTROL, bytes([OP_IDENTIFY, IDENTIFY_S]))), "identify")


def _accepted(answer: bytes, what: str) -> None:
    if len(answer) < 3 or answer[0] != OP_ANSWER:
        raise HandshakeFailed(f"the sensor answered {what} with {answer.hex(' ') or 'nothing'}; update its firmware")
    if answer[2] != 1:
        reason = STATUS_TEXT.get(answer[2], f"answered with status {answer[2]}")
        raise HandshakeFailed(f"the sensor {reason} (asked for: {what})")


@dataclass(frozen=True, slots=True)
class StreamDescription:
    """One stream as the Description characteristic tells it. `scales` are per count, in µV, g or dps."""

    channels: int
    rates_hz: tuple[int, ...]
    coding: int
    scales: tuple[float, ...]
    kind: str
    label: str
    max_samples: int


def parse_description(payload: bytes) -> dict[int, StreamDescription]:
    """Read the Description characteristic: version, number of streams, then a list of tagged values for each.

    Raises
    ------
    PacketError
        When the version is not 1, a length runs over the end, or a mandatory tag is missing.
    """
    if len(payload) < 2 or payload[0] != 1:
        raise PacketError("description of an unknown version; update emgmon", payload)
    found: dict[int, StreamDescription] = {}
    at = 2
    for _ in range(payload[1]):
        if at + 2 > len(payload) or at + 2 + payload[at + 1] > len(payload):
            raise PacketError("description is cut short", payload)
        stream_id, end = payload[at], at + 2 + payload[at + 1]
        found[stream_id] = _stream_description(_tags(payload, at + 2, end), payload)
        at = end
    return found


def _tags(payload: bytes, at: int, end: int) -> dict[int, bytes]:
    tags: dict[int, bytes] = {}
    while at < end:
        if at + 2 > end or at + 2 + payload[at + 1] > end:
            raise PacketError("a tag of the description is cut short", payload)
        length = payload[at + 1]
        tags[payload[at]] = tags.get(payload[at], b"") + payload[at + 2 : at + 2 + length]
        at += 2 + length
    return tags


def _stream_description(tags: dict[int, bytes], payload: bytes) -> StreamDescription:
    def number(tag: int, default: int) -> int:
        return int.from_bytes(tags[tag][:2], "little") if tags.get(tag) else default

    scale, rates = tags.get(TAG_SCALE, b""), tags.get(TAG_RATES, b"")
    kind = number(TAG_KIND, 255)
    if not rates or len(rates) % 2 or not scale or len(scale) % 4:
        raise PacketError("description lacks rates or scale", payload)
    if kind >= len(SIGNAL_KINDS):
        raise PacketError("description does not say whether the signal is raw or an envelope", payload)
    scales = struct.unpack(f"<{len(scale) // 4}f", scale)
    rates_hz = struct.unpack(f"<{len(rates) // 2}H", rates)
    coding = number(TAG_CODING, 0)
    if not all(np.isfinite(s) and s > 0 for s in scales) or not all(rates_hz) or coding > 1:
        raise PacketError("description has a scale, rate or coding that cannot be", payload)
    return StreamDescription(
        channels=min(max(1, number(TAG_CHANNELS, 1)), 8),
        rates_hz=rates_hz,
        coding=coding,
        scales=scales,
        kind=SIGNAL_KINDS[kind],
        label=tags.get(TAG_LABEL, b"").decode("utf-8", "replace"),
        max_samples=max(1, number(TAG_MAX_SAMPLES, 255)),
    )


class StreamDecoder:
    """Decoder of one sensor.

    The rate in use is the offered one that fits index and device time of the first two packets of a stream, so that
    it rests on bytes that are in the recording; until then the first packet waits.
    """

    loss_evidence = "index"
    clock_ppm = 100.0

    def __init__(self, device: str) -> None:
        self.device = device
        self.battery_percent: int | None = None
        self._described: dict[int, StreamDescription] = {}
        self._streams: dict[int, Stream] = {}
        self._waiting: dict[int, DataPacket] = {}
        self._last: dict[int, tuple[int, int]] = {}
        self._strange = 0
        self._usual: dict[str, Usual] = {}

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams whose rate is known."""
        return tuple(self._streams.values())

    def restart(self) -> None:
        """Forget running indices: the sensor was connected anew."""
        self._waiting.clear()
        self._last.clear()
        self._strange = 0

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        usual = self._usual.get(packet.port)
        if usual is not None and (block := self._as_usual(usual, packet)) is not None:
            return [block]
        return self._any(packet)

    def _as_usual(self, usual: Usual, packet: Packet) -> SampleBlock | None:
        """Decode a data packet that is laid out like the last one and follows it; None where it is or does not."""
        previous = self._last.get(usual.stream_id)
        data = usual.read(packet, previous) if previous is not None and not self._strange else None
        if data is None:
            return None
        self._last[usual.stream_id] = (data.index, data.device_us)
        return data.block(usual.stream)

    def _any(self, packet: Packet) -> list[SampleBlock]:
        """Decode a packet of any kind."""
        if packet.port == DESCRIPTION:
            self._described = parse_description(packet.payload)
            self._streams.clear()
            self._usual.clear()
        elif packet.port == BATTERY_LEVEL:
            if len(packet.payload) != 1 or packet.payload[0] > 100:
                raise PacketError("battery level is not one byte up to 100", packet.payload)
            self.battery_percent = packet.payload[0]
        elif packet.port == STATUS:
            if len(packet.payload) < STATUS_BYTES:
                raise PacketError("status is shorter than 11 bytes", packet.payload)
            self.battery_percent = min(packet.payload[10], 100)
        elif packet.port in {EMG, IMU}:
            stream_id = STREAM_EMG if packet.port == EMG else STREAM_IMU
            description = self._described.get(stream_id)
            if description is None:
                raise PacketError("data of a stream that was not described", packet.payload)
            data = parse_data(packet, description.scales, imu=stream_id == STREAM_IMU)
            stream = self._streams.get(stream_id)
            if stream is not None and data.samples.shape[1] != stream.width:
                raise PacketError("data packet has another number of channels than before", packet.payload)
            self._unwrap(stream_id, data, packet.payload)
            blocks = self._blocks(stream_id, data, description)
            if (stream := self._streams.get(stream_id)) is not None:
                usual = Usual.of(packet, stream, stream_id, description.scales, imu=stream_id == STREAM_IMU)
                self._usual |= {packet.port: usual} if usual else {}
            return blocks
        return []

    def decode_plain(self, run: PacketRun, ports: Ports) -> tuple[list[BlockRun], int]:
        """Decode the packets from the first on for as long as they are plain; see `emgmon.devices.runs`."""
        stop, looked = len(run), []
        status: list[int] = []
        for port, numbers in ports:
            if not len(numbers):
                continue
            if port in {DESCRIPTION, BATTERY_LEVEL} or self._strange:
                stop = min(stop, int(numbers[0]))
            elif port == STATUS:
                short = (run.stop - run.start)[numbers] < STATUS_BYTES
                stop = min([stop, *numbers[short][:1].tolist()])
                status = numbers.tolist()
            elif port in {EMG, IMU}:
                stream_id = STREAM_EMG if port == EMG else STREAM_IMU
                found = self._look(stream_id, run, numbers)
                stop = min(stop, int(numbers[0]) if found is None else found.stop)
                looked += [(stream_id, found)] if found else []
        if told := [number for number in status if number < stop]:
            self.decode(run.packet(told[-1]))
        blocks = []
        for stream_id, plain in looked:
            if n := int(plain.numbers.searchsorted(stop)):
                self._last[stream_id] = (int(plain.index[n - 1]), int(plain.device_us[n - 1]))
                blocks.append(plain.blocks(run, n))
        return blocks, stop

    def _look(self, stream_id: int, run: PacketRun, numbers: Ints) -> Plain | None:
        """Read the data packets of one stream for as long as they are plain; None when the first is not."""
        stream, previous = self._streams.get(stream_id), self._last.get(stream_id)
        description, packet = self._described.get(stream_id), run.packet(int(numbers[0]))
        if stream is None or previous is None or description is None:
            return None
        try:
            width = parse_data(packet, description.scales, imu=stream_id == STREAM_IMU).samples.shape[1]
        except PacketError:
            return None
        if width != stream.width:
            return None
        scale: float | Array = description.scales[0]
        if stream_id == STREAM_IMU:
            _width, scale = imu_layout(packet.payload[MASK_AT], description.scales, packet.payload)
        return look(run, numbers, stream, scale, previous, DISAGREE_S)

    def _unwrap(self, stream_id: int, data: DataPacket, payload: bytes) -> None:
        """Extend the 32-bit index and time to where they must be after the previous packet.

        A packet whose index and time do not agree is refused; when three in a row agree with each other and not with
        what was before, they are believed.
        """
        previous = self._last.get(stream_id)
        stream = self._streams.get(stream_id)
        if previous is not None:
            index, device_us = previous
            data.index, data.device_us = unwrapped(data.index, index), unwrapped(data.device_us, device_us)
            if stream is not None and self._strange < MAX_STRANGE:
                step_s = (data.device_us - device_us) * 1e-6
                if disagree(data.index - index, step_s, stream.fs_hz):
                    self._strange += 1
                    raise PacketError("index and time of a packet do not agree", payload)
        self._strange = 0
        self._last[stream_id] = (data.index, data.device_us)

    def _blocks(self, stream_id: int, data: DataPacket, description: StreamDescription) -> list[SampleBlock]:
        stream = self._streams.get(stream_id)
        if stream is None and len(description.rates_hz) == 1:
            stream = self._open(stream_id, description, description.rates_hz[0], data)
        if stream is not None:
            return [data.block(stream)]
        first = self._waiting.pop(stream_id, None)
        if first is None or data.index <= first.index or data.device_us <= first.device_us:
            self._waiting[stream_id] = data
            return []
        measured = (data.index - first.index) * 1e6 / (data.device_us - first.device_us)
        rate_hz = min(description.rates_hz, key=lambda rate: abs(rate - measured))
        stream = self._open(stream_id, description, rate_hz, data)
        return [first.block(stream), data.block(stream)]

    def _open(self, stream_id: int, description: StreamDescription, rate_hz: int, data: DataPacket) -> Stream:
        labels = (description.label, *(other.label for other in self._described.values()))
        placement = next((place for label in labels if (place := Placement.parse(label))), None)
        if stream_id == STREAM_EMG:
            stream = Stream(self.device, "emg", "uv", float(rate_hz), (placement,) * data.samples.shape[1])
        else:
            stream = Stream(self.device, "imu", "g,dps", float(rate_hz), (placement,))
        self._streams[stream_id] = stream
        return stream


DRIVER = Driver("emgmon_gatt", "EMG Stream (open profile)", recognises, handshake, StreamDecoder, identify=identify)
