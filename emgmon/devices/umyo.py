"""uMyo: one EMG channel and an IMU in one small unit for each muscle.

After its firmware. Streaming begins when the host subscribes; notifications are told apart by their length. EMG packets
begin with the index of their first sample since the unit's radio was switched on, u32. Motion packets have neither
number nor time: they are made for the moment at which they are sent, so they are put on the EMG's clock by arrival.
All is little-endian.
"""

from __future__ import annotations

import numpy as np

from emgmon.devices.base import Advertisement, Driver, Handshake, Receive, StreamSettings, Subscribe
from emgmon.devices.counting import ArrivalCounter, BorrowedClock, nearest
from emgmon.devices.facts import facts_of
from emgmon.errors import HandshakeFailed, NoAnswer, PacketError
from emgmon.model import Array, Packet, SampleBlock, Stream

FACTS = facts_of("umyo")
SERVICE = "93375900-f229-8b49-b397-44b5899b8601"
TELEMETRY = "fc7a850d-c1a5-f61f-0da7-9995621fbd01"

EMG_LENGTHS = {20: 8, 36: 16, 52: 24, 60: 24}
"""Bytes of an EMG packet to samples in it; the longest also has a quaternion at its end."""

USUAL, WITH_QUATERNION = 52, 60
MOTION_LENGTH = 26
FORMAT_BYTES = {53: 2, 27: 3, 61: 1}
"""A draft of the next firmware puts this byte first; what follows is as before."""

TSRC_MODULUS = 1 << 32
CHUNK = 8
"""Samples that the unit stores and loses together."""

MOTION_SILENCE_S = 2.0
"""Motion comes as fast as the connection interval lets it, so only a long silence is a loss."""

LEAP_S = 5.0
"""No link holds a packet back for longer."""

PATIENCE = 60
"""Packets without EMG after which it is clear that none will come: over two seconds of motion packets."""


def recognises(advertisement: Advertisement) -> bool:
    """Whether a unit advertises its default name or its service."""
    return advertisement.name.startswith("uMyo") or SERVICE in advertisement.service_uuids


def handshake(settings: StreamSettings) -> Handshake:
    """Subscribe, which starts it, and wait for the first EMG packet."""
    if settings.ports and TELEMETRY not in settings.ports:
        raise HandshakeFailed("this uMyo cannot be connected to; install its firmware with BLE connection (fw-ble)")
    if settings.mtu < FACTS.mtu:
        raise HandshakeFailed(
            f"uMyo needs an MTU of {FACTS.mtu}, this link has {settings.mtu}; connect again or use another adapter"
        )
    yield Subscribe(TELEMETRY)
    for _ in range(PATIENCE):
        try:
            packet = yield Receive(TELEMETRY)
        except NoAnswer:
            raise HandshakeFailed(
                "uMyo sends nothing; press its button until its light is blue, and keep it near"
            ) from None
        if _plain(packet)[0] in EMG_LENGTHS:
            return
    raise HandshakeFailed(
        "uMyo sends its motion but no EMG: the connection interval is too long; set that of the Bluetooth adapter to "
        "7.5 to 11.25 ms"
    )


def _plain(payload: bytes) -> tuple[int, bytes]:
    """Length and content of a packet without the format byte of the draft."""
    content = payload[1:] if payload and FORMAT_BYTES.get(len(payload)) == payload[0] else payload
    return len(content), content


class UmyoDecoder:
    """Decoder of one unit; its clock is the EMG index at the nominal rate."""

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm
    battery_percent: int | None = None

    def __init__(self, device: str) -> None:
        self.device = device
        self._streams: dict[str, Stream] = {}
        self._motion: dict[str, ArrivalCounter] = {}
        self._end: int | None = None
        self._heard_ns = 0
        self._clock = BorrowedClock(EMG_LENGTHS[USUAL] / FACTS.signals["emg"].rate_hz)

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams that sent something."""
        return tuple(self._streams.values())

    def restart(self) -> None:
        """Forget running indices: the sensor was connected anew."""
        self._end = None
        self._clock.restart()
        for counter in self._motion.values():
            counter.restart()

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        if packet.port != TELEMETRY:
            return []
        length, content = _plain(packet.payload)
        if length in EMG_LENGTHS:
            return self._emg(content, EMG_LENGTHS[length], packet)
        if length == MOTION_LENGTH:
            return self._motion_packet(content, packet.host_ns)
        raise PacketError("packet of a length that uMyo does not send", packet.payload)

    def _emg(self, content: bytes, n: int, packet: Packet) -> list[SampleBlock]:
        first = int.from_bytes(content[:4], "little")
        if self._end is not None:
            first = nearest(first, self._end, TSRC_MODULUS)
            self._believe(first - self._end, packet)
        if self._end is None or first >= self._end:
            self._end, self._heard_ns = first + n, packet.host_ns
        emg = FACTS.signals["emg"]
        self._clock.hear((first + n) / emg.rate_hz, packet.host_ns)
        samples = emg.values(np.frombuffer(content, "<i2", n, 4))[:, None]
        device_s = first / emg.rate_hz
        blocks = [SampleBlock(self._stream("emg", emg.rate_hz), samples, first, device_s, packet.host_ns)]
        if len(content) == WITH_QUATERNION:
            blocks += self._oriented(np.frombuffer(content, "<i2", 4, 52), emg.rate_hz / n, device_s, packet.host_ns)
        return blocks

    def _believe(self, moved: int, packet: Packet) -> None:
        """Refuse an index that moved as none can; the next one is believed."""
        assert self._end is not None  # noqa: S101 - checked by the caller
        away_s = moved / FACTS.signals["emg"].rate_hz - (packet.host_ns - self._heard_ns) * 1e-9
        if moved % CHUNK or abs(away_s) > LEAP_S:
            self._end = None
            raise PacketError(f"index moved by {moved} samples, which is not what passed", packet.payload)

    def _motion_packet(self, content: bytes, host_ns: int) -> list[SampleBlock]:
        device_s = self._clock.at(host_ns)
        if device_s is None:
            return []
        numbers = np.frombuffer(content, "<i2")
        rate_hz = FACTS.signals["acceleration"].rate_hz
        imu = np.concatenate(
            [
                FACTS.signals["acceleration"].values(numbers[:3]),
                FACTS.signals["angular_velocity"].values(numbers[3:6]),
            ]
        )
        field = FACTS.signals["magnetic_field"].values(numbers[6:9])
        return [
            self._moved("imu", imu, rate_hz, device_s, host_ns),
            self._moved("magnetic_field", field, rate_hz, device_s, host_ns),
            *self._oriented(numbers[9:13], rate_hz, device_s, host_ns),
        ]

    def _oriented(self, numbers: Array, rate_hz: float, device_s: float, host_ns: int) -> list[SampleBlock]:
        """Orientation, whatever number means 1; none while the unit has not yet found any."""
        quaternion = np.asarray(numbers, np.float64)
        norm = float(np.linalg.norm(quaternion))
        return [self._moved("quaternion", quaternion / norm, rate_hz, device_s, host_ns)] if norm else []

    def _moved(self, quantity: str, sample: Array, rate_hz: float, device_s: float, host_ns: int) -> SampleBlock:
        stream = self._stream(quantity, rate_hz)
        counter = self._motion.setdefault(quantity, ArrivalCounter(rate_hz, MOTION_SILENCE_S))
        return SampleBlock(stream, sample[None, :], counter.take(1, host_ns), device_s, host_ns)

    def _stream(self, quantity: str, rate_hz: float) -> Stream:
        if quantity not in self._streams:
            unit = "g,dps" if quantity == "imu" else FACTS.signals[quantity].unit
            self._streams[quantity] = Stream(self.device, quantity, unit, rate_hz, (None,))
        return self._streams[quantity]


DRIVER = Driver("umyo", FACTS.title, recognises, handshake, UmyoDecoder)
