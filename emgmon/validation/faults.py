"""What each kind of sensor and each fault come to: what is lost and counted, what the user is told, what goes on.

Truth is the simulator's: the same session over a healthy link gives so many samples of each stream; what a faulty one
gives less is missing, and must be counted. A kind of which no number or time says what is missing is called so. For
short counters the documents of their drivers allow more: that difference is shown, not hidden.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import takewhile

import numpy as np

import firmware_sim
from emgmon.model import (
    ChannelQuality,
    DeviceChanged,
    Entry,
    Event,
    Mark,
    Notice,
    Packet,
    QualityChanged,
)
from emgmon.pipeline import Pipeline
from emgmon.validation.harm import Harm, damaged, jittered, rebooted, reordered, slowed, time_s
from firmware_sim.faults import Faults, Window
from firmware_sim.kits import KITS, Unit
from firmware_sim.stream import HOST_EPOCH_NS

LENGTH_S = 18.0
SEED = 7_310_000
RETURN_S = 0.06
"""A hole between two connections is known to so much: nobody saw its edges but through two links' delays."""

UNSURE_S = {"polar_h10": 0.56, "umyo": 0.23}
"""More than that: the length of a packet that is not sent yet at the end; what a memory held at the start."""

SHORT_S = 0.2
"""What may go unseen, or be counted too much, where a counter wraps within the link's own delays."""

SHORT_COUNTERS = frozenset({"bitalino", "myo"})
UNNUMBERED = frozenset({("umyo", "imu"), ("myo", "imu")})
"""Streams that bear neither number nor time, of sensors whose other streams do."""

AWAY_S, GONE_S, BOOT_S = 5.0, 8.0, 10.0


class Outcome(StrEnum):
    """What a cell comes to."""

    KEPT = "kept"
    LIMIT = "limit"
    UNSEEN = "no evidence"
    IMPOSSIBLE = "cannot be"
    MISSED = "MISSED"


@dataclass(frozen=True, slots=True)
class Count:
    """Samples of one stream that are missing in truth, and that were counted as lost."""

    quantity: str
    missing: int
    counted: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of sensor under one fault.

    Attributes
    ----------
    sensor, fault : str
    outcome : Outcome
    counts : tuple of Count
        Empty where the sensor never streamed.
    seen : str
        What the user is told and shown beyond a healthy session.
    why : str
        What was missed, if anything.
    """

    sensor: str
    fault: str
    outcome: Outcome
    counts: tuple[Count, ...]
    seen: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done: harm to a healthy session, or a link of the simulator's that goes; `absent` says that it goes."""

    harm: Harm | None = None
    windows: tuple[tuple[float, float], ...] = ()
    absent: bool = False
    returns: bool = True


FAULTS: Mapping[str, Fault] = {
    "drop 1 %": Fault(damaged(Faults(loss_share=0.01))),
    "bursts of 8": Fault(damaged(Faults(loss_share=0.05, loss_burst=8.0))),
    "duplicates": Fault(damaged(Faults(duplicate_share=0.02))),
    "out of order": Fault(reordered(0.02)),
    "5 s away": Fault(windows=((AWAY_S, 5.0),), absent=True),
    "away for good": Fault(windows=((GONE_S, float("inf")),), absent=True, returns=False),
    "wrong bits": Fault(damaged(Faults(corrupt_share=0.02))),
    "cut short": Fault(damaged(Faults(truncate_share=0.01))),
    "clock +100 ppm": Fault(slowed(-100.0)),
    "clock -100 ppm": Fault(slowed(100.0)),
    "jitter 100 ms": Fault(jittered(0.1)),
    "reboots": Fault(rebooted(GONE_S, BOOT_S), absent=True),
}
"""Faults that need no radio; those that do are in `emgmon.validation.refusals`."""


def kinds() -> dict[str, tuple[str, Unit]]:
    """One sensor of each kind that the simulator knows, with its kit."""
    found: dict[str, tuple[str, Unit]] = {}
    for kit, units in KITS.items():
        for unit in units:
            found.setdefault(unit.kind, (kit, unit))
    return found


def without_radio(sensors: Sequence[str], told: Callable[[Cell], None]) -> list[Cell]:
    """Run each fault of `FAULTS` on each of these kinds; tells of each cell as soon as it is done."""
    cells = []
    for name in sensors:
        kit, unit = kinds()[name]
        tape = partial(_tape, kit, unit)
        healthy = tape(None)
        driver = next(str(e.data["driver"]) for e in healthy if isinstance(e, Mark) and e.kind == "device")
        before = _analysed(healthy)
        for number, (fault, how) in enumerate(FAULTS.items()):
            try:
                after = _analysed(_harmed(how, healthy, unit.name, tape, np.random.default_rng([SEED, number])))
            except Exception as error:  # noqa: BLE001 - that nothing is raised is what is measured
                cells.append(Cell(name, fault, Outcome.MISSED, (), "", f"{type(error).__name__}: {error}"))
            else:
                cells.append(_judged(name, fault, how, driver, before, after))
            told(cells[-1])
    return cells


def _tape(kit: str, unit: Unit, faults: Faults | None) -> list[Entry]:
    """Entries of a simulated session of one sensor, of which one channel is worn."""
    script = firmware_sim.bridges(2, seed=1)
    end_ns = HOST_EPOCH_NS + round(LENGTH_S * 1e9)
    records = firmware_sim.stream(script, seed=1, kit=kit, sensors=[unit.name], faults=faults)
    out: list[Entry] = [
        Packet(record.device, record.port, record.host_ns, record.payload)
        if record.tag == "packet"
        else Mark(record.host_ns, record.kind, _one_channel(record.kind, record.data))
        for record in takewhile(lambda record: record.host_ns < end_ns, records)
    ]
    return [*out, Mark(end_ns, "set_stop")]


def _one_channel(kind: str, data: Mapping[str, object]) -> Mapping[str, object]:
    """Leave all but one channel of a box unnamed: the others would only cost time."""
    channels = data.get("channels")
    if kind != "placement" or not isinstance(channels, dict) or "emg" not in channels:
        return data
    first = next(place for place in channels["emg"] if place)
    return {**data, "channels": {**channels, "emg": [p if p == first else None for p in channels["emg"]]}}


def _harmed(
    how: Fault,
    healthy: Sequence[Entry],
    device: str,
    tape: Callable[[Faults | None], list[Entry]],
    rng: np.random.Generator,
) -> list[Entry]:
    if how.harm is not None:
        return how.harm(healthy, rng)
    return tape(Faults(outages=tuple(Window(device, t_s, length_s) for t_s, length_s in how.windows)))


@dataclass(frozen=True, slots=True)
class _Analysed:
    events: list[Event]
    streams: dict[str, ChannelQuality]
    left_s: float


def _analysed(entries: Sequence[Entry]) -> _Analysed:
    pipeline = Pipeline()
    events = [event for entry in entries for event in pipeline.feed(entry)] + pipeline.close()
    summary = pipeline.summary()
    streams: dict[str, ChannelQuality] = {}
    for channel in summary.channels:
        streams.setdefault(channel.quantity, channel)
    return _Analysed(events, streams, time_s(entries[-1]) - time_s(entries[0]) - summary.duration_s)


def _judged(name: str, fault: str, how: Fault, driver: str, before: _Analysed, after: _Analysed) -> Cell:
    counts, outcomes = [], []
    unsure_s = RETURN_S + UNSURE_S.get(driver, 0.0)
    for quantity, was in before.streams.items():
        now = after.streams.get(quantity)
        if now is None:
            return Cell(name, fault, Outcome.MISSED, (), "", f"{quantity} never came")
        count = Count(quantity, was.samples - now.samples, now.lost - was.lost)
        counts.append(count)
        numbered = was.loss_evidence != "none" and (driver, quantity) not in UNNUMBERED
        outcomes.append(_outcome(count, was.fs_hz, numbered, driver in SHORT_COUNTERS, unsure_s if how.absent else 0.0))
    states = [event.state for event in after.events if isinstance(event, DeviceChanged)]
    why = [f"{c.quantity}: {c.missing} are missing, {c.counted} counted" for c in _missed(counts, outcomes)]
    if abs(after.left_s) > 1e-6:
        why.append("the session ended early")
    if (states[-1] == "streaming") is not how.returns:
        why.append(f"the sensor is {states[-1]} at the end")
    if how.absent and "lost" not in states:
        why.append("nobody was told that the sensor is away")
    worst = max(outcomes, key=tuple(Outcome).index, default=Outcome.KEPT)
    return Cell(name, fault, Outcome.MISSED if why else worst, tuple(counts), _seen(before, after), "; ".join(why))


def _missed(counts: Sequence[Count], outcomes: Sequence[Outcome]) -> Iterator[Count]:
    return (count for count, outcome in zip(counts, outcomes, strict=True) if outcome is Outcome.MISSED)


def _outcome(count: Count, fs_hz: float, numbered: bool, short: bool, unsure_s: float) -> Outcome:
    """Judge one stream; between two connections arrival times are all there is, for every sensor."""
    off = abs(count.counted - count.missing)
    if unsure_s and off <= max(1.0, unsure_s * fs_hz):
        return Outcome.KEPT
    if not numbered:
        return Outcome.UNSEEN if off else Outcome.KEPT
    if short and off:
        return Outcome.LIMIT if off <= SHORT_S * fs_hz else Outcome.MISSED
    return Outcome.MISSED if off else Outcome.KEPT


def _seen(before: _Analysed, after: _Analysed) -> str:
    """Tell what is said and shown beyond the healthy session."""
    states = [event.state for event in after.events if isinstance(event, DeviceChanged)][2:]
    codes = [_codes(found.events) for found in (after, before)]
    notices = [event.text for event in after.events if isinstance(event, Notice)]
    heard = {event.text for event in before.events if isinstance(event, Notice)}
    lost = [f"{c.lost_percent:.1f} % of {q} lost" for q, c in after.streams.items() if c.lost > before.streams[q].lost]
    bad = max((c.bad_packets for c in after.streams.values()), default=0)
    parts = [" → ".join(states), *sorted(codes[0] - codes[1]), *lost, f"{bad} unreadable" if bad else ""]
    return ", ".join(part for part in [*parts, *(text for text in notices if text not in heard)] if part)


def _codes(events: Sequence[Event]) -> set[str]:
    return {event.code for event in events if isinstance(event, QualityChanged)}


def faults_text(cells: Sequence[Cell], cpu_s: float) -> str:
    """Lay the cells out as lines, a block for each sensor."""
    lines = []
    for sensor in dict.fromkeys(cell.sensor for cell in cells):
        lines.append(sensor)
        for cell in (cell for cell in cells if cell.sensor == sensor):
            counts = " ".join(f"{c.quantity} {c.missing}/{c.counted}" for c in cell.counts)
            said = "; ".join(part for part in (cell.why, cell.seen) if part)
            lines.append(f"  {cell.fault:15} {cell.outcome.value:12} {counts:32} {said}")
    tally = {outcome: sum(cell.outcome is outcome for cell in cells) for outcome in Outcome}
    lines.append(f"{len(cells)} cells: " + ", ".join(f"{n} {outcome.value}" for outcome, n in tally.items() if n))
    lines.append(f"samples: missing in truth / counted; {cpu_s:.0f} s of CPU")
    return "\n".join(lines) + "\n"


def run_faults(told: Callable[[Cell], None], only: str = "") -> tuple[list[Cell], float]:
    """Run all faults on all kinds of sensors, or on those named in `only` (comma-separated); cells and CPU time, s."""
    from emgmon.validation.refusals import over_radio  # noqa: PLC0415 - loads Bluetooth

    wanted = [name.strip() for name in only.split(",") if name.strip()] or list(kinds())
    began_s = time.process_time()
    cells = without_radio(wanted, told) + over_radio(wanted, told)
    order = list(kinds())
    return sorted(cells, key=lambda cell: order.index(cell.sensor)), time.process_time() - began_s
