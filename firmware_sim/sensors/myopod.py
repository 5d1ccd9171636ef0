"""MyoPod (Open Bionics): a unit for each muscle, whose factor stands in every packet.

Covered: manufacturer data with associations, a name sent as a shortened one, configuration with averaging, streams of
millivolts (raw, filtered, amplifier output, fake EMG), four ways to compress, blocks, single-precision time since
synchronisation that loses milliseconds, refusal of what is not defined. Not covered: processed percents, temperatures
and motion (refused); settings of the prosthetic hand. Factors, samples in a block and refusals' numbers are inferred.
"""

import struct
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from firmware_sim.sensors.base import (
    ATT_HEADER_BYTES,
    INVALID_LENGTH,
    Advertisement,
    Answer,
    AttError,
    GattEntry,
    HostStep,
    Read,
    Sent,
    Subscribe,
    Wait,
    Write,
)
from firmware_sim.sensors.grouped import group_due_s, take_groups
from firmware_sim.sensors.worn import Array, Leads, Sampler, WornSensor

SERVICE = "0b0b3000-feed-dead-bee5-08e9b1091c50"
SYNC, CONFIGURATION, DATA = (f"0b0b310{digit}-feed-dead-bee5-0be9b1091c50" for digit in "012")
GATT_TABLE = (
    GattEntry(SERVICE, SYNC, ("read",)),
    GattEntry(SERVICE, CONFIGURATION, ("read", "write", "notify")),
    GattEntry(SERVICE, DATA, ("notify",)),
)
COMPANY = 0x0ABA
NATIVE_HZ, SAMPLES = 200, 10
HEADER_BYTES = 12
NOTHING, FILTERED, RAW, FAKE, AMPLIFIER = 0, 2, 3, 6, 7
FLOAT32, INT16, TWELVE_BITS, INT8 = 0, 1, 2, 3
STREAMS = (NOTHING, FILTERED, RAW, FAKE, AMPLIFIER)
MV_PER_COUNT: Mapping[int, float] = {FLOAT32: 1.0, INT16: 0.001, TWELVE_BITS: 0.002, INT8: 0.02}
LIMITS = {INT16: 32767, TWELVE_BITS: 2047, INT8: 127}
VALUE_NOT_ALLOWED = 0x13
LARGEST_SYNC_AGE_S = 4 * 3600.0
FAKE_MV, FAKE_HZ = 0.5, 20.0


def coded(values: Array, compression: int) -> bytes:
    """Values of the factor's unit, big-endian; those of twelve bits four by four.

    Parameters
    ----------
    values : ndarray, shape (n,)
        n a multiple of 4 where twelve bits are asked for.
    compression : int
    """
    if compression == FLOAT32:
        return values.astype(">f4").tobytes()
    limit = LIMITS[compression]
    counts = np.clip(np.rint(values), -limit - 1, limit).astype(np.int64)
    if compression == TWELVE_BITS:
        bits = counts[:, None] >> np.arange(11, -1, -1) & 1
        return np.packbits(bits.astype(np.uint8).ravel()).tobytes()
    return counts.astype(">i2" if compression == INT16 else "i1").tobytes()


def data_packet(block: int, kind: int, time_s: float, factor: float, data: bytes) -> bytes:
    """One notification; `kind` is stream and compression in one byte, `time_s` is since synchronisation."""
    return struct.pack(">BBBffB", 0, block & 0xFF, kind, time_s, factor, len(data)) + data


class MyoPod(WornSensor):
    """One unit.

    Parameters
    ----------
    name : str
    leads : Leads
        One channel.
    seed : int
    schema : int
        1, 2 or 3: of the manufacturer data.
    """

    driver: ClassVar[str] = "myopod"

    def __init__(self, name: str, leads: Leads, *, seed: int = 0, schema: int = 2) -> None:
        super().__init__(name, leads, seed=seed)
        self._schema = schema
        self._tail = self.rng.integers(0, 256, 4).astype(np.uint8).tobytes()
        self._synced_s = -float(self.rng.uniform(0.0, LARGEST_SYNC_AGE_S))
        self._average, self._kind = 1, 0
        self._run: Sampler | None = None
        self._block = 0

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Synchronisation, configuration, data."""
        return GATT_TABLE

    def book(self) -> tuple[HostStep, ...]:
        """Listen, read the native rate, ask for the raw signal."""
        ask = Write(CONFIGURATION, bytes.fromhex("00 00 01 31 00"))
        return (Subscribe(DATA), Read(CONFIGURATION), Wait(0.03), ask)

    def advertisement(self) -> Advertisement:
        """Name as a shortened one; what it is, battery, address, one association."""
        sensor = 2 << 1
        said = struct.pack("<HBBBB", COMPANY, self._schema, sensor, 0, self.battery_percent()) + self._tail
        if self._schema > 1:
            said += b"\x01" + bytes.fromhex("0A0B0C0D")
        return Advertisement(self.name, manufacturer=said, shortened=True)

    def disconnected(self) -> None:
        """Stop."""
        super().disconnected()
        self._run = None

    def read(self, uuid: str) -> bytes:
        """Give the synchronisation, or the configuration with native rate and factor."""
        if uuid == SYNC:
            return bytes(4) + struct.pack(">f", self._since_sync_s(self.now_s))
        return self._configuration() if uuid == CONFIGURATION else super().read(uuid)

    def _configuration(self) -> bytes:
        factor = MV_PER_COUNT[self._kind & 15]
        return struct.pack(">BHBBHf", 0, self._average, self._kind, 0, NATIVE_HZ, factor)

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Start a stream, or end it; the new configuration is told."""
        if uuid != CONFIGURATION:
            return super().write(uuid, data, mtu, world_s)
        self.now_s, self.mtu = world_s, mtu
        if len(data) != 5:
            raise AttError(INVALID_LENGTH)
        _, average, kind, _ = struct.unpack(">BHBB", data)
        if kind >> 4 not in STREAMS or kind & 15 not in MV_PER_COUNT or not average:
            raise AttError(VALUE_NOT_ALLOWED)
        self._average, self._kind, self._block = average, kind, 0
        running = kind >> 4 != NOTHING
        self._run = Sampler(NATIVE_HZ * self.clock.rate, world_s) if running else None
        return [(CONFIGURATION, self._configuration())]

    def _since_sync_s(self, world_s: float) -> float:
        return (world_s - self._synced_s) * self.clock.rate

    def _size(self) -> int:
        """Native samples of one packet."""
        compression = self._kind & 15
        bytes_each = {FLOAT32: 4.0, INT16: 2.0, TWELVE_BITS: 1.5, INT8: 1.0}[compression]
        values = min(SAMPLES, int((self.mtu - ATT_HEADER_BYTES - HEADER_BYTES) / bytes_each))
        return (values // 4 * 4 if compression == TWELVE_BITS else values) * self._average

    def next_due_s(self) -> float | None:
        """Time of the next packet's last sample."""
        return None if self._run is None else group_due_s(self._run, self._size())

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Sample and send; what the link does not take is lost, and the blocks go on."""
        self.now_s = world_s
        if self._run is None:
            return []
        size, compression = self._size(), self._kind & 15
        ready_s, times_s = take_groups(self._run, size, world_s)
        millivolts = self._millivolts(times_s).reshape(-1, self._average).mean(axis=1)
        factor = MV_PER_COUNT[compression]
        sent: list[Sent] = []
        for number, at_s in enumerate(ready_s.tolist()):
            values = millivolts.reshape(len(ready_s), -1)[number] / factor
            first_s = self._since_sync_s(times_s[number * size])
            packet = data_packet(self._block, self._kind, first_s, factor, coded(values, compression))
            sent.append((at_s, DATA, packet))
            self._block += 1
        return sent if air else []

    def _millivolts(self, times_s: Array) -> NDArray[np.float64]:
        if self._kind >> 4 == FAKE:
            return np.asarray(FAKE_MV * np.sin(2 * np.pi * FAKE_HZ * times_s))
        return self.emg_uv(times_s)[:, 0] / 1000.0
