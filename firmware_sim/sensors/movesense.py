"""Movesense: one biopotential channel made for hearts, an inertial sensor, and paths that a host subscribes to.

Covered: hello, subscriptions by path and their endings, statuses like those of HTTP, rates that are offered, one ECG
rate at a time, counts and millivolts, acceleration, rotation and magnetic field alone or together, times in ms of the
first sample, long messages in two parts, paths with and without a NUL at the end, firmware that insists on it, clock.
Not covered: logger (501), heart rate and temperature (404), settings of filters and ranges. How many samples stand in
an inertial message, which refusal has which number, and what no two parts carry (cut off) is inferred.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
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
from firmware_sim.sensors.grouped import GRAVITY_M_S2, group_due_s, take_groups
from firmware_sim.sensors.worn import Leads, Sampler, WornSensor

SERVICE, WRITE, NOTIFY = (f"{head}-7185-4d5d-b431-630e7050e8f0" for head in ("34802252", "34800001", "34800002"))
BATTERY_SERVICE, BATTERY = "0000180f-0000-1000-8000-00805f9b34fb", "00002a19-0000-1000-8000-00805f9b34fb"
GATT_TABLE = (
    GattEntry(SERVICE, WRITE, ("write",)),
    GattEntry(SERVICE, NOTIFY, ("notify",)),
    GattEntry(BATTERY_SERVICE, BATTERY, ("read", "notify")),
)
LARGEST_MTU = 161
HELLO, SUBSCRIBE, UNSUBSCRIBE, GET, SET_TIME = 0, 1, 2, 4, 8
ANSWER, DATA, SECOND_PART = 1, 2, 3
OK, BAD_REQUEST, NOT_FOUND, CONFLICT, NOT_IMPLEMENTED = 200, 400, 404, 409, 501
ECG_RATES_HZ = (125, 128, 200, 250, 256, 500, 512)
MOTION_RATES_HZ = (13, 26, 52, 104, 208, 416, 833, 1666)
ECG_SAMPLES = 16
UV_PER_COUNT = 1e6 / 20 / 2**17
VECTORS: Mapping[str, tuple[str, ...]] = {
    "Acc": ("acc",),
    "Gyro": ("gyro",),
    "Magn": ("magn",),
    "IMU6": ("acc", "gyro"),
    "IMU6m": ("acc", "magn"),
    "IMU9": ("acc", "gyro", "magn"),
}


@dataclass(slots=True)
class _Subscription:
    """A path that streams: its resource, samples in a message, and whether it is in millivolts."""

    resource: str
    run: Sampler
    size: int
    millivolts: bool = False


def message(reference: int, body: bytes, room: int) -> list[bytes]:
    """One data message in notifications of at most `room` bytes: one, or two."""
    first, rest = body[: room - 2], body[room - 2 :]
    parts = [bytes((DATA, reference)) + first]
    return [*parts, bytes((SECOND_PART, reference)) + rest[: room - 2]] if rest else parts


def ecg_body(time_ms: int, counts: NDArray[np.int64]) -> bytes:
    """Time and counts, little-endian."""
    return struct.pack("<I", time_ms & 0xFFFFFFFF) + counts.astype("<i4").tobytes()


def vectors_body(time_ms: int, vectors: list[NDArray[np.float64]]) -> bytes:
    """Time, then all vectors of the first quantity, then those of the next."""
    return struct.pack("<I", time_ms & 0xFFFFFFFF) + b"".join(part.astype("<f4").tobytes() for part in vectors)


class Movesense(WornSensor):
    """One sensor on two electrodes.

    Parameters
    ----------
    name : str
        ``Movesense`` and a serial number.
    leads : Leads
        One channel.
    seed : int
    needs_nul : bool
        Paths must end in NUL, others are not found.
    ecg_hz, imu_hz : int
        What the host by the book asks for.
    """

    driver: ClassVar[str] = "movesense"

    def __init__(
        self,
        name: str,
        leads: Leads,
        *,
        seed: int = 0,
        needs_nul: bool = False,
        ecg_hz: int = 512,
        imu_hz: int = 104,
    ) -> None:
        super().__init__(name, leads, seed=seed)
        self._needs_nul, self._asked = needs_nul, (ecg_hz, imu_hz)
        self._first_us = int(self.rng.integers(0, 3_600_000_000))  # what its clock shows at world time 0
        self._running: dict[int, _Subscription] = {}

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Commands, answers with data, battery."""
        return GATT_TABLE

    @property
    def largest_mtu(self) -> int:
        """What its stack answers."""
        return LARGEST_MTU

    def book(self) -> tuple[HostStep, ...]:
        """Hello, the amplifier, the inertial sensor."""
        ecg_hz, imu_hz = self._asked
        wanted = ((0x63, f"/Meas/ECG/{ecg_hz}"), (0x62, f"/Meas/IMU6/{imu_hz}"))
        asks = [bytes((SUBSCRIBE, reference)) + path.encode() for reference, path in wanted]
        return (
            Subscribe(NOTIFY),
            Write(WRITE, b"\x00\x01"),
            Wait(0.03),
            Write(WRITE, asks[0]),
            Wait(0.03),
            Write(WRITE, asks[1]),
        )

    def advertisement(self) -> Advertisement:
        """Name and service."""
        return Advertisement(self.name, (SERVICE,))

    def disconnected(self) -> None:
        """End all subscriptions."""
        super().disconnected()
        self._running.clear()

    def read(self, uuid: str) -> bytes:
        """Battery."""
        return bytes((self.battery_percent(),)) if uuid == BATTERY else super().read(uuid)

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Carry out a command."""
        if uuid != WRITE:
            return super().write(uuid, data, mtu, world_s)
        self.now_s, self.mtu = world_s, mtu
        if len(data) < 2:
            return []
        command, reference, body = data[0], data[1], bytes(data[2:])
        if command == HELLO:
            serial = self.name.split()[-1]
            texts = (serial, "Movesense", "0C-8C-DC-00-00-01", "simulated", "2.3.1")
            said = b"\x01" + b"".join(text.encode() + b"\0" for text in texts)
            return [(NOTIFY, bytes((ANSWER, reference)) + said)]
        status, content = self._carry_out(command, reference, body)
        return [(NOTIFY, struct.pack("<BBH", ANSWER, reference, status) + content)]

    def _carry_out(self, command: int, reference: int, body: bytes) -> tuple[int, bytes]:
        if command == SUBSCRIBE:
            return self._subscribe(reference, body), b""
        if command == UNSUBSCRIBE:
            return (OK if self._running.pop(reference, None) else NOT_FOUND), b""
        if command == GET:
            return self._info(body)
        if command == SET_TIME:
            return (OK if len(body) == 8 else BAD_REQUEST), b""
        return NOT_IMPLEMENTED, b""

    def _path(self, body: bytes) -> list[str]:
        """Parts of a path; none where its end is not as this firmware wants it."""
        if self._needs_nul and not body.endswith(b"\0"):
            return []
        return body.removesuffix(b"\0").decode("ascii", "replace").split("/")[1:]

    def _subscribe(self, reference: int, body: bytes) -> int:
        """Begin a stream; the status."""
        if not reference:
            return BAD_REQUEST
        match self._path(body):
            case ["Meas", "ECG", rate] | ["Meas", "ECG", rate, "mV"] if rate.isdigit():
                if int(rate) not in ECG_RATES_HZ:
                    return NOT_FOUND
                resource, size = "ECG", ECG_SAMPLES
            case ["Meas", resource, rate] if resource in VECTORS and rate.isdigit():
                if int(rate) not in MOTION_RATES_HZ:
                    return NOT_FOUND
                size = min(8, max(1, int(rate) // 13))
            case _:
                return NOT_FOUND
        if reference in self._running or any(one.resource == resource for one in self._running.values()):
            return CONFLICT
        run = Sampler(int(rate) * self.clock.rate, self.now_s)
        self._running[reference] = _Subscription(resource, run, size, body.removesuffix(b"\0").endswith(b"mV"))
        return OK

    def _info(self, body: bytes) -> tuple[int, bytes]:
        rates: tuple[int, ...]
        match self._path(body):
            case ["Meas", "ECG", "Info"]:
                rates = ECG_RATES_HZ
            case ["Meas", resource, "Info"] if resource in VECTORS:
                rates = MOTION_RATES_HZ
            case _:
                return NOT_FOUND, b""
        return OK, struct.pack(f"<B{len(rates)}H", len(rates), *rates)

    def next_due_s(self) -> float | None:
        """Time of the next message."""
        return min((group_due_s(one.run, one.size) for one in self._running.values()), default=None)

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Sample and send; what the link does not take is lost."""
        self.now_s = world_s
        sent: list[Sent] = []
        for reference, one in self._running.items():
            ready_s, times_s = take_groups(one.run, one.size, world_s)
            bodies = self._ecg(one, times_s) if one.resource == "ECG" else self._vectors(one, times_s)
            for at_s, body in zip(ready_s.tolist(), bodies, strict=True):
                parts = message(reference, body, self.mtu - ATT_HEADER_BYTES)
                sent += [(at_s, NOTIFY, part) for part in parts]
        sent.sort(key=lambda item: item[0])
        return sent if air else []

    def _time_ms(self, world_s: float) -> int:
        return (self.clock.device_us(world_s) + self._first_us) // 1000

    def _ecg(self, one: _Subscription, times_s: NDArray[np.float64]) -> list[bytes]:
        uv = self.emg_uv(times_s)[:, 0]
        bodies = []
        for at in range(0, times_s.size, one.size):
            part, time_ms = uv[at : at + one.size], self._time_ms(times_s[at])
            if one.millivolts:
                short = np.clip(np.rint(part), -32768, 32767).astype("<i2").tobytes()
                bodies.append(struct.pack("<I", time_ms & 0xFFFFFFFF) + short)
            else:
                bodies.append(ecg_body(time_ms, np.rint(part / UV_PER_COUNT).astype(np.int64)))
        return bodies

    def _vectors(self, one: _Subscription, times_s: NDArray[np.float64]) -> list[bytes]:
        motion = self.motion(times_s)
        measured = {
            "acc": motion[:, :3] * GRAVITY_M_S2,
            "gyro": motion[:, 3:],
            "magn": earth_field_ut(quaternions(motion[:, :3])),
        }
        wanted = [measured[quantity] for quantity in VECTORS[one.resource]]
        return [
            vectors_body(self._time_ms(times_s[at]), [values[at : at + one.size] for values in wanted])
            for at in range(0, times_s.size, one.size)
        ]
