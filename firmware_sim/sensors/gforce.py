"""gForcePro+ and gForceOct (OYMotion): eight channels and an IMU in one box, commands, and messages in parts.

Covered: command codes and their answers, refusals of rates and widths that are not offered, choice of streams, packet
index for each type of data, splitting into counted-down parts where the MTU is small, 8 and 12 bits, firmware that does
not know the index. Scale and centre are those of the converter (2.5 V over 2^n, gain 1200); which ones hosts should
use is disputed. Not covered: the radio chip that wraps its messages, the newer command set, gestures, bootloader.
"""

import struct
from collections.abc import Callable
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

SERVICE = "0000ffd0-0000-1000-8000-00805f9b34fb"
COMMAND = "f000ffe1-0451-4000-b000-000000000000"
DATA = "f000ffe2-0451-4000-b000-000000000000"
GATT_TABLE = (GattEntry(SERVICE, COMMAND, ("write", "notify")), GattEntry(SERVICE, DATA, ("notify",)))
OK, NOT_SUPPORTED, BAD_PARAMETER, FAILED, PARTIAL = 0, 1, 2, 3, 0xFF
CHANNELS, IMU_HZ = 8, 50.0
RATES_HZ, FINE_RATES_HZ = (100, 200, 250, 500, 650, 1000), (100, 200, 250, 500)  # at 8 bits, at 12 bits
UV_PER_COUNT = {8: 2.5e6 / 256 / 1200, 12: 2.5e6 / 4096 / 1200}
LARGEST_PAYLOAD = 240
ACC, GYRO, MAG, EULER, QUATERNION, EMG = 0x1, 0x2, 0x4, 0x8, 0x10, 0x80  # bits of the stream choice
TYPES = {ACC: 1, GYRO: 2, MAG: 3, EULER: 4, QUATERNION: 5, EMG: 8}
TEXTS = {0x02: "gForceOct", 0x03: "GF-OCT", 0x04: "SIM0001", 0x05: "simulated", 0x06: "V1.0"}
FIXED_POINT = 65536.0


def parts(message: bytes, room: int) -> list[bytes]:
    """Split a message into notifications of at most `room` bytes; parts count down to 0 behind the mark 0xFF."""
    if len(message) <= room:
        return [message]
    size = room - 2
    pieces = [message[at : at + size] for at in range(0, len(message), size)]
    return [bytes((PARTIAL, len(pieces) - 1 - at)) + piece for at, piece in enumerate(pieces)]


def emg_settings(rate_hz: int, mask: int, payload: int, bits: int) -> bytes:
    """Six bytes of the EMG setting."""
    return struct.pack("<HHBB", rate_hz, mask, payload, bits)


class GForce(WornSensor):
    """One box.

    Parameters
    ----------
    name : str
    leads : Leads
        Up to eight channels.
    seed : int
    bits : int
        Width that the host by the book asks for: 12 (500 Hz) or 8 (1000 Hz).
    knows_index : bool
        False for firmware without the packet index.
    """

    driver: ClassVar[str] = "gforce"

    def __init__(self, name: str, leads: Leads, *, seed: int = 0, bits: int = 12, knows_index: bool = True) -> None:
        loose = (None,) * (CHANNELS - len(leads.emg_uv))
        super().__init__(name, Leads((*leads.emg_uv, *loose), leads.imu), seed=seed)
        self._asked = emg_settings(500 if bits == 12 else 1000, 0xFF, 128, bits)
        self._setting = emg_settings(500, 0xFF, 128, 8)
        self._knows_index = knows_index
        self._streams, self._indexed = 0, False
        self._counters: dict[int, int] = {}
        self._emg = self._imu = Sampler(1.0, 0.0)
        self._held = np.zeros((0, CHANNELS), np.int64)
        self._commands: dict[int, Callable[[bytes], tuple[int, bytes]]] = {
            0x00: lambda _: (OK, b"\x01"),
            0x01: lambda _: (OK, struct.pack("<I", ACC | GYRO | MAG | EULER | QUATERNION | EMG)),
            0x08: lambda _: (OK, bytes((self.battery_percent(),))),
            0x1D: self._off,
            0x24: lambda _: (OK, b""),
            0x25: lambda _: (OK, b""),
            0x26: self._choose_index,
            0x3E: lambda _: (OK, struct.pack("<HHBB", 1000, 0xFF, LARGEST_PAYLOAD, 12)),
            0x3F: self._set_emg,
            0x46: lambda _: (OK, self._setting),
            0x4F: self._choose_streams,
        }

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Command and data."""
        return GATT_TABLE

    def book(self) -> tuple[HostStep, ...]:
        """Battery, firmware, EMG setting, index, streams; data is listened to last."""
        commands = (b"\x08", b"\x06", b"\x3f" + self._asked, b"\x26\x01", b"\x4f" + struct.pack("<I", 0x93))
        talk = [step for command in commands for step in (Write(COMMAND, command), Wait(0.03))]
        return (Subscribe(COMMAND), *talk, Subscribe(DATA))

    def advertisement(self) -> Advertisement:
        """Name and service; the service data bears an address."""
        return Advertisement(self.name, (SERVICE,), {SERVICE: self.name.encode()[-6:]})

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Carry out a command; the answer comes in parts when the MTU is small."""
        if uuid != COMMAND:
            return super().write(uuid, data, mtu, world_s)
        self.now_s, self.mtu = world_s, mtu
        if not data:
            return []
        command, body = data[0], bytes(data[1:])
        if command in TEXTS:
            code, content = OK, TEXTS[command].encode()
        elif command in self._commands:
            code, content = self._commands[command](body)
        else:
            code, content = NOT_SUPPORTED, b""
        return [(COMMAND, part) for part in parts(bytes((code, command)) + content, mtu - ATT_HEADER_BYTES)]

    def disconnected(self) -> None:
        """Stop all streams."""
        super().disconnected()
        self._streams, self._indexed = 0, False

    def _off(self, _body: bytes) -> tuple[int, bytes]:
        self._streams, self.powered = 0, False
        return OK, b""

    def _choose_index(self, body: bytes) -> tuple[int, bytes]:
        if not self._knows_index:
            return NOT_SUPPORTED, b""
        if len(body) != 1 or body[0] > 1:
            return BAD_PARAMETER, b""
        self._indexed = bool(body[0])
        return OK, b""

    def _set_emg(self, body: bytes) -> tuple[int, bytes]:
        """Take rate, channels, payload and width where they are offered; not while EMG streams [inferred]."""
        if len(body) != 6:
            return BAD_PARAMETER, b""
        rate_hz, mask, payload, bits = struct.unpack("<HHBB", body)
        offered = {8: RATES_HZ, 12: FINE_RATES_HZ}.get(bits, ())
        sample_bytes = mask.bit_count() * (1 if bits == 8 else 2)
        if rate_hz not in offered or not 0 < mask <= 0xFF or not sample_bytes <= payload <= LARGEST_PAYLOAD:
            return BAD_PARAMETER, b""
        if self._streams & EMG:
            return FAILED, b""
        self._setting = body
        return OK, b""

    def _choose_streams(self, body: bytes) -> tuple[int, bytes]:
        if len(body) != 4:
            return BAD_PARAMETER, b""
        self._streams = int.from_bytes(body, "little")
        self._counters = {}
        self._emg = Sampler(self._rate_hz() * self.clock.rate, self.now_s)
        self._imu = Sampler(IMU_HZ * self.clock.rate, self.now_s)
        self._held = self._held[:0]
        return OK, b""

    def _rate_hz(self) -> int:
        return int.from_bytes(self._setting[:2], "little")

    def _samples(self) -> int:
        """Count the samples in one EMG notification."""
        _, mask, payload, bits = struct.unpack("<HHBB", self._setting)
        return int(payload // (mask.bit_count() * (1 if bits == 8 else 2)))

    def next_due_s(self) -> float | None:
        """Time of the next EMG or IMU notification."""
        times_s = []
        if self._streams & EMG:
            size = self._samples()
            times_s.append(self._emg.world_s((self._emg.taken // size + 1) * size - 1))
        if self._streams & ~EMG:
            times_s.append(self._imu.world_s(self._imu.taken))
        return min(times_s, default=None)

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Sample and send; what the link does not take is lost, and the index goes on."""
        self.now_s = world_s
        messages: list[tuple[float, int, bytes]] = []
        if self._streams & EMG:
            messages += self._emg_messages(world_s)
        if self._streams & ~EMG:
            messages += self._imu_messages(world_s)
        messages.sort(key=lambda message: message[0])
        room = self.mtu - ATT_HEADER_BYTES
        sent = [
            (ready_s, DATA, part) for ready_s, kind, body in messages for part in parts(self._headed(kind, body), room)
        ]
        return sent if air else []

    def _headed(self, kind: int, body: bytes) -> bytes:
        """Put type and, where asked for, index before a payload."""
        if not self._indexed:
            return bytes((kind,)) + body
        index = self._counters.get(kind, 0)
        self._counters[kind] = (index + 1) & 0xFF
        return bytes((kind, index)) + body

    def _emg_messages(self, world_s: float) -> list[tuple[float, int, bytes]]:
        _, mask, _, bits = struct.unpack("<HHBB", self._setting)
        columns = [channel for channel in range(CHANNELS) if mask >> channel & 1]
        uv = self.emg_uv(self._emg.take(world_s))
        counts = np.rint(uv / UV_PER_COUNT[bits]).astype(np.int64) + (1 << (bits - 1))
        held = np.concatenate([self._held, np.clip(counts, 0, (1 << bits) - 1)])
        size, coding = self._samples(), "u1" if bits == 8 else "<u2"
        first, whole = self._emg.taken - len(held), len(held) // size * size
        self._held = held[whole:]
        return [
            (
                self._emg.world_s(first + at + size - 1),
                TYPES[EMG],
                held[at : at + size, columns].astype(coding).tobytes(),
            )
            for at in range(0, whole, size)
        ]

    def _imu_messages(self, world_s: float) -> list[tuple[float, int, bytes]]:
        times_s = self._imu.take(world_s)
        motion = self.motion(times_s)
        attitude = quaternions(motion[:, :3])
        contents: dict[int, NDArray[np.float64]] = {
            ACC: motion[:, :3],
            GYRO: motion[:, 3:],
            MAG: earth_field_ut(attitude),
        }
        messages = []
        for at, ready_s in enumerate(times_s):
            for kind, values in contents.items():
                if self._streams & kind:
                    fixed = np.rint(values[at] * FIXED_POINT).astype("<i4")
                    messages.append((float(ready_s), TYPES[kind], fixed.tobytes()))
            if self._streams & EULER:
                messages.append((float(ready_s), TYPES[EULER], _euler_deg(attitude[at]).astype("<f4").tobytes()))
            if self._streams & QUATERNION:
                messages.append((float(ready_s), TYPES[QUATERNION], attitude[at].astype("<f4").tobytes()))
        return messages


def _euler_deg(attitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Roll, pitch and heading of a quaternion, degrees."""
    w, x, y, z = attitude
    roll = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2 * (w * y - z * x), -1.0, 1.0))
    heading = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return np.asarray(np.rad2deg([roll, pitch, heading]), np.float64)
