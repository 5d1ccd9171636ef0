"""Movella DOT: an inertial sensor whose packets are chosen by mode, and several of which can share one clock.

Covered: all payload modes that need no library of the maker, padded to their characteristic; start and stop, output
rates, device control read and written back, heading reset, battery, synchronisation by messages with their checksum;
a long payload that the MTU does not carry is not sent [inferred]. Heading is always 0 and the attitude that of gravity.
Not covered: recording to memory, delta quantities, time-outs, filter profiles' effect, reports.
"""

import struct
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from firmware_sim.sensors.attitude import earth_field_ut, quaternions
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
    Write,
)
from firmware_sim.sensors.grouped import GRAVITY_M_S2, group_due_s, take_groups
from firmware_sim.sensors.worn import Leads, Sampler, WornSensor


def _uuid(number: str) -> str:
    return f"1517{number}-4947-11e9-8646-d663bd873d93"


INFO, DEVICE, REPORT = _uuid("1001"), _uuid("1002"), _uuid("1004")
CONTROL, LONG, MEDIUM, SHORT = (_uuid(f"200{digit}") for digit in "1234")
HEADING, HEADING_STATUS = _uuid("2006"), _uuid("2007")
BATTERY = _uuid("3001")
MESSAGE, ACKNOWLEDGE, TOLD = (_uuid(f"700{digit}") for digit in "123")
GATT_TABLE = (
    GattEntry(_uuid("1000"), INFO, ("read",)),
    GattEntry(_uuid("1000"), DEVICE, ("read", "write")),
    GattEntry(_uuid("1000"), REPORT, ("notify",)),
    GattEntry(_uuid("2000"), CONTROL, ("read", "write")),
    GattEntry(_uuid("2000"), LONG, ("notify",)),
    GattEntry(_uuid("2000"), MEDIUM, ("notify",)),
    GattEntry(_uuid("2000"), SHORT, ("notify",)),
    GattEntry(_uuid("2000"), HEADING, ("write",)),
    GattEntry(_uuid("2000"), HEADING_STATUS, ("read",)),
    GattEntry(_uuid("3000"), BATTERY, ("read", "notify")),
    GattEntry(_uuid("7000"), MESSAGE, ("write",)),
    GattEntry(_uuid("7000"), ACKNOWLEDGE, ("read",)),
    GattEntry(_uuid("7000"), TOLD, ("notify",)),
)
PAYLOAD_BYTES = {LONG: 63, MEDIUM: 40, SHORT: 20}
RATES_HZ = (1, 4, 10, 12, 15, 20, 30, 60)
COMPANY = 2182
IDENTIFY, POWER_OFF, TAG, OUTPUT_RATE = 0x01, 0x02, 0x08, 0x10
RATE_AT, DEVICE_BYTES = 24, 32
VALUE_NOT_ALLOWED = 0x13
SYNC_S = 14.0
FIELD_COUNTS = 4096 / 50.0  # of a field as strong as the earth's, per µT


class Mode(NamedTuple):
    """Where a payload is sent, and what stands in it behind the time."""

    port: str
    fields: tuple[str, ...]


MODES: Mapping[int, Mode] = {
    2: Mode(MEDIUM, ("quaternion", "free", "status", "clips")),
    3: Mode(MEDIUM, ("quaternion", "free")),
    4: Mode(SHORT, ("euler",)),
    5: Mode(SHORT, ("quaternion",)),
    6: Mode(SHORT, ("free",)),
    7: Mode(MEDIUM, ("euler", "free", "status", "clips")),
    16: Mode(MEDIUM, ("euler", "free")),
    20: Mode(MEDIUM, ("acceleration", "rate", "field")),
    21: Mode(MEDIUM, ("acceleration", "rate")),
    22: Mode(MEDIUM, ("euler", "free", "rate")),
    23: Mode(MEDIUM, ("euler", "free", "field")),
    24: Mode(MEDIUM, ("quaternion", "rate")),
    26: Mode(LONG, ("quaternion", "acceleration", "rate")),
}


def checksum(head: bytes) -> bytes:
    """Message with the byte that makes its sum zero."""
    return head + bytes((-sum(head) & 0xFF,))


def payload(time_us: int, parts: list[bytes], port: str) -> bytes:
    """Time and fields, filled up with zeros."""
    return (struct.pack("<I", time_us & 0xFFFFFFFF) + b"".join(parts)).ljust(PAYLOAD_BYTES[port], b"\0")


class MovellaDot(WornSensor):
    """One sensor.

    Parameters
    ----------
    name : str
    leads : Leads
        No channel; a housing that moves.
    seed : int
    mode : int
        What the host by the book asks for.
    """

    driver: ClassVar[str] = "movella_dot"
    crystal_ppm: ClassVar[float] = 20.0

    def __init__(self, name: str, leads: Leads, *, seed: int = 0, mode: int = 26) -> None:
        super().__init__(name, leads, seed=seed)
        self._tail = [int(byte) for byte in self.rng.integers(0, 256, 3)]
        self._asked = mode
        self._first_us = int(self.rng.integers(0, 1 << 32))  # what its clock shows at world time 0
        self._settings = bytearray(DEVICE_BYTES)
        struct.pack_into("<H", self._settings, RATE_AT, 60)
        self._mode = 0
        self._run: Sampler | None = None
        self._acknowledged = b"\0"
        self._heading = 7
        self._synced_at_s: float | None = None  # world time from which it runs on the root's clock
        self._sync_asked = False

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Configuration, measurement, battery, messages."""
        return GATT_TABLE

    @property
    def address(self) -> str | None:
        """D4:22:CD and three bytes."""
        return ":".join(f"{byte:02X}" for byte in (0xD4, 0x22, 0xCD, *self._tail))

    def book(self) -> tuple[HostStep, ...]:
        """Listen to the characteristic of the mode, start."""
        return (Subscribe(MODES[self._asked].port), Read(DEVICE), Write(CONTROL, bytes((1, 1, self._asked))))

    def advertisement(self) -> Advertisement:
        """Name and company."""
        return Advertisement(self.name, manufacturer=struct.pack("<H", COMPANY))

    def disconnected(self) -> None:
        """Stop; one that was asked to synchronise does so now."""
        super().disconnected()
        self._run = None
        if self._sync_asked:
            self._synced_at_s, self._sync_asked = self.now_s + SYNC_S, False

    def read(self, uuid: str) -> bytes:
        """Address and texts, settings, state, battery, answer to the last message."""
        values = {
            INFO: bytes(reversed((0xD4, 0x22, 0xCD, *self._tail))) + b"\x03\x00\x00".ljust(28, b"\0"),
            DEVICE: bytes(self._settings),
            CONTROL: bytes((1, int(self._run is not None), self._mode)),
            HEADING_STATUS: bytes((self._heading,)),
            BATTERY: bytes((self.battery_percent(), int(self.conditions.charging))),
            ACKNOWLEDGE: self._acknowledged,
        }
        return values[uuid] if uuid in values else super().read(uuid)

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Carry out a write."""
        sizes = {DEVICE: DEVICE_BYTES, CONTROL: 3, HEADING: 2}
        if uuid not in {*sizes, MESSAGE}:
            return super().write(uuid, data, mtu, world_s)
        self.now_s, self.mtu = world_s, mtu
        if len(data) != sizes.get(uuid, len(data)):
            raise AttError(INVALID_LENGTH)
        if uuid == MESSAGE:
            return self._message(bytes(data))
        if uuid == DEVICE:
            self._set(bytes(data))
        elif uuid == CONTROL:
            self._control(data[1], data[2])
        else:
            self._heading = data[0]
        return []

    def _set(self, data: bytes) -> None:
        """Take the fields that the mask names; rates only while it rests, and only those that it can send."""
        if data[0] & OUTPUT_RATE:
            rate_hz = int.from_bytes(data[RATE_AT : RATE_AT + 2], "little")
            if rate_hz not in RATES_HZ or self._run is not None:
                raise AttError(VALUE_NOT_ALLOWED)
            self._settings[RATE_AT : RATE_AT + 2] = data[RATE_AT : RATE_AT + 2]
        if data[0] & POWER_OFF:
            self.powered = False

    def _control(self, action: int, mode: int) -> None:
        if mode not in MODES or action > 1:
            raise AttError(VALUE_NOT_ALLOWED)
        if not action:
            self._run = None
            return
        rate_hz = int.from_bytes(self._settings[RATE_AT : RATE_AT + 2], "little")
        self._mode = mode
        self._run = Sampler(rate_hz * self._rate(), self.now_s)

    def _message(self, data: bytes) -> list[Answer]:
        """Synchronise, say whether synchronised, stop being so; a wrong sum is not answered."""
        if len(data) < 4 or sum(data) & 0xFF or data[0] != 2:
            return []
        if data[2] == 0x01 and len(data) == 10:
            self._sync_asked, self._acknowledged = True, b"\0"
            return []
        if data[2] == 0x08:
            self._acknowledged = checksum(bytes((2, 2, 0x51, 4 if self._synced() else 9)))
        elif data[2] == 0x02:
            self._synced_at_s, self._sync_asked = None, False
            self._acknowledged = checksum(bytes((2, 2, 0x50, 0)))
        else:
            return []
        return [(TOLD, self._acknowledged)]

    def _synced(self) -> bool:
        return self._synced_at_s is not None and self.now_s >= self._synced_at_s

    def _rate(self) -> float:
        """Device seconds per world second: the root's, taken as true, once synchronised."""
        return 1.0 if self._synced() else self.clock.rate

    def _time_us(self, world_s: float) -> int:
        if self._synced():
            return round(world_s * 1e6)
        return self.clock.device_us(world_s) + self._first_us

    def next_due_s(self) -> float | None:
        """Time of the next sample."""
        return None if self._run is None else group_due_s(self._run, 1)

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Sample and send; what the link does not take is lost, and time goes on."""
        self.now_s = world_s
        if self._run is None:
            return []
        port, names = MODES[self._mode]
        ready_s, times_s = take_groups(self._run, 1, world_s)
        fields = _fields(self.motion(times_s))
        fits = PAYLOAD_BYTES[port] + ATT_HEADER_BYTES <= self.mtu or port != LONG
        if not air or not fits:
            return []
        return [
            (at_s, port, payload(self._time_us(at_s), [fields[name][number].tobytes() for name in names], port))
            for number, at_s in enumerate(ready_s.tolist())
        ]


def _fields(motion: NDArray[np.float64]) -> dict[str, NDArray[np.generic]]:
    """Every field of a payload as it is sent, a row each sample."""
    attitude = quaternions(motion[:, :3])
    acc_m_s2 = motion[:, :3] * GRAVITY_M_S2
    zeros = np.zeros(len(motion))
    upright = np.linalg.norm(acc_m_s2, axis=1) - GRAVITY_M_S2
    field_counts = np.rint(earth_field_ut(attitude) * FIELD_COUNTS)
    return {
        "quaternion": attitude.astype("<f4"),
        "free": np.stack([zeros, zeros, upright], axis=1).astype("<f4"),
        "acceleration": acc_m_s2.astype("<f4"),
        "rate": motion[:, 3:].astype("<f4"),
        "euler": _euler_deg(motion[:, :3]).astype("<f4"),
        "field": field_counts.astype("<i2"),
        "status": zeros.astype("<u2"),
        "clips": np.zeros((len(motion), 2), np.uint8),
    }


def _euler_deg(acc_g: NDArray[np.float64]) -> NDArray[np.float64]:
    """Roll, pitch and heading 0, degrees."""
    x, y, z = acc_g.T
    roll = np.arctan2(y, z)
    pitch = np.arctan2(-x, np.hypot(y, z))
    return np.asarray(np.rad2deg(np.stack([roll, pitch, np.zeros(x.size)], axis=1)))
