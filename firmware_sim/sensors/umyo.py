"""uMyo: one channel and an IMU for each muscle; a stream that begins with the subscription, and a slow link's prey.

Covered: the advertisement without a company's number and with a name cut to seven letters, GATT table, the two
notifications of the default profile, one notification for each connection event with the IMU served first, ring of 32
blocks that drops the oldest, own rate, no fragmentation of what the MTU does not carry, switch-off when empty; firmware
that only advertises; the draft's leading format byte. Inferred: a new subscription first empties the full ring, so
that its first packets are up to 0.23 s old. Not covered: the two other radio modes, repeated connection events, the
pause of a battery measurement, gyroscope calibration in the first 20 s.
"""

import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from firmware_sim.sensors.attitude import earth_field_ut, quaternions
from firmware_sim.sensors.base import (
    ATT_HEADER_BYTES,
    Advertisement,
    Answer,
    GattEntry,
    HostStep,
    Read,
    Sent,
    Subscribe,
)
from firmware_sim.sensors.worn import Leads, Sampler, WornSensor

SERVICE = "93375900-f229-8b49-b397-44b5899b8601"
TELEMETRY = "fc7a850d-c1a5-f61f-0da7-9995621fbd01"
NAME = "fc7a850d-c1a5-f61f-0da7-9995621fbd02"
GATT_TABLE = (
    GattEntry(SERVICE, TELEMETRY, ("read", "notify")),
    GattEntry(SERVICE, NAME, ("read", "write-without-response", "notify")),
)
LARGEST_MTU = 64
CENTRE, FULL_COUNT, UV_PER_COUNT = 8000, 16383, 2.747
COUNTS_PER_G, COUNTS_PER_DPS, COUNTS_PER_UT, QUATERNION_ONE = 16384.0, 28572 / 500, 10.0, 32000
BLOCK, BLOCKS_PER_PACKET, RING_BLOCKS = 8, 3, 32
AUXILIARY_S = 0.040
SHOWN_NAME, STORED_NAME = 7, 15  # letters in the advertisement, in the sensor
EMPTY_MV, FULL_MV = 3200, 4150
EMG_FORMAT, AUXILIARY_FORMAT = b"\x02", b"\x03"  # leading bytes of a draft


def emg_packet(index: int, counts: NDArray[np.int16]) -> bytes:
    """Index of the first sample, u32, and the samples, int16, little-endian."""
    return (index & 0xFFFFFFFF).to_bytes(4, "little") + counts.astype("<i2").tobytes()


def auxiliary_packet(values: NDArray[np.float64]) -> bytes:
    """Thirteen int16: acceleration, angular velocity, magnetic field (counts), quaternion w x y z."""
    return np.clip(np.rint(values), -32768, 32767).astype("<i2").tobytes()


def advertised(
    block: int, battery_mv: int, level: int, bins: NDArray[np.int64], attitude: NDArray[np.float64]
) -> bytes:
    """Fifteen bytes of the advertisement.

    Parameters
    ----------
    block : int
        Number of the newest block of 8 samples.
    battery_mv : int
    level : int
        Muscle level, 0 to 255.
    bins : ndarray, shape (4,)
        Spectrum; of the first only the high byte is sent.
    attitude : ndarray, shape (4,)
        Quaternion w x y z.
    """
    battery = 0 if battery_mv < 2000 else min(255, (battery_mv - 2000) // 10)
    spectrum = np.clip(bins, -32768, 32767).astype(">i2").tobytes()
    turn = np.clip(np.rint(attitude * QUATERNION_ONE), -32768, 32767).astype(">i2").tobytes()
    return (
        bytes((block & 0xFF, battery, spectrum[0], level))
        + spectrum[2:]
        + turn[:2]
        + bytes((turn[2], turn[4], turn[6]))
    )


class Umyo(WornSensor):
    """One unit.

    Parameters
    ----------
    name : str
        Advertised, at most seven letters.
    leads : Leads
        One channel.
    seed : int
    rate_hz : float, optional
        True sampling rate; drawn from 1100 to 1160 when absent.
    first_index : int
        Index of the sample at world time 0.
    format_byte : bool
        Notifications begin with the draft's format byte.
    advertising_only : bool
        Firmware without GATT.
    """

    driver: ClassVar[str] = "umyo"
    interval_s: ClassVar[float | None] = 0.0075

    def __init__(
        self,
        name: str,
        leads: Leads,
        *,
        seed: int = 0,
        rate_hz: float | None = None,
        first_index: int = 0,
        format_byte: bool = False,
        advertising_only: bool = False,
    ) -> None:
        if len(name) > SHOWN_NAME:
            raise ValueError(f"a uMyo shows seven letters of its name, not {name!r}")
        super().__init__(name, leads, seed=seed)
        self.rate_hz = float(self.rng.uniform(1100.0, 1160.0)) if rate_hz is None else rate_hz
        self.stored_name = name
        self._tail = [int(byte) for byte in self.rng.integers(0, 256, 4)]
        self._first_index, self._format_byte, self._advertising_only = first_index, format_byte, advertising_only
        self._sampler = Sampler(self.rate_hz, 0.0)
        self._counts = np.zeros(0, np.int16)  # the newest samples, up to the sampler's last
        self._block = 0  # next block to send
        self._waiting: bytes | None = None
        self._event_s = self._filled_s = self._auxiliary_s = 0.0
        self._every_s = 0.0075

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Telemetry and name."""
        return () if self._advertising_only else GATT_TABLE

    @property
    def largest_mtu(self) -> int:
        """What its stack answers."""
        return LARGEST_MTU

    @property
    def address(self) -> str | None:
        """D7, four bytes of the chip, D4."""
        return ":".join(f"{byte:02X}" for byte in (0xD7, *self._tail, 0xD4))

    def book(self) -> tuple[HostStep, ...]:
        """Read the name, then listen: that starts the stream."""
        return (Read(NAME), Subscribe(TELEMETRY))

    def advertisement(self) -> Advertisement:
        """Name cut short, and fifteen bytes without a company's number."""
        self._sample(self.now_s)
        bins = np.abs(np.fft.rfft(self._counts[-BLOCK:].astype(np.float64) - CENTRE, BLOCK)).astype(np.int64)[:4]
        mean = int(bins[2] + 2 * bins[3])
        level = min(255, math.isqrt(10 * max(0, mean - 20)))
        block = self._sampler.taken // BLOCK
        data = advertised(block, self.battery_mv(), level, bins, self._attitude(self.now_s)[1])
        return Advertisement(self.stored_name[:SHOWN_NAME], manufacturer=data, shortened=True)

    def battery_mv(self) -> int:
        """Voltage of the cell, mV."""
        return EMPTY_MV + (FULL_MV - EMPTY_MV) * self.battery_percent() // 100

    def connected(self, world_s: float, interval_s: float) -> None:
        """Count connection events from here; on a link without intervals they are as short as allowed."""
        super().connected(world_s, interval_s)
        self._every_s = interval_s or 0.0075
        self._event_s = world_s

    def disconnected(self) -> None:
        """Advertise again."""
        super().disconnected()
        self._waiting = None

    def subscribed(self, uuid: str, on: bool, mtu: int, world_s: float) -> None:
        """Stream from here on, oldest block of the ring first."""
        self._sample(world_s)
        super().subscribed(uuid, on, mtu, world_s)
        if uuid == TELEMETRY and on:
            self._event_s += self._every_s * max(0, math.ceil((world_s - self._event_s) / self._every_s))
            self._filled_s = self._auxiliary_s = world_s
            self._waiting = None

    def read(self, uuid: str) -> bytes:
        """Name, or what telemetry said last, which is nothing."""
        if self.gatt_table and uuid == NAME:
            return self.stored_name.encode() + b"\0"
        if self.gatt_table and uuid == TELEMETRY:
            return self._waiting or b""
        return super().read(uuid)

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Store a new name, cut to fifteen letters; only printable ones are taken."""
        if uuid != NAME or not self.gatt_table:
            return super().write(uuid, data, mtu, world_s)
        text = data.split(b"\0")[0][:STORED_NAME]
        if text and all(0x20 <= byte < 0x7F for byte in text):
            self.stored_name = text.decode()
        return []

    def next_due_s(self) -> float | None:
        """Time of the next connection event that has something to carry, while somebody listens."""
        if TELEMETRY not in self.listening:
            return None
        ready_s = self._filled_s if self._waiting else max(self._filled_s, min(self._auxiliary_s, self._emg_s()))
        return self._event_s + self._every_s * max(0, math.ceil((ready_s - self._event_s) / self._every_s))

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Send what was ready at each connection event up to `world_s`, one notification each."""
        self.now_s = world_s
        if self.battery_percent() == 0:
            self.powered = False
            self.disconnected()
        if TELEMETRY not in self.listening:
            return []
        self._sample(world_s)
        sent = []
        while self._event_s <= world_s:
            self._fill(self._event_s)
            if air:
                if self._waiting is not None and len(self._waiting) + ATT_HEADER_BYTES <= self.mtu:
                    sent.append((self._event_s, TELEMETRY, self._waiting))
                self._waiting = None
                self._filled_s = self._event_s
            self._event_s += self._every_s
        return sent

    def _fill(self, event_s: float) -> None:
        """Prepare one notification between the last event and this one: the IMU when it is due, else EMG."""
        if self._waiting is not None:
            return
        emg_s, auxiliary_s = max(self._emg_s(), self._filled_s), max(self._auxiliary_s, self._filled_s)
        if auxiliary_s <= min(emg_s, event_s) + 1e-9:  # events and deadlines may be the same moment
            self._waiting = self._auxiliary(auxiliary_s)
            self._auxiliary_s = auxiliary_s + AUXILIARY_S
        elif emg_s < event_s:
            self._waiting = self._emg(emg_s)

    def _emg_s(self) -> float:
        """World time at which the last of the next three blocks is complete."""
        return self._sampler.world_s((self._block + BLOCKS_PER_PACKET) * BLOCK - 1)

    def _emg(self, ready_s: float) -> bytes:
        """Three blocks, the oldest that the ring still holds."""
        complete = self._sampler.taken_by(ready_s) // BLOCK
        self._block = max(self._block, complete - RING_BLOCKS)
        begin = self._block * BLOCK - (self._sampler.taken - self._counts.size)
        counts = self._counts[begin : begin + BLOCK * BLOCKS_PER_PACKET]
        packet = emg_packet(self._first_index + self._block * BLOCK, counts)
        self._block += BLOCKS_PER_PACKET
        return EMG_FORMAT + packet if self._format_byte else packet

    def _auxiliary(self, ready_s: float) -> bytes:
        motion, attitude = self._attitude(ready_s)
        field_ut = earth_field_ut(attitude[None])[0]
        values = [motion[:3] * COUNTS_PER_G, motion[3:] * COUNTS_PER_DPS, field_ut * COUNTS_PER_UT]
        packet = auxiliary_packet(np.concatenate([*values, attitude * QUATERNION_ONE]))
        return AUXILIARY_FORMAT + packet if self._format_byte else packet

    def _attitude(self, world_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Acceleration with angular velocity, and the quaternion."""
        motion = self.motion(np.array([world_s]))
        return motion[0], quaternions(motion[:, :3])[0]

    def _sample(self, world_s: float) -> None:
        """Take samples into the ring; of a time that nobody wanted only the ring's length is made."""
        ring = (RING_BLOCKS + 1) * BLOCK
        end = self._sampler.taken_by(world_s)
        if TELEMETRY not in self.listening and end - ring > self._sampler.taken:
            self._sampler.taken = end - ring
            self._counts = self._counts[:0]
        counts = np.rint(self.emg_uv(self._sampler.take(world_s))[:, 0] / UV_PER_COUNT) + CENTRE
        fresh = np.clip(counts, 0, FULL_COUNT).astype(np.int16)
        oldest = self._sampler.taken - fresh.size - self._counts.size
        keep = max(0, min(self._block * BLOCK, self._sampler.taken - ring) - oldest)
        self._counts = np.concatenate([self._counts, fresh])[keep:]
