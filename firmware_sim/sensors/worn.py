"""What sensors of all makers share: leads on a body, samples at a crystal's times, a link's beginning and end."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from firmware_sim.conditions import Clock, Conditions
from firmware_sim.physiology import Grid
from firmware_sim.sensors.base import (
    ATTRIBUTE_NOT_FOUND,
    READ_NOT_PERMITTED,
    WRITE_NOT_PERMITTED,
    Answer,
    AttError,
    GattEntry,
    HostStep,
)

Array = NDArray[np.float64]

LIFTED_HUM_UV = 400.0
OPEN_LEAD_UV = 3.0  # RMS of a lead that nobody wears: the amplifier's own noise
MAINS_HZ = 50.0
BATTERY_S_PER_PERCENT = 600.0


@dataclass(frozen=True, slots=True)
class Leads:
    """What one sensor is fastened to.

    Attributes
    ----------
    emg_uv : tuple of Grid or None
        For each channel what its electrodes see; None where nobody wears them.
    imu : Grid or None
        Acceleration (g) and angular velocity (dps) of the housing; None for a sensor that lies on the table.
    """

    emg_uv: tuple[Grid | None, ...]
    imu: Grid | None = None


@dataclass(slots=True)
class Sampler:
    """Counts the samples of a stream that runs at its own true rate.

    Attributes
    ----------
    rate_hz : float
        Samples per world second.
    started_s : float
        World time of sample 0.
    taken : int
        Samples so far.
    """

    rate_hz: float
    started_s: float
    taken: int = 0

    def world_s(self, index: int) -> float:
        """World time of a sample."""
        return self.started_s + index / self.rate_hz

    def taken_by(self, world_s: float) -> int:
        """How many samples are taken by a world time."""
        return int((world_s - self.started_s) * self.rate_hz + 1e-6) + 1

    def take(self, world_s: float) -> Array:
        """World times of the samples since the last call, up to `world_s`."""
        end = max(self.taken, self.taken_by(world_s))
        times_s = self.started_s + np.arange(self.taken, end) / self.rate_hz
        self.taken = end
        return times_s


class WornSensor:
    """A sensor with leads, a crystal and a battery; a kind adds its table, its commands and its packets.

    Parameters
    ----------
    name : str
    leads : Leads
    seed : int
        With the name, draws crystal error, battery and noise.

    Attributes
    ----------
    clock : Clock
        Truth about the crystal.
    """

    crystal_ppm: ClassVar[float] = 50.0
    interval_s: ClassVar[float | None] = None

    def __init__(self, name: str, leads: Leads, *, seed: int = 0) -> None:
        self.name = name
        self.leads = leads
        self.rng = np.random.default_rng([seed, 8, *name.encode()])
        self.clock = Clock(float(self.rng.uniform(-self.crystal_ppm, self.crystal_ppm)), 0, 0.0)
        self.conditions = Conditions(battery_percent=float(self.rng.uniform(70.0, 96.0)))
        self.powered = True
        self.listening: set[str] = set()
        self.mtu = 23
        self.now_s = 0.0

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Services and characteristics; a kind replaces it."""
        raise NotImplementedError

    @property
    def largest_mtu(self) -> int:
        """Largest MTU, bytes."""
        return 247

    @property
    def address(self) -> str | None:
        """Address by which the kind can be told; None: any."""
        return None

    def book(self) -> tuple[HostStep, ...]:
        """Conversation by the maker's book; a kind replaces it."""
        raise NotImplementedError

    def connected(self, world_s: float, interval_s: float) -> None:
        """Learn that a host is there."""
        del interval_s
        self.now_s = world_s
        self.mtu = 23

    def disconnected(self) -> None:
        """Forget the host."""
        self.listening.clear()

    def subscribed(self, uuid: str, on: bool, mtu: int, world_s: float) -> None:
        """Note whether the host listens."""
        self.now_s, self.mtu = world_s, mtu
        if on:
            self.listening.add(uuid)
        else:
            self.listening.discard(uuid)

    def read(self, uuid: str) -> bytes:
        """Refuse: a kind serves what it has before it asks here."""
        raise AttError(READ_NOT_PERMITTED if self._has(uuid) else ATTRIBUTE_NOT_FOUND)

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Refuse: a kind takes what it knows before it asks here."""
        del data, mtu, world_s
        raise AttError(WRITE_NOT_PERMITTED if self._has(uuid) else ATTRIBUTE_NOT_FOUND)

    def _has(self, uuid: str) -> bool:
        return any(entry.uuid == uuid for entry in self.gatt_table)

    def battery_percent(self) -> int:
        """Charge left, whole percent."""
        return max(0, int(self.conditions.battery_percent - self.now_s / BATTERY_S_PER_PERCENT))

    def emg_uv(self, world_s: Array) -> Array:
        """Potentials at the leads, µV, shape (n, channels); mains hum where the electrodes are off."""
        script_s = world_s - self.conditions.begin_s
        columns = [
            self.rng.normal(0.0, OPEN_LEAD_UV, script_s.size) if grid is None else grid.at(script_s)[:, 0]
            for grid in self.leads.emg_uv
        ]
        values = np.stack(columns, axis=1) if columns else np.zeros((script_s.size, 0))
        for from_s, to_s in self.conditions.lifted_s:
            lifted = (script_s >= from_s) & (script_s < to_s)
            values[lifted] = LIFTED_HUM_UV * np.sin(2 * np.pi * MAINS_HZ * script_s[lifted, None])
        return values

    def motion(self, world_s: Array) -> Array:
        """Acceleration (g) and angular velocity (dps) of the housing, shape (n, 6)."""
        if self.leads.imu is None:
            return np.tile([0.0, 0.0, 1.0, 0.0, 0.0, 0.0], (world_s.size, 1))
        return self.leads.imu.at(world_s - self.conditions.begin_s)
