"""WitMotion WT901BLE: an inertial sensor whose frames are cut out of a byte stream, without sum, counter or time.

Covered: stream that begins with the subscription, frames cut anywhere by notifications and begun in the middle, rates
behind a lock, register reads among the data, angles by gravity. Its clock errs by up to 0.2 %. Not covered: saving,
calibration, other ranges, magnetometer but as a register. Rate after delivery and length of notifications are inferred.
"""

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
    Sent,
    Subscribe,
    Wait,
    Write,
)
from firmware_sim.sensors.worn import Leads, Sampler, WornSensor

_TAIL = "-0000-1000-8000-00805f9a34fb"  # not the usual base
SERVICE, NOTIFY, COMMAND = "0000ffe5" + _TAIL, "0000ffe4" + _TAIL, "0000ffe9" + _TAIL
GATT_TABLE = (
    GattEntry(SERVICE, NOTIFY, ("notify",)),
    GattEntry(SERVICE, COMMAND, ("write", "write-without-response")),
)
FRAME, REGISTERS = b"\x55\x61", b"\x55\x71"
FRAME_BYTES, NOTIFICATION_BYTES = 20, 50
RATES_HZ = {0x06: 10, 0x07: 20, 0x08: 50, 0x09: 100, 0x0B: 200}
RATE, READ, UNLOCK = 0x03, 0x27, 0x69
UNLOCKING = b"\xff\xaa\x69\x88\xb5"
FIELD, ATTITUDE = 0x3A, 0x51
FULL, FULL_G, FULL_DPS, FULL_DEG = 32768, 16.0, 2000.0, 180.0
FIELD_COUNTS_PER_UT = 120.0


def frame(acc_g: NDArray[np.float64], rate_dps: NDArray[np.float64], angles_deg: NDArray[np.float64]) -> bytes:
    """Acceleration, angular velocity, angles: nine int16, little-endian."""
    shares = np.concatenate([acc_g / FULL_G, rate_dps / FULL_DPS, angles_deg / FULL_DEG])
    return FRAME + _int16(shares * FULL)


def _int16(values: NDArray[np.float64]) -> bytes:
    return np.clip(np.rint(values), -32768, 32767).astype("<i2").tobytes()


class WitMotion(WornSensor):
    """One sensor.

    Parameters
    ----------
    name : str
        With ``WT`` in it.
    leads : Leads
        No channel; a housing that moves.
    seed : int
    """

    driver: ClassVar[str] = "witmotion"
    crystal_ppm: ClassVar[float] = 2000.0

    def __init__(self, name: str, leads: Leads, *, seed: int = 0) -> None:
        super().__init__(name, leads, seed=seed)
        self._rate_hz, self._unlocked = 10, False
        self._run: Sampler | None = None
        self._pipe = b""

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Data and commands."""
        return GATT_TABLE

    def book(self) -> tuple[HostStep, ...]:
        """Listen, unlock, ask for 100 Hz."""
        return (Subscribe(NOTIFY), Write(COMMAND, UNLOCKING), Wait(0.03), Write(COMMAND, b"\xff\xaa\x03\x09\x00"))

    def advertisement(self) -> Advertisement:
        """Name and service."""
        return Advertisement(self.name, (SERVICE,))

    def subscribed(self, uuid: str, on: bool, mtu: int, world_s: float) -> None:
        """Stream from here on, beginning with the rest of a frame."""
        super().subscribed(uuid, on, mtu, world_s)
        if uuid == NOTIFY:
            self._run = Sampler(self._rate_hz * self.clock.rate, world_s) if on else None
            whole = self._frames(np.array([world_s])) if on else b""
            self._pipe = whole[int(self.rng.integers(0, FRAME_BYTES)) :]

    def disconnected(self) -> None:
        """Stop, and lock."""
        super().disconnected()
        self._run, self._pipe, self._unlocked = None, b"", False

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Carry out a command; what is locked or unknown is ignored. Answers stand between the frames."""
        if uuid != COMMAND:
            return super().write(uuid, data, mtu, world_s)
        if len(data) != 5 or data[:2] != b"\xff\xaa":
            return []
        if bytes(data) == UNLOCKING:
            self._unlocked = True
        elif data[2] == READ:
            self._pipe += self._register(data[3], world_s)
        elif data[2] == RATE and self._unlocked and data[3] in RATES_HZ:
            self.now_s, self._rate_hz = world_s, RATES_HZ[data[3]]
            if self._run is not None:
                self._run = Sampler(self._rate_hz * self.clock.rate, world_s)
        return []

    def _register(self, register: int, world_s: float) -> bytes:
        """Eight registers from one on; nothing is known of most."""
        attitude = quaternions(self.motion(np.array([world_s]))[:, :3])
        values = np.zeros(8)
        if register == FIELD:
            values[:3] = earth_field_ut(attitude)[0] * FIELD_COUNTS_PER_UT
        elif register == ATTITUDE:
            values[:4] = attitude[0] * FULL
        return REGISTERS + bytes((register, 0)) + _int16(values)

    def _room(self) -> int:
        """Bytes of a notification."""
        return min(self.mtu - ATT_HEADER_BYTES, NOTIFICATION_BYTES)

    def next_due_s(self) -> float | None:
        """Time of the frame that fills the next notification."""
        if self._run is None:
            return None
        missing = max(1, -(-(self._room() - len(self._pipe)) // FRAME_BYTES))
        return self._run.world_s(self._run.taken + missing - 1)

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Put frames into the stream, and send full notifications of it; what the link does not take is lost."""
        self.now_s = world_s
        if self._run is None:
            return []
        times_s = self._run.take(world_s)
        fresh, room = self._frames(times_s), self._room()
        sent: list[Sent] = []
        for number, at_s in enumerate(times_s.tolist()):
            self._pipe += fresh[number * FRAME_BYTES : (number + 1) * FRAME_BYTES]
            while len(self._pipe) >= room:
                sent.append((at_s, NOTIFY, self._pipe[:room]))
                self._pipe = self._pipe[room:]
        return sent if air else []

    def _frames(self, times_s: NDArray[np.float64]) -> bytes:
        motion = self.motion(times_s)
        x, y, z = motion[:, :3].T
        angles_deg = np.rad2deg(np.stack([np.arctan2(y, z), np.arctan2(-x, np.hypot(y, z)), np.zeros(x.size)], axis=1))
        rows = zip(motion[:, :3], motion[:, 3:], angles_deg, strict=True)
        return b"".join(frame(acc_g, rate_dps, turn_deg) for acc_g, rate_dps, turn_deg in rows)
