"""Thalmic Myo armband: eight EMG channels in a ring, 200 Hz, and an IMU, 50 Hz.

After the vendor's header. EMG comes on four characteristics that take turns, two samples in each notification, without
number or time: their order is the only sign of loss. Numbers are little-endian, also where a comment in the header says
otherwise (drivers and captured packets agree).
"""

from __future__ import annotations

import numpy as np

from emgmon.devices.base import Advertisement, Driver, Handshake, Read, StreamSettings, Subscribe, Write
from emgmon.devices.companion import Companion
from emgmon.devices.counting import ArrivalCounter
from emgmon.devices.facts import facts_of
from emgmon.devices.shortcount import ShortCounter
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Array, Packet, SampleBlock, Stream

FACTS = facts_of("myo")


def _uuid(short: int) -> str:
    return f"d506{short:04x}-a904-deb9-4748-2c7f4a124842"


SERVICE, FIRMWARE, COMMAND, IMU, RECTIFIED = map(_uuid, (0x0001, 0x0201, 0x0401, 0x0402, 0x0104))
EMG = tuple(map(_uuid, (0x0105, 0x0205, 0x0305, 0x0405)))
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"

NEVER_SLEEP = bytes.fromhex("09 01 01")
START_RAW = bytes.fromhex("01 03 03 01 00")
STOP = bytes.fromhex("01 03 00 00 00")
FIRMWARE_MAJOR = 1
CHANNELS, SAMPLES = 8, 2


def recognises(advertisement: Advertisement) -> bool:
    """Whether an armband advertises its control service."""
    return SERVICE in advertisement.service_uuids


def handshake(settings: StreamSettings) -> Handshake:
    """Keep the armband awake and start unfiltered EMG and the IMU; its rates are fixed."""
    firmware = yield Read(FIRMWARE)
    if len(firmware) != 8 or int.from_bytes(firmware[:2], "little") != FIRMWARE_MAJOR:
        raise HandshakeFailed(
            f"the armband has a firmware that emgmon does not know ({firmware.hex(' ') or 'no answer'}); update it"
        )
    if not settings.ports or BATTERY_LEVEL in settings.ports:
        yield Read(BATTERY_LEVEL)
    for port in (IMU, *EMG):
        yield Subscribe(port)
    yield Write(COMMAND, NEVER_SLEEP)
    yield Write(COMMAND, START_RAW)


def farewell() -> Handshake:
    """Stop all streams."""
    yield Write(COMMAND, STOP)


class MyoDecoder:
    """Decoder of one armband. Its clock is the EMG's index over the nominal rate; the IMU is placed on it."""

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm

    def __init__(self, device: str) -> None:
        def stream(quantity: str, unit: str, signal: str, width: int) -> Stream:
            return Stream(device, quantity, unit, FACTS.signals[signal].rate_hz, (None,) * width)

        self.device = device
        self.battery_percent: int | None = None
        self._emg = stream("emg", FACTS.signals["emg"].unit, "emg", CHANNELS)
        self._imu = stream("imu", "g,dps", "acceleration", 1)
        self._quaternion = stream("quaternion", FACTS.signals["quaternion"].unit, "quaternion", 1)
        self._envelope = stream("envelope", FACTS.signals["envelope"].unit, "envelope", CHANNELS)
        self._order = ShortCounter(len(EMG), SAMPLES / self._emg.fs_hz)
        self._arrivals = {port: ArrivalCounter(self._imu.fs_hz) for port in (IMU, RECTIFIED)}
        self._placed = {port: Companion(self._imu.fs_hz) for port in (IMU, RECTIFIED)}
        self._clock_s = 0.0
        self._seen: list[Stream] = []

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams that sent something."""
        return tuple(self._seen)

    def restart(self) -> None:
        """Forget running indices: the sensor was connected anew."""
        self._order.restart()
        self._clock_s = 0.0
        for port in (IMU, RECTIFIED):
            self._arrivals[port].restart()
            self._placed[port].restart()

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        if packet.port in EMG:
            return [self._emg_block(packet, EMG.index(packet.port))]
        if packet.port == IMU:
            return self._imu_blocks(packet)
        if packet.port == RECTIFIED:
            if len(packet.payload) != 17:
                raise PacketError("rectified EMG is not 17 bytes", packet.payload)
            levels = np.frombuffer(packet.payload, "<u2", count=CHANNELS)[None, :]
            first, device_s = self._place(packet)
            values = FACTS.signals["envelope"].values(levels)
            return [self._block(self._envelope, values, first, device_s, packet.host_ns)]
        if packet.port == BATTERY_LEVEL:
            if len(packet.payload) != 1 or packet.payload[0] > 100:
                raise PacketError("battery level is not one byte up to 100", packet.payload)
            self.battery_percent = packet.payload[0]
        return []

    def _emg_block(self, packet: Packet, turn: int) -> SampleBlock:
        if len(packet.payload) != SAMPLES * CHANNELS:
            raise PacketError("EMG is not 16 bytes", packet.payload)
        counts = np.frombuffer(packet.payload, np.int8).reshape(SAMPLES, CHANNELS)
        first = SAMPLES * self._order.take(turn, 1, packet.host_ns)
        device_s = first / self._emg.fs_hz
        self._clock_s = max(self._clock_s, device_s + SAMPLES / self._emg.fs_hz)
        return self._block(self._emg, FACTS.signals["emg"].values(counts), first, device_s, packet.host_ns)

    def _imu_blocks(self, packet: Packet) -> list[SampleBlock]:
        if len(packet.payload) != 20:
            raise PacketError("IMU data is not 20 bytes", packet.payload)
        counts = np.frombuffer(packet.payload, "<i2")[None, :]
        motion = np.concatenate(
            [
                FACTS.signals["acceleration"].values(counts[:, 4:7]),
                FACTS.signals["angular_velocity"].values(counts[:, 7:]),
            ],
            axis=1,
        )
        quaternion = FACTS.signals["quaternion"].values(counts[:, :4])
        first, device_s = self._place(packet)
        return [
            self._block(self._imu, motion, first, device_s, packet.host_ns),
            self._block(self._quaternion, quaternion, first, device_s, packet.host_ns),
        ]

    def _place(self, packet: Packet) -> tuple[int, float]:
        """Index and device time of a packet that has one sample and no order."""
        first = self._arrivals[packet.port].take(1, packet.host_ns)
        return first, self._placed[packet.port].take(first, 1, self._clock_s)

    def _block(self, stream: Stream, values: Array, first: int, device_s: float, host_ns: int) -> SampleBlock:
        if stream not in self._seen:
            self._seen.append(stream)
        return SampleBlock(stream, values, first, device_s, host_ns)


DRIVER = Driver("myo", FACTS.title, recognises, handshake, MyoDecoder, farewell)
