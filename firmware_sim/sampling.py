"""A running stream of a sensor: samples by its own crystal, waits in a ring buffer, leaves in packets."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from firmware_sim import profile
from firmware_sim.conditions import Clock, Conditions
from firmware_sim.physiology import BodySignals
from firmware_sim.profile import Flag

RING_S = 0.5
EMG_UV_PER_COUNT = 0.25
ACC_COUNTS_PER_G = 4096.0
GYRO_COUNTS_PER_DPS = 16.4
TEST_EMG_UV, TEST_EMG_HZ = 100.0, 80.0  # peak and frequency of the known wave
TEST_GYRO_DPS, TEST_GYRO_HZ = 100.0, 1.0
LIFTED_HUM_UV = 400.0
FULL_SCALE = 32767


@dataclass(frozen=True, slots=True)
class StreamKind:
    """What a stream offers; `mask` is byte 12 of its packets, `columns` the values per sample."""

    stream: int
    port: str
    rates_hz: tuple[int, ...]
    mask: int
    columns: int
    max_packet_samples: int


EMG = StreamKind(profile.EMG_STREAM, profile.EMG_DATA, (500, 1000, 2000), 0x01, 1, 115)
IMU = StreamKind(profile.IMU_STREAM, profile.IMU_DATA, (100, 200), 0x03, 6, 19)


@dataclass(slots=True)
class Settings:
    """What the host may set; `changed` until a packet has said so."""

    rate_hz: int
    packet_samples: int
    test_signal: bool = False
    changed: bool = False


@dataclass(slots=True)
class Run:
    """One stream since its start: index, counters and the samples that wait for the air."""

    kind: StreamKind
    settings: Settings
    clock: Clock
    signals: BodySignals
    conditions: Conditions
    started_s: float
    taken: int = 0
    sequence: int = 0
    dropped: bool = False
    ring: NDArray[np.int16] = field(init=False)

    def __post_init__(self) -> None:
        self.ring = np.zeros((0, self.kind.columns), np.int16)

    @property
    def first(self) -> int:
        """Index of the oldest sample that waits."""
        return self.taken - len(self.ring)

    @property
    def due_s(self) -> float:
        """World time at which the next whole packet has been sampled."""
        return self.world_s(self.first + self.settings.packet_samples - 1)

    def world_s(self, index: int) -> float:
        """World time at which a sample is taken."""
        return self.started_s + index / (self.settings.rate_hz * self.clock.rate)

    def sample(self, world_s: float) -> None:
        """Take all samples up to `world_s` into the ring."""
        rate_hz = self.settings.rate_hz * self.clock.rate
        end = int((world_s - self.started_s) * rate_hz + 1e-6) + 1
        if end <= self.taken:
            return
        index = np.arange(self.taken, end)
        if self.settings.test_signal:
            values = self._test_values(index / self.settings.rate_hz)
        else:
            values = self._body_values(self.started_s + index / rate_hz)
        counts = np.clip(np.rint(values), -FULL_SCALE - 1, FULL_SCALE).astype("<i2")
        self.ring = np.concatenate([self.ring, counts]) if len(self.ring) else counts
        self.taken = end

    def drop_oldest(self) -> int:
        """Let go what the ring cannot hold; number of samples lost."""
        excess = len(self.ring) - int(RING_S * self.settings.rate_hz)
        if excess <= 0:
            return 0
        self.ring = self.ring[excess:]
        self.dropped = True
        return excess

    def packets(self, *, rest: bool = False) -> list[tuple[float, bytes]]:
        """All whole packets with the world time of their last sample; with `rest` also a short last one."""
        size = self.settings.packet_samples
        waiting = len(self.ring)
        stops = list(range(size, waiting + 1, size))
        if rest and waiting % size:
            stops.append(waiting)
        out = []
        start, first = 0, self.first
        for stop in stops:
            out.append((self.world_s(first + stop - 1), self._packet(self.ring[start:stop], first + start)))
            start = stop
        self.ring = self.ring[start:]
        return out

    def _packet(self, counts: NDArray[np.int16], first: int) -> bytes:
        flags = Flag.DROPPED_BEFORE if self.dropped else Flag(0)
        if self.settings.changed:
            flags |= Flag.SETTINGS_CHANGED
        if self.settings.test_signal:
            flags |= Flag.TEST_SIGNAL
        if self.kind is EMG and self.conditions.lifted(self.world_s(first)):
            flags |= Flag.ELECTRODE_OFF
        if counts.max() == FULL_SCALE or counts.min() == -FULL_SCALE - 1:
            flags |= Flag.SATURATED
        packet = profile.data_packet(
            counts.tobytes(),
            flags=int(flags),
            sequence=self.sequence,
            first=first,
            device_us=self.clock.device_us(self.started_s) + round(first * 1e6 / self.settings.rate_hz),
            mask=self.kind.mask,
            count=counts.shape[0],
        )
        self.sequence += 1
        self.dropped = self.settings.changed = False
        return packet

    def _body_values(self, world_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Measured values in counts, shape (n, columns)."""
        script_s = world_s - self.conditions.begin_s
        if self.kind is IMU:
            scale = np.array([ACC_COUNTS_PER_G] * 3 + [GYRO_COUNTS_PER_DPS] * 3)
            return np.asarray(self.signals.imu.at(script_s) * scale)
        emg_uv = self.signals.emg_uv.at(script_s)[:, 0]
        for from_s, to_s in self.conditions.lifted_s:
            lifted = (script_s >= from_s) & (script_s < to_s)
            emg_uv[lifted] = LIFTED_HUM_UV * np.sin(2 * np.pi * 50.0 * script_s[lifted])
        return np.asarray(emg_uv[:, None] / EMG_UV_PER_COUNT)

    def _test_values(self, stream_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Known wave in counts: a sine in the EMG; 1 g on z and a slow turn about x in the IMU."""
        values = np.zeros((stream_s.size, self.kind.columns))
        if self.kind is EMG:
            values[:, 0] = TEST_EMG_UV / EMG_UV_PER_COUNT * np.sin(2 * np.pi * TEST_EMG_HZ * stream_s)
        else:
            values[:, 2] = ACC_COUNTS_PER_G
            turn = np.sin(2 * np.pi * TEST_GYRO_HZ * stream_s)
            values[:, 3] = TEST_GYRO_DPS * GYRO_COUNTS_PER_DPS * turn
        return values
