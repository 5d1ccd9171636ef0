"""NPG Lite (Upside Down Labs): a board with three or six leads, an ASCII control and a counter of eight bits.

Covered: four firmwares and the early one without battery, their names, sizes and rates, answers to the control, the
sample counter that wraps, 12-bit values around 2048 behind an unpublished gain, low battery: it refuses to go on,
disconnects and sleeps; accelerometer of the Band. A notification that the MTU does not carry is cut off, as common
Bluetooth stacks of this chip do [inferred]. Not covered: the stretched values of chip revision 1, Wi-Fi, USB.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

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

SERVICE = "4fafc201-1fb5-459e-8fcc-c5c9c331914b"
DATA = "beb5483e-36e1-4688-b7f5-ea07361b26a8"
CONTROL = "0000ff01-0000-1000-8000-00805f9b34fb"
BATTERY = "f633d0ec-46b4-43c1-a39f-1ca06d0602e1"
IMU = "5a153fa9-7be0-400c-8ef8-d84502b31c4d"
LARGEST_MTU = 500
CENTRE, FULL_COUNT = 2048, 4095
UV_PER_COUNT = 1.6  # the maker publishes no gain: a secret that no host may know
COUNTS_PER_G = 16384.0
IMU_HZ, IMU_SAMPLES = 100.0, 5
BATTERY_EVERY_S = 10.0
STOPS_BELOW_PERCENT, BOOTS_ABOVE_PERCENT = 5, 10


@dataclass(frozen=True, slots=True)
class Firmware:
    """What a firmware is called, measures and answers.

    `name_head` begins the advertised name, `samples` are in each notification, `answers` tells whether START and STOP
    are answered, `battery` and `imu` whether there are such characteristics.
    """

    name_head: str
    channels: int
    samples: int
    rate_hz: int
    answers: bool = False
    battery: bool = True
    imu: bool = False


FIRMWARES: Mapping[str, Firmware] = {
    "early": Firmware("NPG-", 3, 10, 500, battery=False),
    "3ch": Firmware("NPG-Lite-3CH:", 3, 10, 500),
    "6ch": Firmware("NPG-Lite-6CH:", 6, 10, 500),
    "idf": Firmware("NPG-Lite-3CH:", 3, 25, 250, answers=True),
    "band": Firmware("NPG-Lite-Band", 3, 20, 500, imu=True),
}


def counted(first: int, values: NDArray[np.int64], coding: str) -> bytes:
    """Put samples behind each other: counter u8, then the channels big-endian.

    Parameters
    ----------
    first : int
        Number of the first sample; wraps at 256.
    values : ndarray, shape (n, channels)
    coding : str
        NumPy's word for a value: ``>u2`` or ``>i2``.
    """
    packed = np.zeros(len(values), np.dtype([("counter", "u1"), ("values", coding, (values.shape[1],))]))
    packed["counter"] = (first + np.arange(len(values))) & 0xFF
    packed["values"] = values
    return packed.tobytes()


class NpgLite(WornSensor):
    """One board.

    Parameters
    ----------
    name : str
        Advertised.
    leads : Leads
        As many channels as the firmware has, or fewer: the others hang loose.
    seed : int
    firmware : str
        Key of `FIRMWARES`.
    """

    driver: ClassVar[str] = "npg_lite"
    crystal_ppm: ClassVar[float] = 200.0  # samples come from a timer interrupt of a cheap board

    def __init__(self, name: str, leads: Leads, *, seed: int = 0, firmware: str = "3ch") -> None:
        self.firmware = FIRMWARES[firmware]
        loose = (None,) * (self.firmware.channels - len(leads.emg_uv))
        super().__init__(name, Leads((*leads.emg_uv, *loose), leads.imu), seed=seed)
        self._emg: Sampler | None = None
        self._imu: Sampler | None = None
        self._held = np.zeros((0, self.firmware.channels), np.int64)
        self._battery_s = 0.0

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Characteristics of this firmware."""
        table = [GattEntry(SERVICE, DATA, ("notify",)), GattEntry(SERVICE, CONTROL, ("read", "write", "notify"))]
        if self.firmware.battery:
            table.append(GattEntry(SERVICE, BATTERY, ("read", "notify")))
        if self.firmware.imu:
            table.append(GattEntry(SERVICE, IMU, ("notify",)))
        return tuple(table)

    @property
    def largest_mtu(self) -> int:
        """What the board offers."""
        return LARGEST_MTU

    def book(self) -> tuple[HostStep, ...]:
        """Listen to everything, ask who is there, start."""
        ports = [entry.uuid for entry in self.gatt_table if "notify" in entry.properties]
        ask = (Write(CONTROL, b"WHORU"), Wait(0.05), Write(CONTROL, b"START"))
        return (*(Subscribe(port) for port in ports), *ask)

    def advertisement(self) -> Advertisement:
        """Name and the example service that many sketches share."""
        return Advertisement(self.name, (SERVICE,))

    def read(self, uuid: str) -> bytes:
        """Battery, or the state as the control tells it."""
        if uuid == CONTROL:
            return self._state()
        if uuid == BATTERY and self.firmware.battery:
            return bytes((self.battery_percent(),))
        return super().read(uuid)

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Carry out a command."""
        if uuid != CONTROL:
            return super().write(uuid, data, mtu, world_s)
        self.now_s, self.mtu = world_s, mtu
        match bytes(data):
            case b"START":
                self._start(world_s)
                return [(CONTROL, self._state())] if self.firmware.answers else []
            case b"STOP":
                self._emg = self._imu = None
                return [(CONTROL, self._state())] if self.firmware.answers else []
            case b"WHORU":
                return [(CONTROL, b"NPG-LITE")]
            case b"STATUS":
                return [(CONTROL, self._state())]
        return [(CONTROL, b"UNKNOWN COMMAND")]

    def _state(self) -> bytes:
        return b"STOPPED" if self._emg is None else b"RUNNING"

    def _start(self, world_s: float) -> None:
        self._emg = Sampler(self.firmware.rate_hz * self.clock.rate, world_s)
        self._imu = Sampler(IMU_HZ * self.clock.rate, world_s) if self.firmware.imu else None
        self._held = self._held[:0]
        self._battery_s = world_s

    def disconnected(self) -> None:
        """Stop."""
        super().disconnected()
        self._emg = self._imu = None

    def next_due_s(self) -> float | None:
        """Time of the last sample of the next notification."""
        if self._emg is None:
            return None
        size = self.firmware.samples
        due_s = self._emg.world_s((self._emg.taken // size + 1) * size - 1)
        if self._imu is not None:
            due_s = min(due_s, self._imu.world_s((self._imu.taken // IMU_SAMPLES + 1) * IMU_SAMPLES - 1))
        return due_s

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Sample and send; what the link does not take is lost, and the counter goes on."""
        self.now_s = world_s
        if self.battery_percent() < STOPS_BELOW_PERCENT:
            self.powered = False
            self.disconnected()
        if self._emg is None:
            return []
        sent = self._emg_packets(self._emg, world_s)
        if self._imu is not None:
            sent += self._imu_packets(self._imu, world_s)
        if self.firmware.battery and world_s >= self._battery_s + BATTERY_EVERY_S:
            self._battery_s = world_s
            sent.append((world_s, BATTERY, bytes((self.battery_percent(),))))
        room = self.mtu - ATT_HEADER_BYTES
        sent = [(ready_s, port, packet[:room]) for ready_s, port, packet in sent] if air else []
        return sorted(sent, key=lambda item: item[0])

    def _emg_packets(self, sampler: Sampler, world_s: float) -> list[Sent]:
        size = self.firmware.samples
        counts = np.rint(self.emg_uv(sampler.take(world_s)) / UV_PER_COUNT).astype(np.int64) + CENTRE
        held = np.concatenate([self._held, np.clip(counts, 0, FULL_COUNT)])
        first = sampler.taken - len(held)
        whole = len(held) // size * size
        self._held = held[whole:]
        return [
            (sampler.world_s(first + at + size - 1), DATA, counted(first + at, held[at : at + size], ">u2"))
            for at in range(0, whole, size)
        ]

    def _imu_packets(self, sampler: Sampler, world_s: float) -> list[Sent]:
        """Whole groups of accelerometer samples; the sampler waits at the group's end."""
        sent: list[Sent] = []
        while (ready_s := sampler.world_s(sampler.taken + IMU_SAMPLES - 1)) <= world_s:
            first = sampler.taken
            acc_g = self.motion(sampler.take(ready_s))[:, :3]
            counts = np.clip(np.rint(acc_g * COUNTS_PER_G), -32768, 32767).astype(np.int64)
            sent.append((ready_s, IMU, counted(first, counts, ">i2")))
        return sent
