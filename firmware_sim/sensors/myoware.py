"""MyoWare 2.0 on its wireless shield: whatever sketch its owner flashed; three public ones.

Covered: sketch A (decimal number a notification), B (numbers as lines of a serial pipe, cut anywhere), C (one byte, or
four sensors in four), envelope by the shield's circuit, rectified and raw signal, counts and millivolts, a loop whose
period jitters. Not covered: loss (the link's matter), other people's sketches. Period of the loop, time constant of
the envelope and gain of the rectified output are inferred.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from firmware_sim.sensors.base import Advertisement, Answer, GattEntry, HostStep, Sent, Subscribe
from firmware_sim.sensors.worn import Array, Leads, Sampler, WornSensor

_NORDIC_TAIL, _ARTEMIS_TAIL = "-b5a3-f393-e0a9-e50e24dcca9e", "-e8f2-537e-4f6c-d104768a1214"
FULL_COUNT, FULL_UV = 4095, 3.3e6
RAW_GAIN, RECTIFIED_GAIN = 200.0, 200.0
ENVELOPE_S = 0.044  # time constant of the circuit
CIRCUIT_HZ = 2000.0  # rate at which the circuit is computed
LINE_NOTIFICATION_BYTES = 20
_AT_ONCE = 1000  # samples; the decay over so many is still a number of full precision


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a public sketch is: its characteristics, where the value stands, and the period of its loop.

    `shortest_s` and `longest_s` bound the period, which is drawn anew for each value.
    """

    table: tuple[GattEntry, ...]
    port: str
    shortest_s: float
    longest_s: float


SKETCHES: Mapping[str, Sketch] = {
    "A": Sketch(
        (
            GattEntry(
                "ec3af789-2154-49f4-a9fc-bc6c88e9e930", "f3a56edf-8f1e-4533-93bf-5601b2e91308", ("read", "notify")
            ),
        ),
        "f3a56edf-8f1e-4533-93bf-5601b2e91308",
        0.010,
        0.014,
    ),
    "B": Sketch(
        (
            GattEntry("6e400001" + _NORDIC_TAIL, "6e400003" + _NORDIC_TAIL, ("notify",)),
            GattEntry("6e400001" + _NORDIC_TAIL, "6e400002" + _NORDIC_TAIL, ("write", "write-without-response")),
        ),
        "6e400003" + _NORDIC_TAIL,
        0.010,
        0.014,
    ),
    "C": Sketch(
        (GattEntry("19b10000" + _ARTEMIS_TAIL, "19b10001" + _ARTEMIS_TAIL, ("read", "write", "notify")),),
        "19b10001" + _ARTEMIS_TAIL,
        0.0102,
        0.0125,
    ),
}


def number_text(value: float) -> bytes:
    """Decimal number with two places."""
    return f"{value:.2f}".encode()


def smoothed(rectified_uv: Array, state_uv: Array) -> Array:
    """Run voltages through a resistor into a capacitor.

    Parameters
    ----------
    rectified_uv : ndarray, shape (n, channels)
        At `CIRCUIT_HZ`.
    state_uv : ndarray, shape (channels,)
        On the capacitor before the first one.

    Returns
    -------
    ndarray, shape (n, channels)
        On the capacitor; the last row is the next call's state.
    """
    kept = np.exp(-1.0 / (CIRCUIT_HZ * ENVELOPE_S))
    smooth = np.empty_like(rectified_uv)
    for start in range(0, len(rectified_uv), _AT_ONCE):
        part = rectified_uv[start : start + _AT_ONCE]
        decay = kept ** np.arange(1, len(part) + 1)[:, None]
        smooth[start : start + _AT_ONCE] = decay * (state_uv + np.cumsum((1.0 - kept) * part / decay, axis=0))
        state_uv = smooth[min(start + _AT_ONCE, len(smooth)) - 1]
    return smooth


class MyoWare(WornSensor):
    """One shield.

    Parameters
    ----------
    name : str
        As its owner wrote it into the sketch.
    leads : Leads
        One channel; up to four with sketch C, whose value then has four bytes.
    seed : int
    sketch : str
        Key of `SKETCHES`.
    signal : str
        ``envelope``, ``rectified`` or ``raw``; sketch C knows the envelope only.
    millivolts : bool
        `convertOutput` of the sketch: millivolts at the electrodes instead of counts.
    resistor_kohm : float
        Of the screw that sets the gain of the envelope.
    """

    driver: ClassVar[str] = "myoware"

    def __init__(
        self,
        name: str,
        leads: Leads,
        *,
        seed: int = 0,
        sketch: str = "A",
        signal: str = "envelope",
        millivolts: bool = False,
        resistor_kohm: float = 50.0,
    ) -> None:
        if sketch == "C" and signal != "envelope":
            raise ValueError("sketch C sends envelopes only")
        super().__init__(name, leads, seed=seed)
        self._sketch, self._lines, self._signal, self._millivolts = SKETCHES[sketch], sketch == "B", signal, millivolts
        self._bytes = sketch == "C"
        gains = {"raw": RAW_GAIN, "rectified": RECTIFIED_GAIN, "envelope": RAW_GAIN * (1.0 + resistor_kohm)}
        self._gain = gains[signal]
        self._circuit = Sampler(CIRCUIT_HZ, 0.0)
        self._state = np.zeros(len(leads.emg_uv))
        self._loop_s: float | None = None
        self._last = b""
        self._pipe = b""

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """What the sketch has."""
        return self._sketch.table

    def book(self) -> tuple[HostStep, ...]:
        """Listen: that is all."""
        return (Subscribe(self._sketch.port),)

    def advertisement(self) -> Advertisement:
        """Name and service."""
        return Advertisement(self.name, (self._sketch.table[0].service,))

    def subscribed(self, uuid: str, on: bool, mtu: int, world_s: float) -> None:
        """Send from here on, or no more."""
        super().subscribed(uuid, on, mtu, world_s)
        if uuid == self._sketch.port:
            self._loop_s = world_s if on else None
            self._circuit = Sampler(CIRCUIT_HZ, world_s)
            self._state = np.zeros(len(self.leads.emg_uv))
            self._pipe = b""

    def disconnected(self) -> None:
        """Stop."""
        super().disconnected()
        self._loop_s = None

    def read(self, uuid: str) -> bytes:
        """Newest value, where the sketch lets it be read."""
        readable = any(entry.uuid == uuid and "read" in entry.properties for entry in self.gatt_table)
        return self._last if readable else super().read(uuid)

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Take bytes that mean nothing to the sketch."""
        writable = any(entry.uuid == uuid and "write" in entry.properties for entry in self.gatt_table)
        return [] if writable else super().write(uuid, data, mtu, world_s)

    def next_due_s(self) -> float | None:
        """Time of the loop's next turn."""
        return self._loop_s

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Let the loop turn; what the link does not take is lost."""
        self.now_s = world_s
        if self._loop_s is None or self._loop_s > world_s:
            return []
        turns_s = []
        while self._loop_s <= world_s:
            turns_s.append(self._loop_s)
            self._loop_s += float(self.rng.uniform(self._sketch.shortest_s, self._sketch.longest_s))
        sent: list[Sent] = []
        for turn_s, row in zip(turns_s, self._outputs(np.array(turns_s)), strict=True):
            self._last = self._value(row)
            if not self._lines:
                sent.append((turn_s, self._sketch.port, self._last))
                continue
            self._pipe += self._last + b"\n"
            while len(self._pipe) >= LINE_NOTIFICATION_BYTES:
                sent.append((turn_s, self._sketch.port, self._pipe[:LINE_NOTIFICATION_BYTES]))
                self._pipe = self._pipe[LINE_NOTIFICATION_BYTES:]
        return sent if air else []

    def _value(self, counts: NDArray[np.int64]) -> bytes:
        """Say a row of counts as the sketch does."""
        if self._bytes:
            return (counts >> 4).astype(np.uint8).tobytes()
        if not self._millivolts:
            return number_text(float(counts[0]))
        return number_text(float(counts[0]) / FULL_COUNT * FULL_UV / 1000 / self._gain)

    def _outputs(self, turns_s: Array) -> NDArray[np.int64]:
        """Give the counts of the converter at each turn, shape (n, channels)."""
        if self._signal == "raw":
            uv = self.emg_uv(turns_s)
        elif self._signal == "rectified":
            uv = np.abs(self.emg_uv(turns_s))
        else:
            uv = self._envelope_uv(turns_s)
        counts = np.rint(self._gain * uv / FULL_UV * FULL_COUNT)
        return np.clip(counts, -FULL_COUNT if self._signal == "raw" else 0, FULL_COUNT).astype(np.int64)

    def _envelope_uv(self, turns_s: Array) -> Array:
        """Rectified and smoothed by a resistor and a capacitor, at the newest moment before each turn."""
        first = self._circuit.taken
        times_s = self._circuit.take(float(turns_s[-1]))
        smooth = smoothed(np.abs(self.emg_uv(times_s)), self._state)
        self._state = smooth[-1]
        taken = np.array([self._circuit.taken_by(turn_s) for turn_s in turns_s.tolist()]) - 1 - first
        return np.asarray(smooth[taken])
