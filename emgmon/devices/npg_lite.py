"""NPG Lite (Neuro PlayGround Lite): three or six EMG channels on leads, one board for several muscles.

After four generations of its firmware. Commands are ASCII words. A data notification is a whole number of samples, each
``counter u8, channels × u16`` big-endian; the counter counts samples. How many channels there are is seen from the
counter. The UUIDs are those of a common example for its chip, so the board is asked who it is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from emgmon.devices.base import Advertisement, Driver, Handshake, Request, StreamSettings, Subscribe, Write
from emgmon.devices.counting import RateByCount, WrappingCounter
from emgmon.devices.facts import facts_of
from emgmon.errors import HandshakeFailed, NoAnswer, PacketError
from emgmon.model import Packet, SampleBlock, Stream

FACTS = facts_of("npg_lite")
DATA = "beb5483e-36e1-4688-b7f5-ea07361b26a8"
CONTROL = "0000ff01-0000-1000-8000-00805f9b34fb"
BATTERY = "f633d0ec-46b4-43c1-a39f-1ca06d0602e1"
IMU = "5a153fa9-7be0-400c-8ef8-d84502b31c4d"

START, STOP, WHO, STATUS = b"START", b"STOP", b"WHORU", b"STATUS"
NAME = b"NPG-LITE"

CHANNELS = (3, 6)
SLOW_LENGTH = 175
"""Bytes of a notification of the firmware that samples at 250 Hz; all others sample at 500 Hz."""

LARGEST = 4095
IMU_SIZE = 7


def recognises(advertisement: Advertisement) -> bool:
    """Whether a board advertises a name that begins with NPG."""
    return advertisement.name.upper().startswith("NPG")


def handshake(settings: StreamSettings) -> Handshake:
    """Ask who it is, start, and ask whether it runs: a board whose battery is low does not."""
    if settings.ports and CONTROL not in settings.ports:
        raise HandshakeFailed("this is no NPG Lite: it has no control characteristic; install its BLE firmware")
    if settings.mtu < FACTS.mtu:
        raise HandshakeFailed(
            f"NPG Lite needs an MTU of {FACTS.mtu}, this link has {settings.mtu}; connect again or use another adapter"
        )
    yield Subscribe(CONTROL)
    who = yield Request(CONTROL, WHO)
    if who.strip() != NAME:
        raise HandshakeFailed(f"this is no NPG Lite: asked who it is, it said {who[:40].decode('ascii', 'replace')!r}")
    for port in (BATTERY, IMU):
        if port in settings.ports:
            yield Subscribe(port)
    yield Subscribe(DATA)
    yield Write(CONTROL, START)
    try:
        status = yield Request(CONTROL, STATUS)
    except NoAnswer:
        return
    if status.strip() == b"STOPPED":
        raise HandshakeFailed("NPG Lite does not start; charge it (it streams from 5 % on) and switch it off and on")


def farewell() -> Handshake:
    """Stop streaming."""
    yield Write(CONTROL, STOP)


class NpgDecoder:
    """Decoder of one board."""

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm

    def __init__(self, device: str) -> None:
        self.device = device
        self.battery_percent: int | None = None
        self._size = 0
        self._emg: Stream | None = None
        self._acceleration: Stream | None = None
        self._counters: dict[Stream, WrappingCounter] = {}
        self._restart_measuring()

    def _restart_measuring(self) -> None:
        self._imu_next: int | None = None
        self._imu_rate = RateByCount(FACTS.signals["acceleration"].rates_hz)

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams whose form is known."""
        return tuple(self._counters)

    def restart(self) -> None:
        """Forget running indices: the sensor was connected anew."""
        for counter in self._counters.values():
            counter.restart()
        self._restart_measuring()

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        if packet.port == DATA:
            return [self._data(packet)]
        if packet.port == IMU:
            return self._motion(packet)
        if packet.port == BATTERY:
            if len(packet.payload) != 1 or packet.payload[0] > 100:
                raise PacketError("battery level is not one byte up to 100", packet.payload)
            self.battery_percent = packet.payload[0]
        return []

    def _data(self, packet: Packet) -> SampleBlock:
        size = self._size or _size_of(packet.payload)
        counters, numbers = _samples(packet.payload, size, ">u2")
        if int(numbers.max()) > LARGEST:
            raise PacketError("a sample is larger than 12 bits", packet.payload)
        if self._emg is None:
            self._size = size
            rate_hz = 250.0 if len(packet.payload) == SLOW_LENGTH else FACTS.signals["emg"].rate_hz
            self._emg = self._open("emg", rate_hz, numbers.shape[1])
        return self._block(self._emg, counters, numbers, packet.host_ns)

    def _motion(self, packet: Packet) -> list[SampleBlock]:
        if not packet.payload:
            return []
        counters, numbers = _samples(packet.payload, IMU_SIZE, ">i2")
        if self._acceleration is None:
            rate_hz = self._measured_hz(int(counters[0]), len(counters), packet.host_ns)
            if not rate_hz:
                return []
            self._acceleration = self._open("acceleration", rate_hz, 1)
        return [self._block(self._acceleration, counters, numbers, packet.host_ns)]

    def _measured_hz(self, first: int, n: int, host_ns: int) -> float:
        """Rate that fits counter and arrivals; 0 until enough came."""
        hole = 0 if self._imu_next is None else (first - self._imu_next) % 256
        self._imu_next = (first + n) % 256
        return self._imu_rate.take(hole + n, host_ns)

    def _open(self, quantity: str, rate_hz: float, channels: int) -> Stream:
        stream = Stream(self.device, quantity, FACTS.signals[quantity].unit, rate_hz, (None,) * channels)
        self._counters[stream] = WrappingCounter(256, 1 / rate_hz)
        return stream

    def _block(
        self, stream: Stream, counters: npt.NDArray[np.uint8], numbers: npt.NDArray[np.int64], host_ns: int
    ) -> SampleBlock:
        first = self._counters[stream].take(int(counters[0]), len(counters), host_ns)
        samples = FACTS.signals[stream.quantity].values(numbers)
        return SampleBlock(stream, samples, first, first / stream.fs_hz, host_ns)


def _size_of(payload: bytes) -> int:
    """Bytes of one sample, seen from the counters; at least two samples are needed."""
    for channels in CHANNELS:
        size = 1 + 2 * channels
        if len(payload) >= 2 * size and len(payload) % size == 0 and _counts_up(np.frombuffer(payload, "u1")[::size]):
            return size
    raise PacketError("no count of three or six channels in a data packet", payload)


def _counts_up(counters: npt.NDArray[np.uint8]) -> bool:
    return bool((np.diff(counters) == 1).all())


def _samples(payload: bytes, size: int, form: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Counters (n,) and numbers (n, channels) of a notification."""
    if not payload or len(payload) % size:
        raise PacketError(f"data packet is not a whole number of samples of {size} bytes", payload)
    rows = np.frombuffer(payload, np.uint8).reshape(-1, size)
    if not _counts_up(rows[:, 0]):
        raise PacketError("counter jumps inside a data packet", payload)
    return rows[:, 0], np.ascontiguousarray(rows[:, 1:]).view(form).astype(np.int64)


DRIVER = Driver("npg_lite", FACTS.title, recognises, handshake, NpgDecoder, farewell)
