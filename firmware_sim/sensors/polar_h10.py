"""Polar H10: a chest strap that measures the heart at 130 Hz and its own acceleration, behind a control point.

Covered: feature bits, settings, start and stop with every refusal that the maker lists (operation, type, length, rate,
resolution, range, state, MTU, charger), uncompressed frames with the time of their last sample, a clock that begins in
2019, streams that go on when a host leaves without stopping them, heart rate with intervals, switching off 45 s after
the electrodes let go. Not covered: recording inside the strap, SDK mode, setting the clock. Samples in a frame, the MTU
from which it refuses, and what stands behind the first feature byte are inferred.
"""

import struct
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from firmware_sim.sensors.base import (
    ATT_HEADER_BYTES,
    Advertisement,
    Answer,
    GattEntry,
    HostStep,
    Read,
    Sent,
    Subscribe,
    Wait,
    Write,
)
from firmware_sim.sensors.grouped import group_due_s, take_groups
from firmware_sim.sensors.worn import Leads, Sampler, WornSensor

_TAIL, _SIG = "-02e7-f387-1cad-8acd2d8df0c8", "-0000-1000-8000-00805f9b34fb"
SERVICE, CONTROL, DATA = (f"fb005c8{digit}{_TAIL}" for digit in "012")
HEART_SERVICE, HEART_RATE = "0000180d" + _SIG, "00002a37" + _SIG
BATTERY_SERVICE, BATTERY = "0000180f" + _SIG, "00002a19" + _SIG
DEVICE_INFORMATION, MODEL = "0000180a" + _SIG, "00002a24" + _SIG
GATT_TABLE = (
    GattEntry(HEART_SERVICE, HEART_RATE, ("notify",)),
    GattEntry(DEVICE_INFORMATION, MODEL, ("read",)),
    GattEntry(BATTERY_SERVICE, BATTERY, ("read", "notify")),
    GattEntry(SERVICE, CONTROL, ("read", "write", "indicate")),
    GattEntry(SERVICE, DATA, ("notify",)),
)
ECG, ACC = 0, 2
GET, START, STOP = 1, 2, 3
OK, BAD_OP, BAD_TYPE, BAD_LENGTH, BAD_PARAMETER = 0, 1, 2, 4, 5
ALREADY, BAD_RESOLUTION, BAD_RATE, BAD_RANGE, BAD_MTU, IN_CHARGER = 6, 7, 8, 9, 10, 13
RATE, RESOLUTION, RANGE = 0, 1, 2  # ids of settings
OFFERED: dict[int, dict[int, tuple[int, ...]]] = {
    ECG: {RATE: (130,), RESOLUTION: (14,)},
    ACC: {RATE: (25, 50, 100, 200), RESOLUTION: (16,), RANGE: (2, 4, 8)},
}
REFUSALS = {RATE: BAD_RATE, RESOLUTION: BAD_RESOLUTION, RANGE: BAD_RANGE}
SMALLEST_MTU = 70
LARGEST_SAMPLES = {ECG: 73, ACC: 36}
SAMPLE_BYTES = {ECG: 3, ACC: 6}
FRAME_TYPE = {ECG: 0, ACC: 1}
HEADER_BYTES = 10
CLOCK_START_NS = 599_616_000_000_000_000  # 2019-01-01 since 2000-01-01
LETS_GO_AFTER_S = 45.0
BEAT_S = 60.0 / 70.0


def frame(kind: int, last_ns: int, values: NDArray[np.int64]) -> bytes:
    """Frame of ECG (µV, shape (n, 1)) or acceleration (mg, shape (n, 3)); `last_ns` is the time of its last sample."""
    head = struct.pack("<BQB", kind, last_ns, FRAME_TYPE[kind])
    if kind == ACC:
        return head + np.clip(values, -32768, 32767).astype("<i2").tobytes()
    clipped = np.clip(values, -(1 << 23), (1 << 23) - 1).astype("<i4")
    return head + np.ascontiguousarray(clipped).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def settings_bytes(settings: Iterable[tuple[int, tuple[int, ...]]]) -> bytes:
    """Write settings as id, count, values of two bytes."""
    return b"".join(bytes((id_, len(values))) + struct.pack(f"<{len(values)}H", *values) for id_, values in settings)


class PolarH10(WornSensor):
    """One strap.

    Parameters
    ----------
    name : str
        ``Polar H10`` and eight hexadecimal digits.
    leads : Leads
        One channel: the heart across the chest.
    seed : int
    """

    driver: ClassVar[str] = "polar_h10"

    def __init__(self, name: str, leads: Leads, *, seed: int = 0) -> None:
        super().__init__(name, leads, seed=seed)
        self._booted_ns = int(self.rng.integers(0, 10**14))  # time since the reset at world time 0
        self._runs: dict[int, Sampler] = {}
        self._beat_s: float | None = None

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Heart rate, battery, model, measurement."""
        return GATT_TABLE

    def book(self) -> tuple[HostStep, ...]:
        """Features, settings, ECG, acceleration at 200 Hz."""
        start_ecg = bytes.fromhex("02 00 00 01 82 00 01 01 0E 00")
        start_acc = bytes.fromhex("02 02 00 01 C8 00 01 01 10 00 02 01 08 00")
        commands = (b"\x01\x00", b"\x01\x02", start_ecg, start_acc)
        talk = [step for command in commands for step in (Write(CONTROL, command), Wait(0.03))]
        return (Subscribe(CONTROL), Subscribe(DATA), Read(CONTROL), *talk[:-1])

    def advertisement(self) -> Advertisement:
        """Name and the heart rate service."""
        return Advertisement(self.name, (HEART_SERVICE,))

    def read(self, uuid: str) -> bytes:
        """Feature bits, battery, model."""
        values = {CONTROL: b"\x0f\x05" + bytes(15), BATTERY: bytes((self.battery_percent(),)), MODEL: b"H10"}
        return values[uuid] if uuid in values else super().read(uuid)

    def subscribed(self, uuid: str, on: bool, mtu: int, world_s: float) -> None:
        """Tell beats from here on, if that is what the host wants."""
        super().subscribed(uuid, on, mtu, world_s)
        if uuid == HEART_RATE:
            self._beat_s = world_s + BEAT_S if on else None

    def disconnected(self) -> None:
        """Forget the host, and go on measuring."""
        super().disconnected()
        self._beat_s = None

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Carry out a request; the answer is an indication."""
        if uuid != CONTROL:
            return super().write(uuid, data, mtu, world_s)
        self.now_s, self.mtu = world_s, mtu
        op, kind = (*data, 0, 0)[:2]
        status, parameters = (BAD_LENGTH, b"") if len(data) < 2 else self._carry_out(op, kind, bytes(data[2:]))
        return [(CONTROL, bytes((0xF0, op, kind, status, 0)) + parameters)]

    def _carry_out(self, op: int, kind: int, body: bytes) -> tuple[int, bytes]:
        if op not in {GET, START, STOP}:
            return BAD_OP, b""
        if kind not in OFFERED:
            return BAD_TYPE, b""
        if op == GET:
            return OK, settings_bytes(OFFERED[kind].items())
        if op == STOP:
            return (OK if self._runs.pop(kind, None) else ALREADY), b""
        return self._start(kind, body), b""

    def _start(self, kind: int, body: bytes) -> int:
        """Begin to measure; the status."""
        if self.conditions.charging:
            return IN_CHARGER
        if len(body) % 4 or any(count != 1 for count in body[1::4]):
            return BAD_LENGTH
        chosen = {setting: value for setting, _, value in struct.iter_unpack("<BBH", body)}
        if set(chosen) != set(OFFERED[kind]):
            return BAD_PARAMETER
        wrong = [setting for setting, value in chosen.items() if value not in OFFERED[kind][setting]]
        if wrong:
            return REFUSALS[wrong[0]]
        if self.mtu < SMALLEST_MTU or kind in self._runs:
            return BAD_MTU if self.mtu < SMALLEST_MTU else ALREADY
        self._runs[kind] = Sampler(chosen[RATE] * self.clock.rate, self.now_s)
        return OK

    def _size(self, kind: int) -> int:
        room = max(self.mtu, SMALLEST_MTU) - ATT_HEADER_BYTES - HEADER_BYTES
        return min(LARGEST_SAMPLES[kind], room // SAMPLE_BYTES[kind])

    def next_due_s(self) -> float | None:
        """Time of the next frame or beat, while somebody listens."""
        due_s = [group_due_s(run, self._size(kind)) for kind, run in self._runs.items()] if self.listening else []
        if self._beat_s is not None:
            due_s.append(self._beat_s)
        return min(due_s, default=None)

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Measure and send; what nobody takes is lost."""
        self.now_s = world_s
        script_s = world_s - self.conditions.begin_s
        if any(from_s + LETS_GO_AFTER_S <= script_s < to_s for from_s, to_s in self.conditions.lifted_s):
            self.powered = False
            self.disconnected()
            return []
        sent = [item for kind, run in self._runs.items() for item in self._frames(kind, run, world_s)]
        while self._beat_s is not None and self._beat_s <= world_s:
            told = struct.pack("<BBH", 0x10, round(60 / BEAT_S), round(BEAT_S * 1024))
            sent.append((self._beat_s, HEART_RATE, told))
            self._beat_s += BEAT_S
        sent.sort(key=lambda item: item[0])
        return sent if air else []

    def _frames(self, kind: int, run: Sampler, world_s: float) -> list[Sent]:
        size = self._size(kind)
        ready_s, times_s = take_groups(run, size, world_s)
        measured = self.emg_uv(times_s)[:, :1] if kind == ECG else 1000.0 * self.motion(times_s)[:, :3]
        values = np.rint(measured).astype(np.int64)
        return [
            (at_s, DATA, frame(kind, self._time_ns(at_s), values[number * size : (number + 1) * size]))
            for number, at_s in enumerate(ready_s.tolist())
        ]

    def _time_ns(self, world_s: float) -> int:
        return CLOCK_START_NS + self._booted_ns + round(world_s * self.clock.rate * 1e9)
