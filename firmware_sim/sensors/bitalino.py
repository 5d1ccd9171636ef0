"""BITalino (r)evolution with its BLE module: a serial pipe in which frames are cut anywhere, CRC of four bits.

Covered: commands of one byte and which state takes them, rates, live and simulated signals, frames of one to six
channels of ten and six bits, sequence and CRC, version and status on the pipe, stop by the radio when the host leaves,
notifications of at most 20 bytes, as many in a connection event as the radio carries; when that is too few the pipe
overflows in the middle of a frame [inferred]. Not covered: digital outputs, what the battery threshold does.
"""

import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from firmware_sim.sensors.base import Advertisement, Answer, GattEntry, HostStep, Sent, Subscribe, Wait, Write
from firmware_sim.sensors.worn import Array, Leads, Sampler, WornSensor

SERVICE = "c566488a-0882-4e1b-a6d0-0b717e652234"
COMMANDS, FRAMES = "4051eb11-bf0a-4c74-8730-a48f4193fcea", "40fdba6b-672e-47c4-808a-e529adff3633"
DEVICE_INFORMATION, MAKER = "0000180a-0000-1000-8000-00805f9b34fb", "00002a29-0000-1000-8000-00805f9b34fb"
GATT_TABLE = (
    GattEntry(SERVICE, COMMANDS, ("write", "read", "indicate")),
    GattEntry(SERVICE, FRAMES, ("read", "notify")),
    GattEntry(DEVICE_INFORMATION, MAKER, ("read",)),
)
RATES_HZ = {0x03: 1, 0x43: 10, 0x83: 100, 0xC3: 1000}
VERSION, STATUS = 0x07, 0x0B
STOPS = (0x00, 0xFF)
LIVE, SIMULATED = 1, 2  # low two bits of a start
CHANNELS, FINE = 6, 4  # the first four have ten bits, the others six
FRAME_BYTES = (3, 4, 6, 7, 8, 8)
CRC_TABLE = np.array([0, 3, 6, 5, 12, 15, 10, 9, 11, 8, 13, 14, 7, 4, 1, 2], np.uint8)
UV_PER_COUNT = 3.3e6 / 1024 / 1009
NOTIFICATION_BYTES, NOTIFICATIONS_PER_EVENT, PIPE_BYTES = 20, 6, 1023
USUAL_EVENT_S = 0.0075  # of a link that has no intervals
INPUTS = 0b1100  # both inputs are pulled up, both outputs off


def frames(values: NDArray[np.int64], first: int, digital: int) -> NDArray[np.uint8]:
    """Pack samples, one frame each.

    Parameters
    ----------
    values : ndarray, shape (n, channels)
        The first four columns of ten bits, the others of six.
    first : int
        Number of the first sample; 4 bits are sent.
    digital : int
        Inputs and outputs, 4 bits.

    Returns
    -------
    ndarray, shape (n, bytes of a frame)
        Read backwards from the last byte but one a frame is one string of bits, the highest first.
    """
    columns = values.shape[1]
    size = FRAME_BYTES[columns - 1]
    fields = [(np.full(len(values), digital), 4)]
    fields += [(values[:, number], 10 if number < FINE else 6) for number in range(columns)]
    bits = np.hstack([field[:, None] >> np.arange(width - 1, -1, -1) & 1 for field, width in fields])
    body = np.packbits(bits.astype(np.uint8), axis=1)
    packed = np.zeros((len(values), size), np.uint8)
    packed[:, size - 1 - body.shape[1] : size - 1] = body[:, ::-1]
    packed[:, -1] = (first + np.arange(len(values))) % 16 << 4
    packed[:, -1] |= _crc(packed)
    return packed


def _crc(packed: NDArray[np.uint8]) -> NDArray[np.integer]:
    """CRC-4 of frames whose last byte has zero in its low nibble."""
    state: NDArray[np.integer] = np.zeros(len(packed), np.uint8)
    for column in range(packed.shape[1] - 1):
        state = CRC_TABLE[state] ^ packed[:, column] >> 4
        state = CRC_TABLE[state] ^ packed[:, column] & 15
    return np.asarray(CRC_TABLE[CRC_TABLE[state] ^ packed[:, -1] >> 4])


class Bitalino(WornSensor):
    """One board.

    Parameters
    ----------
    name : str
    leads : Leads
        Up to six plug-in sensors, A1 first.
    seed : int
    rate_hz : int
        What the host by the book asks for: 1, 10, 100 or 1000.
    """

    driver: ClassVar[str] = "bitalino"
    crystal_ppm: ClassVar[float] = 100.0

    def __init__(self, name: str, leads: Leads, *, seed: int = 0, rate_hz: int = 1000) -> None:
        self._asked = (rate_hz, (1 << len(leads.emg_uv)) - 1)
        loose = (None,) * (CHANNELS - len(leads.emg_uv))
        super().__init__(name, Leads((*leads.emg_uv, *loose), leads.imu), seed=seed)
        self._rate_hz = 1000
        self._threshold = 0
        self._columns: tuple[int, ...] = ()
        self._simulated = False
        self._run: Sampler | None = None
        self._pipe = b""
        self._every_s = USUAL_EVENT_S
        self._event_s = 0.0

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Commands, frames, maker."""
        return GATT_TABLE

    def book(self) -> tuple[HostStep, ...]:
        """Listen, set the rate, start."""
        rate_hz, mask = self._asked
        rate = next(code for code, offered_hz in RATES_HZ.items() if offered_hz == rate_hz)
        talk = (Write(COMMANDS, bytes((rate,))), Wait(0.03), Write(COMMANDS, bytes((LIVE | mask << 2,))))
        return (Subscribe(FRAMES), *talk)

    def advertisement(self) -> Advertisement:
        """Name and service."""
        return Advertisement(self.name, (SERVICE,))

    def connected(self, world_s: float, interval_s: float) -> None:
        """Count connection events from here."""
        super().connected(world_s, interval_s)
        self._every_s, self._event_s = interval_s or USUAL_EVENT_S, world_s

    def disconnected(self) -> None:
        """Let the radio stop the board."""
        super().disconnected()
        self._run, self._pipe = None, b""

    def read(self, uuid: str) -> bytes:
        """Maker; the pipe has nothing to read."""
        if uuid == MAKER:
            return b"Plux"
        return b"" if uuid in {COMMANDS, FRAMES} else super().read(uuid)

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Carry out commands, one for each byte; answers stand in the pipe."""
        if uuid != COMMANDS:
            return super().write(uuid, data, mtu, world_s)
        self.now_s, self.mtu = world_s, mtu
        said = b"".join(self._carry_out(byte) for byte in data)
        if self._pipe:
            self._pipe += said
            return []
        return [(FRAMES, said[at : at + NOTIFICATION_BYTES]) for at in range(0, len(said), NOTIFICATION_BYTES)]

    def _carry_out(self, command: int) -> bytes:
        """Do what one byte asks for; while it measures, the board understands nothing but stop."""
        if self._run is not None:
            if command in STOPS:
                self._run = None
            return b""
        if command in RATES_HZ:
            self._rate_hz = RATES_HZ[command]
        elif command == VERSION:
            return b"BITalino_v5.2\n"
        elif command == STATUS:
            return self._status()
        elif command & 3 in {LIVE, SIMULATED} and command >> 2:
            self._simulated = command & 3 == SIMULATED
            self._columns = tuple(channel for channel in range(CHANNELS) if command >> 2 & 1 << channel)
            self._run = Sampler(self._rate_hz * self.clock.rate, self.now_s)
            self._event_s += self._every_s * max(0, math.ceil((self.now_s - self._event_s) / self._every_s))
        elif command & 3 == 0:
            self._threshold = command >> 2
        return b""

    def _status(self) -> bytes:
        """Six channels, battery (u16 each, little-endian), threshold, inputs and outputs."""
        values = self._counts(np.array([self.now_s]), range(CHANNELS))[0].tolist()
        words = [*values, 511 + 2 * self.battery_percent()]
        return b"".join(int(word).to_bytes(2, "little") for word in words) + bytes((self._threshold, INPUTS << 4))

    def next_due_s(self) -> float | None:
        """Time of the next connection event."""
        return self._event_s if self._run is not None else None

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Sample into the pipe, and send at connection events what they carry."""
        self.now_s = world_s
        if self._run is None or self._event_s > world_s:
            return []
        events = int((world_s - self._event_s) / self._every_s + 1e-9) + 1
        times_s = (self._event_s + self._every_s * np.arange(events)).tolist()
        self._event_s += self._every_s * events
        first = self._run.taken
        packed = frames(self._counts(self._run.take(times_s[-1]), self._columns), first, INPUTS)
        fresh, size, at = packed.tobytes(), packed.shape[1], 0
        sent: list[Sent] = []
        for event_s in times_s:
            end = min(len(fresh), max(0, self._run.taken_by(event_s) - first) * size)
            self._pipe = (self._pipe + fresh[at:end])[:PIPE_BYTES]
            at = end
            for _ in range(NOTIFICATIONS_PER_EVENT if air else 0):
                if not self._pipe:
                    break
                sent.append((event_s, FRAMES, self._pipe[:NOTIFICATION_BYTES]))
                self._pipe = self._pipe[NOTIFICATION_BYTES:]
        return sent

    def _counts(self, times_s: Array, columns: tuple[int, ...] | range) -> NDArray[np.int64]:
        """Give the counts of the chosen channels, those from the fifth chosen on at six bits; shape (n, channels)."""
        if self._simulated:
            uv = np.tile(1000.0 * np.sin(2 * np.pi * 10.0 * times_s)[:, None], (1, CHANNELS))
        else:
            uv = self.emg_uv(times_s)
        counts = np.clip(np.rint(uv / UV_PER_COUNT) + 512, 0, 1023).astype(np.int64)[:, list(columns)]
        counts[:, FINE:] >>= 4
        return np.asarray(counts)
