"""Myo: a ring of eight electrode pairs for a forearm, two samples a packet, four characteristics in turn.

Covered: information and version as captured from a unit, modes of EMG (filtered, raw with offset and hum, rectified at
50 Hz) and of motion, sleep and vibration commands, battery, eight bits that clip. A unit that was not told never to
sleep falls asleep, after a time that is inferred. Not covered: classifier and motion events, synchronisation, the
firmware's attitude beyond gravity. Microvolts of a count are a secret: nobody published them.
"""

import struct
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from firmware_sim.sensors.attitude import quaternions
from firmware_sim.sensors.base import (
    INVALID_LENGTH,
    Advertisement,
    Answer,
    AttError,
    GattEntry,
    HostStep,
    Read,
    Sent,
    Subscribe,
    Write,
)
from firmware_sim.sensors.grouped import group_due_s, take_groups
from firmware_sim.sensors.worn import MAINS_HZ, Leads, Sampler, WornSensor


def _uuid(number: str) -> str:
    return f"d506{number}-a904-deb9-4748-2c7f4a124842"


CONTROL_SERVICE, IMU_SERVICE, CLASSIFIER_SERVICE, RECTIFIED_SERVICE, EMG_SERVICE = (
    _uuid(f"000{digit}") for digit in "12345"
)
BATTERY_SERVICE, BATTERY = "0000180f-0000-1000-8000-00805f9b34fb", "00002a19-0000-1000-8000-00805f9b34fb"
INFO, VERSION, COMMAND, IMU, MOTION_EVENT = (_uuid(number) for number in ("0101", "0201", "0401", "0402", "0502"))
CLASSIFIER, RECTIFIED = _uuid("0103"), _uuid("0104")
EMG = tuple(_uuid(f"0{digit}05") for digit in "1234")
GATT_TABLE = (
    GattEntry(BATTERY_SERVICE, BATTERY, ("read", "notify")),
    GattEntry(CONTROL_SERVICE, INFO, ("read",)),
    GattEntry(CONTROL_SERVICE, VERSION, ("read",)),
    GattEntry(CONTROL_SERVICE, COMMAND, ("write",)),
    GattEntry(IMU_SERVICE, IMU, ("notify",)),
    GattEntry(IMU_SERVICE, MOTION_EVENT, ("indicate",)),
    GattEntry(CLASSIFIER_SERVICE, CLASSIFIER, ("indicate",)),
    GattEntry(RECTIFIED_SERVICE, RECTIFIED, ("notify",)),
    *(GattEntry(EMG_SERVICE, port, ("notify",)) for port in EMG),
)
VERSION_VALUE = bytes.fromhex("01 00 05 00 B2 07 02 00")  # 1.5.1970, revision D
CHANNELS, EMG_HZ, SLOW_HZ, SAMPLES = 8, 200.0, 50.0, 2
UV_PER_COUNT = 8.0  # a secret that no host may know
NOISE_COUNTS = 0.8  # RMS
RAW_HUM_COUNTS = 2.0
COUNTS_PER_G, COUNTS_PER_DPS, QUATERNION_ONE = 2048.0, 16.0, 16384.0
SET_MODE, VIBRATE, DEEP_SLEEP, SLEEP_MODE = 0x01, 0x03, 0x04, 0x09
OFF, RECTIFIED_MODE, FILTERED, RAW = 0, 1, 2, 3
SLEEPS_AFTER_S = 300.0


def emg_packet(samples: NDArray[np.float64]) -> bytes:
    """Two samples of eight channels, int8."""
    packed: bytes = np.clip(np.rint(samples), -128, 127).astype(np.int8).tobytes()
    return packed


def imu_packet(attitude: NDArray[np.float64], motion: NDArray[np.float64]) -> bytes:
    """Quaternion w x y z, acceleration (g), angular velocity (dps); ten int16, little-endian."""
    counts = np.concatenate([attitude * QUATERNION_ONE, motion[:3] * COUNTS_PER_G, motion[3:] * COUNTS_PER_DPS])
    packed: bytes = np.clip(np.rint(counts), -32768, 32767).astype("<i2").tobytes()
    return packed


class Myo(WornSensor):
    """One armband.

    Parameters
    ----------
    name : str
    leads : Leads
        Up to eight channels.
    seed : int
    """

    driver: ClassVar[str] = "myo"

    def __init__(self, name: str, leads: Leads, *, seed: int = 0) -> None:
        loose = (None,) * (CHANNELS - len(leads.emg_uv))
        super().__init__(name, Leads((*leads.emg_uv, *loose), leads.imu), seed=seed)
        self._offset = self.rng.uniform(-4.0, 4.0, CHANNELS)
        self._awake_since_s: float | None = 0.0  # None: it never sleeps
        self._mode = OFF
        self._turn = 0
        self._emg: Sampler | None = None
        self._imu: Sampler | None = None

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Control, motion, classifier, EMG, battery."""
        return GATT_TABLE

    @property
    def largest_mtu(self) -> int:
        """It knows no other."""
        return 23

    def book(self) -> tuple[HostStep, ...]:
        """Version, subscriptions, never sleep, filtered EMG with motion."""
        ports = [Subscribe(port) for port in (IMU, *EMG)]
        return (Read(VERSION), *ports, Write(COMMAND, b"\x09\x01\x01"), Write(COMMAND, b"\x01\x03\x02\x01\x00"))

    def advertisement(self) -> Advertisement:
        """Name and service of control."""
        return Advertisement(self.name, (CONTROL_SERVICE,))

    def connected(self, world_s: float, interval_s: float) -> None:
        """Wake up."""
        super().connected(world_s, interval_s)
        self._awake_since_s = world_s

    def disconnected(self) -> None:
        """Stop."""
        super().disconnected()
        self._emg = self._imu = None

    def read(self, uuid: str) -> bytes:
        """Information (address backwards, nothing else said here), version, battery."""
        if uuid == INFO:
            return bytes.fromhex("8E 32 94 85 3B D2 05 00 00 00 01") + bytes(9)
        if uuid == VERSION:
            return VERSION_VALUE
        return bytes((self.battery_percent(),)) if uuid == BATTERY else super().read(uuid)

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Carry out a command; its second byte must tell how many follow."""
        if uuid != COMMAND:
            return super().write(uuid, data, mtu, world_s)
        self.now_s, self.mtu = world_s, mtu
        if len(data) < 2 or len(data) != 2 + data[1]:
            raise AttError(INVALID_LENGTH)
        command, body = data[0], bytes(data[2:])
        if self._awake_since_s is not None:
            self._awake_since_s = world_s
        if command == SET_MODE and len(body) == 3:
            self._set_mode(body[0], body[1])
        elif command == SLEEP_MODE and len(body) == 1:
            self._awake_since_s = None if body[0] == 1 else world_s
        elif command == DEEP_SLEEP:
            self.powered = False
        return []

    def _set_mode(self, emg: int, imu: int) -> None:
        self._mode, self._turn = emg, 0
        rate_hz = SLOW_HZ if emg == RECTIFIED_MODE else EMG_HZ
        self._emg = Sampler(rate_hz * self.clock.rate, self.now_s) if emg in {RECTIFIED_MODE, FILTERED, RAW} else None
        self._imu = Sampler(SLOW_HZ * self.clock.rate, self.now_s) if imu in {1, 3} else None

    def _size(self) -> int:
        return 1 if self._mode == RECTIFIED_MODE else SAMPLES

    def next_due_s(self) -> float | None:
        """Time of the next packet."""
        due_s = [group_due_s(self._emg, self._size())] if self._emg else []
        if self._imu:
            due_s.append(group_due_s(self._imu, 1))
        return min(due_s, default=None)

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Sample and send; what the link does not take is lost, and the turn goes on."""
        self.now_s = world_s
        if self.listening and self._awake_since_s is not None and world_s > self._awake_since_s + SLEEPS_AFTER_S:
            self.powered = False
            self.disconnected()
        sent = self._emg_packets(self._emg, world_s) if self._emg else []
        if self._imu:
            _, times_s = take_groups(self._imu, 1, world_s)
            motion = self.motion(times_s)
            attitude = quaternions(motion[:, :3])
            sent += [
                (float(at_s), IMU, imu_packet(turn, moved))
                for at_s, turn, moved in zip(times_s, attitude, motion, strict=True)
            ]
        sent.sort(key=lambda item: item[0])
        return sent if air else []

    def _emg_packets(self, run: Sampler, world_s: float) -> list[Sent]:
        ready_s, times_s = take_groups(run, self._size(), world_s)
        counts = self.emg_uv(times_s) / UV_PER_COUNT + self.rng.normal(0.0, NOISE_COUNTS, (times_s.size, CHANNELS))
        if self._mode == RECTIFIED_MODE:
            rows = np.clip(np.rint(np.abs(counts) * 10), 0, 0xFFFF).astype(np.int64)
            return [
                (at_s, RECTIFIED, struct.pack("<8HB", *row, 0))
                for at_s, row in zip(ready_s.tolist(), rows.tolist(), strict=True)
            ]
        if self._mode == RAW:
            counts += self._offset + RAW_HUM_COUNTS * np.sin(2 * np.pi * MAINS_HZ * times_s)[:, None]
        sent = []
        for number, at_s in enumerate(ready_s.tolist()):
            sent.append((at_s, EMG[self._turn], emg_packet(counts[SAMPLES * number : SAMPLES * (number + 1)])))
            self._turn = (self._turn + 1) % len(EMG)
        return sent
