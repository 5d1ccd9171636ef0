"""MetaMotion: modules and registers; acceleration, rotation and attitude without a counter and without a time.

Covered: module information of both generations (BMI160, BMI270), settings that can be read back, the four steps to a
stream (configure, subscribe, enable, start) each of which must have been taken, single and packed samples, ranges and
rates, fusion with its outputs, battery, silence for modules that are absent. Its clock errs by up to a percent, as such
chips do. Not covered: logging, timers, macros, LED; a stream ends when the host leaves [inferred].
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from firmware_sim.sensors.attitude import quaternions
from firmware_sim.sensors.base import Advertisement, Answer, GattEntry, HostStep, Sent, Subscribe, Wait, Write
from firmware_sim.sensors.grouped import GRAVITY_M_S2, group_due_s, take_groups
from firmware_sim.sensors.worn import Array, Leads, Sampler, WornSensor

SERVICE, COMMAND, NOTIFY = (f"326a900{digit}-85cb-9195-d9dd-464cfbbae75a" for digit in "016")
BATTERY_SERVICE, BATTERY = "0000180f-0000-1000-8000-00805f9b34fb", "00002a19-0000-1000-8000-00805f9b34fb"
GATT_TABLE = (
    GattEntry(SERVICE, COMMAND, ("write", "write-without-response")),
    GattEntry(SERVICE, NOTIFY, ("notify",)),
    GattEntry(BATTERY_SERVICE, BATTERY, ("read", "notify")),
)
LED, ACC, SETTINGS, GYRO, FUSION = 0x02, 0x03, 0x11, 0x13, 0x19
POWER, ENABLE, CONFIGURE = 0x01, 0x02, 0x03
READ, SILENT = 0x80, 0x40
CHARGE = 0x0C
PACKED = 3
RATES_HZ = {5: 12.5, 6: 25.0, 7: 50.0, 8: 100.0, 9: 200.0, 0xA: 400.0, 0xB: 800.0, 0xC: 1600.0}
RANGES_G = {"bmi160": {0x03: 2, 0x05: 4, 0x08: 8, 0x0C: 16}, "bmi270": {0x00: 2, 0x01: 4, 0x02: 8, 0x03: 16}}
COUNTS_PER_DPS = (16.4, 32.8, 65.6, 131.2, 262.4)
IMPLEMENTATIONS = {"bmi160": {ACC: 1, GYRO: 0}, "bmi270": {ACC: 4, GYRO: 1}}
REGISTERS = {"bmi160": {ACC: (0x04, 0x1C), GYRO: (0x05, 0x07)}, "bmi270": {ACC: (0x04, 0x05), GYRO: (0x04, 0x05)}}
"""Registers of single and of packed samples."""

FUSION_HZ, FUSION_IMU = 100.0, 2
FUSED_ACC, FUSED_GYRO, FUSED_QUATERNION, FUSED_GRAVITY, FUSED_LINEAR = 4, 5, 7, 9, 10


@dataclass(slots=True)
class _Chip:
    """Half of the inertial chip: its settings, and how far a host has come."""

    settings: bytearray
    enabled: bool = False
    run: Sampler | None = None
    subscribed: set[int] = field(default_factory=set)


def triples(module: int, register: int, counts: NDArray[np.int64]) -> bytes:
    """Pack samples of three axes, int16, little-endian."""
    return bytes((module, register)) + np.clip(counts, -32768, 32767).astype("<i2").tobytes()


class MetaMotion(WornSensor):
    """One sensor.

    Parameters
    ----------
    name : str
    leads : Leads
        No channel; a housing that moves.
    seed : int
    chip : str
        ``bmi160`` (R, RL) or ``bmi270`` (S).
    packed : bool
        Whether the host by the book asks for three samples a packet.
    """

    driver: ClassVar[str] = "metamotion"
    crystal_ppm: ClassVar[float] = 10_000.0

    def __init__(self, name: str, leads: Leads, *, seed: int = 0, chip: str = "bmi160", packed: bool = True) -> None:
        super().__init__(name, leads, seed=seed)
        self._chip, self._packed = chip, packed
        self._ranges_g: Mapping[int, int] = RANGES_G[chip]
        self._registers = REGISTERS[chip]
        self._chips = {ACC: _Chip(bytearray((0x28, min(self._ranges_g)))), GYRO: _Chip(bytearray((0x28, 0)))}
        self._fusion = _Chip(bytearray((0, 0)))
        self._outputs = 0

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Commands, notifications, battery."""
        return GATT_TABLE

    @property
    def largest_mtu(self) -> int:
        """Its packets have at most twenty bytes."""
        return 23

    def book(self) -> tuple[HostStep, ...]:
        """Ask what is there, set 8 g and 2000 dps at 100 Hz, then subscribe, enable, start."""
        range_code = next(code for code, range_g in self._ranges_g.items() if range_g == 8)
        high = 0x20 if self._chip == "bmi160" else 0xA0
        acc, gyro = (self._registers[module][int(self._packed)] for module in (ACC, GYRO))
        commands = (
            (ACC, CONFIGURE, high | 8, range_code),
            (GYRO, CONFIGURE, 0x28, 0),
            (ACC, acc, 1),
            (GYRO, gyro, 1),
            (ACC, ENABLE, 1, 0),
            (GYRO, ENABLE, 1, 0),
            (ACC, POWER, 1),
            (GYRO, POWER, 1),
        )
        asks = [step for module in (ACC, GYRO) for step in (Write(COMMAND, bytes((module, READ))), Wait(0.03))]
        return (Subscribe(NOTIFY), *asks, *(Write(COMMAND, bytes(command)) for command in commands))

    def advertisement(self) -> Advertisement:
        """Name and service."""
        return Advertisement(self.name, (SERVICE,))

    def disconnected(self) -> None:
        """Stop."""
        super().disconnected()
        for chip in (*self._chips.values(), self._fusion):
            chip.run = None
            chip.subscribed.clear()

    def read(self, uuid: str) -> bytes:
        """Battery."""
        return bytes((self.battery_percent(),)) if uuid == BATTERY else super().read(uuid)

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Carry out a command; what a module does not know it ignores."""
        if uuid != COMMAND:
            return super().write(uuid, data, mtu, world_s)
        self.now_s, self.mtu = world_s, mtu
        if len(data) < 2:
            return []
        module, register, body = data[0], data[1], bytes(data[2:])
        if register & READ:
            said = self._asked_for(module, register & ~(READ | SILENT))
            return [] if said is None else [(NOTIFY, bytes((module, register)) + said)]
        if module in self._chips:
            self._set_chip(module, register, body)
        elif module == FUSION:
            self._set_fusion(register, body)
        return []

    def _asked_for(self, module: int, register: int) -> bytes | None:
        """Answer to a read; None where there is nothing to read."""
        if register == 0:
            known = {**IMPLEMENTATIONS[self._chip], FUSION: 0, SETTINGS: 0, LED: 0}
            return bytes((known[module], 1)) if module in known else b""
        if module == SETTINGS and register == CHARGE:
            percent = self.battery_percent()
            return struct.pack("<BH", percent, 3200 + percent * 950 // 100)
        if module in self._chips and register == CONFIGURE:
            return bytes(self._chips[module].settings)
        if module == FUSION and register == ENABLE:
            return bytes(self._fusion.settings)
        return None

    def _set_chip(self, module: int, register: int, body: bytes) -> None:
        chip = self._chips[module]
        if register == CONFIGURE and len(body) == 2:
            chip.settings[:] = body
        elif register == ENABLE and len(body) == 2:
            chip.enabled = bool(body[0]) and not body[1]
        elif register == POWER and body:
            rate_hz = RATES_HZ.get(chip.settings[0] & 15, 100.0)
            chip.run = Sampler(rate_hz * self.clock.rate, self.now_s) if body[0] else None
        elif register in self._registers[module] and body:
            chip.subscribed = chip.subscribed | {register} if body[0] else chip.subscribed - {register}

    def _set_fusion(self, register: int, body: bytes) -> None:
        """Set mode and ranges (register 2), choose outputs (3), start (1), or subscribe to an output."""
        if register == ENABLE and len(body) == 2:
            self._fusion.settings[:] = body
        elif register == CONFIGURE and len(body) == 2:
            self._outputs = (self._outputs | body[0]) & ~body[1]
        elif register == POWER and body:
            started = bool(body[0]) and self._fusion.settings[0] and all(chip.run for chip in self._chips.values())
            self._fusion.run = Sampler(FUSION_HZ * self.clock.rate, self.now_s) if started else None
        elif body:
            subscribed = self._fusion.subscribed
            self._fusion.subscribed = subscribed | {register} if body[0] else subscribed - {register}

    def _streams(self) -> list[tuple[int, int, Sampler, int]]:
        """List what runs and is wanted: module, register, sampler, samples a packet."""
        out = []
        for module, chip in self._chips.items():
            if chip.run is not None and chip.enabled and chip.subscribed:
                register = max(chip.subscribed)
                size = PACKED if register == self._registers[module][1] else 1
                out.append((module, register, chip.run, size))
        return out

    def next_due_s(self) -> float | None:
        """Time of the next packet."""
        due_s = [group_due_s(run, size) for _, _, run, size in self._streams()]
        if self._fusion.run is not None and self._fusion.subscribed:
            due_s.append(group_due_s(self._fusion.run, 1))
        return min(due_s, default=None)

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Sample and send; what the link does not take is lost without a trace."""
        self.now_s = world_s
        sent: list[Sent] = []
        for module, register, run, size in self._streams():
            ready_s, times_s = take_groups(run, size, world_s)
            counts = self._counts(module, times_s)
            sent += [
                (at_s, NOTIFY, triples(module, register, counts[number * size : (number + 1) * size]))
                for number, at_s in enumerate(ready_s.tolist())
            ]
        if self._fusion.run is not None:
            sent += self._fused(self._fusion.run, world_s)
        sent.sort(key=lambda item: item[0])
        return sent if air else []

    def _counts(self, module: int, times_s: Array) -> NDArray[np.int64]:
        motion, code = self.motion(times_s), self._chips[module].settings[1]
        if module == ACC:
            return np.rint(motion[:, :3] * 32768 / self._ranges_g.get(code, 2)).astype(np.int64)
        return np.rint(motion[:, 3:] * COUNTS_PER_DPS[min(code & 7, 4)]).astype(np.int64)

    def _fused(self, run: Sampler, world_s: float) -> list[Sent]:
        ready_s, times_s = take_groups(run, 1, world_s)
        motion = self.motion(times_s)
        attitude = quaternions(motion[:, :3])
        gravity_m_s2 = motion[:, :3] / np.linalg.norm(motion[:, :3], axis=1, keepdims=True) * GRAVITY_M_S2
        contents = {  # bit of the output mask, values, accuracy
            FUSED_ACC: (0, motion[:, :3] * 1000.0, b"\x03"),
            FUSED_GYRO: (1, motion[:, 3:], b"\x03"),
            FUSED_QUATERNION: (3, attitude, b""),
            FUSED_GRAVITY: (5, gravity_m_s2, b""),
            FUSED_LINEAR: (6, motion[:, :3] * GRAVITY_M_S2 - gravity_m_s2, b""),
        }
        return [
            (at_s, NOTIFY, bytes((FUSION, register)) + values[number].astype("<f4").tobytes() + tail)
            for number, at_s in enumerate(ready_s.tolist())
            for register, (bit, values, tail) in contents.items()
            if register in self._fusion.subscribed and self._outputs >> bit & 1
        ]
