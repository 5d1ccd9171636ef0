"""OpenBCI Ganglion: four leads at 200 Hz, squeezed into packets of twenty bytes; firmware 3, or 2 with differences.

Covered: one-letter commands (only the first byte of a write counts), reset by a connection, text answers in packets
206 and 207, 18 bits with the accelerometer on and 19 without (firmware 3), differences of 18 or 19 bits after a whole
packet 0 (firmware 2), packet numbers of a round of 100 that begin with a stale one, the sample that firmware 3 computes
at each turn of the round and does not send, channels switched off, square wave. Not covered: impedance, battery (the
board has no word for it), the disputed axes of the accelerometer beyond the firmware's own order.
"""

import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from firmware_sim.sensors.base import Advertisement, Answer, GattEntry, HostStep, Read, Sent, Subscribe, Wait, Write
from firmware_sim.sensors.worn import Array, Leads, Sampler, WornSensor

SERVICE = "0000fe84-0000-1000-8000-00805f9b34fb"
DATA, COMMAND, HANG_UP = (f"2d30c08{digit}-f39f-4ce6-923f-3484ea480596" for digit in "234")
DEVICE_INFORMATION, SOFTWARE = "0000180a-0000-1000-8000-00805f9b34fb", "00002a28-0000-1000-8000-00805f9b34fb"
GATT_TABLE = (
    GattEntry(SERVICE, DATA, ("read", "notify")),
    GattEntry(SERVICE, COMMAND, ("write", "write-without-response")),
    GattEntry(SERVICE, HANG_UP, ("write", "write-without-response")),
    GattEntry(DEVICE_INFORMATION, SOFTWARE, ("read",)),
)
RATE_HZ, CHANNELS, ROUND = 200, 4, 100
UV_PER_COUNT = 1.2e6 / (8388607 * 1.5 * 51)
FULL_COUNT = (1 << 23) - 1
ACC_COUNTS_PER_G = 64.0
AVERAGED = 8  # the converter sums over its period, which takes out most of what 200 Hz cannot show
MORE_TEXT, LAST_TEXT = 206, 207
STALE_18, STALE_19, FIRST_19 = 0xFF, 99, 100
SQUARE_UV, SQUARE_HZ = 1875.0, 1.0


def packed_fields(fields: NDArray[np.int64], bits: int) -> bytes:
    """Lowest `bits` of each of eight fields, highest bit first, behind each other; 18 bytes or 19."""
    places = np.arange(bits - 1, -1, -1)
    return np.packbits((fields[:, None] >> places & 1).astype(np.uint8).ravel()).tobytes()


def absolute_fields(counts: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """Top bits of 24-bit samples, the lowest replaced by the sign (firmware 3)."""
    return np.asarray((counts >> (24 - bits)) & ~1 | (counts < 0))


def difference_fields(differences: NDArray[np.int64]) -> NDArray[np.int64]:
    """Differences with the lowest bit replaced by the sign (firmware 2)."""
    return np.asarray(differences & ~1 | (differences < 0))


class Ganglion(WornSensor):
    """One board.

    Parameters
    ----------
    name : str
    leads : Leads
        Up to four channels.
    seed : int
    firmware : int
        3 or 2.
    accelerometer : bool
        Whether the host by the book switches it on.
    """

    driver: ClassVar[str] = "ganglion"
    crystal_ppm: ClassVar[float] = 100.0

    def __init__(
        self, name: str, leads: Leads, *, seed: int = 0, firmware: int = 3, accelerometer: bool = False
    ) -> None:
        loose = (None,) * (CHANNELS - len(leads.emg_uv))
        super().__init__(name, Leads((*leads.emg_uv, *loose), leads.imu), seed=seed)
        self._firmware, self._asked_accelerometer = firmware, accelerometer
        self._reset()

    def _reset(self) -> None:
        self._run: Sampler | None = None
        self._accelerometer = self._square = False
        self._on = np.ones(CHANNELS, bool)
        self._held = np.zeros((0, CHANNELS), np.int64)
        self._held_first = 0
        self._number = 0
        self._last = np.zeros(CHANNELS, np.int64)

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Data, commands, hang-up, software revision."""
        return GATT_TABLE

    def book(self) -> tuple[HostStep, ...]:
        """Ask for the firmware, listen, start."""
        motion = (Write(COMMAND, b"n"), Wait(0.05)) if self._asked_accelerometer else ()
        return (Read(SOFTWARE), Subscribe(DATA), *motion, Write(COMMAND, b"b"))

    def advertisement(self) -> Advertisement:
        """Name alone."""
        return Advertisement(self.name, (SERVICE,))

    def connected(self, world_s: float, interval_s: float) -> None:
        """Reset the board."""
        super().connected(world_s, interval_s)
        self._reset()

    def disconnected(self) -> None:
        """Stop."""
        super().disconnected()
        self._run = None

    def read(self, uuid: str) -> bytes:
        """Software revision; the data characteristic has nothing to read."""
        if uuid == SOFTWARE:
            return b"3.0.2" if self._firmware == 3 else b"2.0.0"
        return b"" if uuid == DATA else super().read(uuid)

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Carry out a letter."""
        if uuid not in {COMMAND, HANG_UP}:
            return super().write(uuid, data, mtu, world_s)
        self.now_s, self.mtu = world_s, mtu
        letter = chr(data[0]) if data else ""
        if uuid == HANG_UP or letter == "s":
            self._run = None
        elif letter == "b":
            self._start()
        elif letter == "v":
            self._reset()
            return _text("OpenBCI Ganglion v3.0.2 (simulated)\n")
        elif letter in {"n", "N"}:
            self._accelerometer = letter == "n"
        elif letter in {"[", "]"}:
            self._square = letter == "["
        elif letter and letter in "1234":
            self._on[int(letter) - 1] = False
        elif letter and letter in "!@#$":
            self._on["!@#$".index(letter)] = True
        return []

    def _start(self) -> None:
        self._run = Sampler(RATE_HZ * self.clock.rate, self.now_s)
        self._held, self._held_first, self._number = self._held[:0], 0, -1 if self._firmware == 3 else 0
        self._last = np.zeros(CHANNELS, np.int64)

    def next_due_s(self) -> float | None:
        """Time of the sample that completes the next packet."""
        if self._run is None:
            return None
        return self._run.world_s(max(self._run.taken, self._held_first + self._wanted() - 1))

    def _wanted(self) -> int:
        """Count the samples of the next packet: one if stale or whole, three if one is not sent, else two."""
        if self._firmware == 2:
            return 1 if self._number == 0 else 2
        if self._number < 0:
            return 1
        return 3 if self._number == ROUND else 2

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Sample and send; what the link does not take is lost."""
        self.now_s = world_s
        if self._run is None:
            return []
        counts = self._counts(self._run.take(world_s))
        held = np.concatenate([self._held, counts]) if len(self._held) else counts
        sent: list[Sent] = []
        at = 0
        while len(held) - at >= (wanted := self._wanted()):
            at += wanted
            ready_s = self._run.world_s(self._held_first + at - 1)
            sent.append((ready_s, DATA, self._packet(held[at - wanted : at], ready_s)))
        self._held, self._held_first = held[at:], self._held_first + at
        return sent if air else []

    def _packet(self, counts: NDArray[np.int64], ready_s: float) -> bytes:
        return self._packet_3(counts, ready_s) if self._firmware == 3 else self._packet_2(counts)

    def _packet_3(self, counts: NDArray[np.int64], ready_s: float) -> bytes:
        """Absolute samples; the first packet after a start is stale, and a round begins behind a sample left out."""
        bits = 18 if self._accelerometer else 19
        stale = self._number < 0
        if self._number == ROUND:
            self._number = 0
        number, self._number = self._number, self._number + 1
        pair = np.concatenate([np.zeros((1, CHANNELS), np.int64), counts]) if stale else counts[-2:]
        body = packed_fields(absolute_fields(pair.ravel(), bits), bits)
        if not self._accelerometer:
            return bytes((STALE_19 if stale else FIRST_19 + number,)) + body
        axis = {1: 0, 2: 1, 3: 2}.get(number % 10)
        acc_g = self.motion(np.array([ready_s]))[0, axis] if axis is not None else 0.0
        acc = int(np.clip(round(acc_g * ACC_COUNTS_PER_G), -128, 127)) & 0xFF
        return bytes((STALE_18 if stale else number,)) + body + bytes((acc,))

    def _packet_2(self, counts: NDArray[np.int64]) -> bytes:
        """One whole sample, then a round of differences."""
        number = self._number
        self._number = (number + 1) % (ROUND + 1)
        if number == 0:
            self._last = counts[0]
            return b"\0" + b"".join(int(value).to_bytes(3, "big", signed=True) for value in counts[0]) + bytes(7)
        bits = 18 if self._accelerometer else 19
        limit = 1 << bits  # the sign has its own place, the lowest bit
        fields = []
        for sample in counts:
            sent = difference_fields(np.clip(self._last - sample, 1 - limit, limit - 1))
            self._last = self._last - sent  # as the host will have it, so that no error piles up
            fields.append(sent)
        body = packed_fields(np.concatenate(fields), bits)
        return bytes((number if self._accelerometer else FIRST_19 + number,)) + body + bytes(19 - len(body))

    def _counts(self, times_s: Array) -> NDArray[np.int64]:
        """Mean over each sample's period, counts."""
        steps_s = (np.arange(AVERAGED) / AVERAGED - 1.0) / RATE_HZ
        fine = self.emg_uv((times_s[:, None] + steps_s).ravel())
        uv = fine.reshape(times_s.size, AVERAGED, CHANNELS).mean(axis=1)
        if self._square:
            high = np.array([math.floor(2 * SQUARE_HZ * time_s) % 2 == 0 for time_s in times_s])
            uv = np.where(high[:, None], SQUARE_UV, -SQUARE_UV) * np.ones((1, CHANNELS))
        counts = np.clip(np.rint(uv / UV_PER_COUNT), -FULL_COUNT - 1, FULL_COUNT)
        return np.asarray(counts * self._on, np.int64)


def _text(text: str) -> list[Answer]:
    """Packets of up to nineteen letters."""
    pieces = [text[at : at + 19].encode() for at in range(0, len(text), 19)]
    heads = [MORE_TEXT] * (len(pieces) - 1) + [LAST_TEXT]
    return [(DATA, bytes((head,)) + piece) for head, piece in zip(heads, pieces, strict=True)]
