"""Shimmer3R with the ExG board: two EMG channels, an IMU, and a serial line in which answers stand between frames.

Covered: byte commands with acknowledgements, refusal of settings while it streams, inquiry that tells the order of
the channels, registers of the amplifier, board power (without it the EMG reads zero), checksums of one and two bytes
on every message (an answer and its acknowledgement are one message; the command that switches them on is answered
with them), notifications that cut frames anywhere, send buffer of 4096 bytes that drops whole frames, electrode offset
of tens of mV, both ways to use the pair of characteristics. Not covered: memory card, data-rate test, clock of the day,
the second EMG chip, ranges of the accelerometer; bytes of battery and version are plausible, not the maker's.
"""

import struct
from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np

from firmware_sim.sensors import shimmer_frames as frames
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

SERVICE = "65333333-a115-11e2-9e9a-0800200ca100"
PIPE_1, PIPE_2 = "65333333-a115-11e2-9e9a-0800200ca101", "65333333-a115-11e2-9e9a-0800200ca102"
TABLES: Mapping[str, tuple[GattEntry, ...]] = {
    "sdk": (GattEntry(SERVICE, PIPE_1, ("notify",)), GattEntry(SERVICE, PIPE_2, ("write", "write-without-response"))),
    "module": (
        GattEntry(SERVICE, PIPE_1, ("write", "indicate")),
        GattEntry(SERVICE, PIPE_2, ("write-without-response", "notify")),
    ),
}
ACK, NACK, IN_STREAM = 0xFF, 0xFE, 0x8A
INQUIRY, SET_RATE, START, SET_SENSORS, STOP = 0x01, 0x05, 0x07, 0x08, 0x20
GET_VERSION, SET_GYRO_RANGE, SET_POWER, SET_REGISTERS = 0x2E, 0x49, 0x5E, 0x61
GET_STATUS, SET_CRC, GET_BATTERY, GET_ACC_CALIBRATION, GET_GYRO_CALIBRATION = 0x72, 0x8B, 0x95, 0x13, 0x16
ARGUMENTS = {SET_RATE: 2, SET_SENSORS: 3, SET_GYRO_RANGE: 1, SET_POWER: 1, SET_REGISTERS: 13, SET_CRC: 1}
EMG_REGISTERS = (bytes.fromhex("02A8106960200000 0203"), bytes.fromhex("02A010E1E1000000 0201"))
SEND_EVERY_S, SEND_BUFFER_BYTES = 0.02, 4096
LARGEST_OFFSET_UV = 60_000.0
_WRITES = frozenset({"write", "write-without-response"})
DEFAULT_SENSORS = frames.GYRO | frames.LOW_NOISE_ACC | frames.EXG1


class Shimmer3R(WornSensor):
    """One unit.

    Parameters
    ----------
    name : str
    leads : Leads
        Two channels.
    seed : int
    pipe : str
        ``sdk``: notifications of …101, writes to …102; ``module``: each can do both, one confirmed, one not.
    chunk_bytes : int, optional
        Longest notification; what the MTU carries when absent.
    rate_hz, crc : int
        What the host by the book asks for: rate, and checksum bytes (0, 1, 2).
    """

    driver: ClassVar[str] = "shimmer3r"
    crystal_ppm: ClassVar[float] = 30.0

    def __init__(
        self,
        name: str,
        leads: Leads,
        *,
        seed: int = 0,
        pipe: str = "sdk",
        chunk_bytes: int | None = None,
        rate_hz: int = 512,
        crc: int = 2,
    ) -> None:
        super().__init__(name, leads, seed=seed)
        self._table, self._chunk_bytes = TABLES[pipe], chunk_bytes
        self._asked_rate_hz, self._asked_crc = rate_hz, crc
        self._offset_uv = self.rng.uniform(-LARGEST_OFFSET_UV, LARGEST_OFFSET_UV, 2)
        self._ticks_at_boot = int(self.rng.integers(0, 1 << 24))
        self._divisor, self._mask, self._gyro_range = 640, frames.GYRO, 1
        self._powered_board, self._crc_bytes = False, 0
        self._registers = [bytearray(10), bytearray(10)]
        self._typed = bytearray()
        self._run: Sampler | None = None
        self._form = frames.layout(self._mask)
        self._first_tick = 0
        self._send_s = 0.0
        self._buffer = b""
        self._settings: dict[int, Callable[[bytes], None]] = {
            SET_RATE: self._set_rate,
            SET_SENSORS: self._set_sensors,
            SET_GYRO_RANGE: self._set_gyro_range,
            SET_POWER: self._set_power,
            SET_REGISTERS: self._set_registers,
        }
        self._answers: dict[int, Callable[[], bytes]] = {
            INQUIRY: self._inquiry,
            GET_VERSION: lambda: bytes((0x2F,)) + struct.pack("<HHBB", 3, 1, 0, 0),
            GET_STATUS: lambda: bytes((IN_STREAM, 0x71, 0x12 if self._run is not None else 0, 0)),
            GET_BATTERY: lambda: bytes((IN_STREAM, 0x94)) + struct.pack("<HB", 2000 + 8 * self.battery_percent(), 0x80),
            GET_ACC_CALIBRATION: lambda: b"\x12" + _calibration(frames.ACC_COUNTS_PER_M_S2),
            GET_GYRO_CALIBRATION: lambda: b"\x15" + _calibration(frames.GYRO_COUNTS_PER_DPS[self._gyro_range] * 100),
        }

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """The two ends of the serial line."""
        return self._table

    def book(self) -> tuple[HostStep, ...]:
        """Version, rate, board power, registers, gyroscope range, sensors, inquiry, checksum, start."""
        mask = DEFAULT_SENSORS.to_bytes(3, "little")
        divisor = (frames.TICKS_HZ // self._asked_rate_hz).to_bytes(2, "little")
        commands: list[tuple[bytes, float]] = [
            (bytes((GET_VERSION,)), 0.03),
            (bytes((SET_RATE,)) + divisor, 0.03),
            (bytes((SET_POWER, 1)), 0.03),
            (bytes((SET_REGISTERS, 0, 0, 10)) + EMG_REGISTERS[0], 0.2),
            (bytes((SET_REGISTERS, 1, 0, 10)) + EMG_REGISTERS[1], 0.03),
            (bytes((SET_GYRO_RANGE, 1)), 0.03),
            (bytes((SET_SENSORS,)) + mask, 0.03),
            (bytes((INQUIRY,)), 0.03),
            (bytes((SET_CRC, self._asked_crc)), 0.03),
            (bytes((START,)), 0.0),
        ]
        heard = PIPE_1 if self._table is TABLES["sdk"] else PIPE_2
        talk = [step for data, wait_s in commands for step in (Write(PIPE_2, data), Wait(wait_s))]
        return (Subscribe(heard), *talk[:-1])

    def advertisement(self) -> Advertisement:
        """Name, and the service of the radio module."""
        return Advertisement(self.name, (SERVICE,))

    def disconnected(self) -> None:
        """Stop, and forget half a command."""
        super().disconnected()
        self._run, self._buffer = None, b""
        self._typed.clear()

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Take bytes of the serial line; the answers of all commands that are complete."""
        if not any(entry.uuid == uuid and _WRITES & set(entry.properties) for entry in self._table):
            return super().write(uuid, data, mtu, world_s)
        self.now_s, self.mtu = world_s, mtu
        self._typed += data
        said = b""
        while self._typed and len(self._typed) > ARGUMENTS.get(self._typed[0], 0):
            size = 1 + ARGUMENTS.get(self._typed[0], 0)
            command, arguments = self._typed[0], bytes(self._typed[1:size])
            del self._typed[:size]
            said += self._summed(self._carry_out(command, arguments))
        if self._buffer:  # behind the frames that still wait
            self._buffer += said
            return []
        return [(self._heard(), piece) for piece in self._pieces(said)]

    def _carry_out(self, command: int, arguments: bytes) -> bytes:
        if command in self._settings:
            if self._run is not None:
                return bytes((NACK,))
            self._settings[command](arguments)
        elif command == SET_CRC:
            self._crc_bytes = min(arguments[0], 2)
        elif command == START:
            self._start()
        elif command == STOP:
            self._run = None
        elif command in self._answers:
            return bytes((ACK,)) + self._answers[command]()
        else:
            return bytes((NACK,))
        return bytes((ACK,))

    def _set_rate(self, arguments: bytes) -> None:
        self._divisor = max(1, int.from_bytes(arguments, "little"))

    def _set_sensors(self, arguments: bytes) -> None:
        self._mask = int.from_bytes(arguments, "little")

    def _set_gyro_range(self, arguments: bytes) -> None:
        self._gyro_range = min(arguments[0], len(frames.GYRO_COUNTS_PER_DPS) - 1)

    def _set_power(self, arguments: bytes) -> None:
        self._powered_board = arguments[0] == 1

    def _set_registers(self, arguments: bytes) -> None:
        chip, start, length = arguments[:3]
        if chip < 2 and start + length <= 10:
            self._registers[chip][start : start + length] = arguments[3 : 3 + length]

    def _inquiry(self) -> bytes:
        """Rate, ranges, and the channels in the order of the frame."""
        ids = [channel for sensor in frames.layout(self._mask).sensors for channel in frames.CHANNELS[sensor]]
        ranges = (self._gyro_range & 3) << 16 | (self._gyro_range >> 2) << 34
        return b"\x02" + struct.pack("<H", self._divisor) + ranges.to_bytes(7, "little") + bytes((len(ids), 1, *ids))

    def _start(self) -> None:
        """Begin with a frame at the next tick."""
        self._run = Sampler(frames.TICKS_HZ * self.clock.rate / self._divisor, self.now_s)
        self._form = frames.layout(self._mask)
        self._first_tick = self._ticks_at_boot + self.clock.device_us(self.now_s) * frames.TICKS_HZ // 1_000_000
        self._send_s = self.now_s + SEND_EVERY_S

    def next_due_s(self) -> float | None:
        """Time at which the radio module is given the next bytes."""
        return None if self._run is None else self._send_s

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Sample, and hand bytes to the radio module every 20 ms; with `air=False` they wait in the buffer."""
        self.now_s = world_s
        run, sent = self._run, list[Sent]()
        if run is None or world_s < self._send_s:
            return sent
        sends_s = self._send_s + SEND_EVERY_S * np.arange(int((world_s - self._send_s) / SEND_EVERY_S + 1e-9) + 1)
        size = self._form.dtype.itemsize + self._crc_bytes
        at, first = 0, run.taken
        fresh = self._frames(run, float(sends_s[-1]))
        for send_s in sends_s.tolist():
            end = (run.taken_by(send_s) - first) * size
            room = max(0, SEND_BUFFER_BYTES - len(self._buffer)) // size * size
            self._buffer += fresh[at : min(end, at + room)]
            at = end
            if air:
                sent += [(send_s, self._heard(), piece) for piece in self._pieces(self._buffer)]
                self._buffer = b""
        self._send_s = float(sends_s[-1]) + SEND_EVERY_S
        return sent

    def _frames(self, run: Sampler, world_s: float) -> bytes:
        first = run.taken
        times_s = run.take(world_s)
        ticks = self._first_tick + np.arange(first, run.taken, dtype=np.int64) * self._divisor
        motion = self.motion(times_s)
        live = self._powered_board
        exg_uv = self.emg_uv(times_s) + self._offset_uv if live else np.zeros((times_s.size, 2))
        gain = frames.GAINS.get(self._registers[0][3] >> 4 & 7, 6)
        measured = frames.Measured(motion, earth_field_ut(quaternions(motion[:, :3])), exg_uv)
        packed = frames.frames(self._form, ticks, measured, gyro_range=self._gyro_range, gain=gain)
        if not self._crc_bytes:
            return packed
        rows = np.frombuffer(packed, np.uint8).reshape(-1, self._form.dtype.itemsize)
        sums = frames.checksums(rows).astype("<u2").view(np.uint8).reshape(-1, 2)[:, : self._crc_bytes]
        return np.hstack([rows, sums]).tobytes()

    def _summed(self, message: bytes) -> bytes:
        return message + frames.checksum(message).to_bytes(2, "little")[: self._crc_bytes]

    def _pieces(self, data: bytes) -> list[bytes]:
        """Cut bytes into notifications; the cuts mean nothing."""
        room = min(self.mtu - ATT_HEADER_BYTES, self._chunk_bytes or self.mtu)
        return [data[at : at + room] for at in range(0, len(data), room)]

    def _heard(self) -> str:
        """Characteristic on which the host listens."""
        return next((entry.uuid for entry in self._table if entry.uuid in self.listening), PIPE_1)


def _calibration(sensitivity: int) -> bytes:
    """Offset 0, sensitivity on three axes (int16, big-endian), alignment diag(-1, 1, -1) times 100."""
    alignment = struct.pack("9b", -100, 0, 0, 0, 100, 0, 0, 0, -100)
    return struct.pack(">6h", 0, 0, 0, sensitivity, sensitivity, sensitivity) + alignment
