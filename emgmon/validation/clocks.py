"""Rows about time: how well sensors' clocks agree, and how late the muscle is shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

import firmware_sim
from emgmon.model import Array, Entry, Frame, Mark, Packet, Placement
from emgmon.pipeline import Pipeline
from emgmon.timing.align import ClockFit
from emgmon.validation.table import Measurement
from firmware_sim.faults import Timing
from firmware_sim.stream import HOST_EPOCH_NS, LEAD_S
from firmware_sim.wearer import DRIVE_HZ

PACKET_S = 0.025
SKEW_PPM = 40.0
STEP_S, ON_S = 3.0, 1.5
"""From one step of activation to the next, and how long each lasts."""


@dataclass(frozen=True, slots=True)
class Link:
    """What delays a packet: connection events with repetitions, the operating system, stalls, gaps.

    `late_s` is the mean of the (exponential) time from the radio to the program, `batch_s` the grid on which a coarse
    system timer hands packets on (0 for none).
    """

    interval_s: float
    retry_share: float
    late_s: float
    batch_s: float
    stall_share: float
    stall_s: float
    gap_share: float


LINKS = {
    "good": Link(0.015, 0.02, 0.001, 0.0, 0.0, 0.0, 0.0),
    "typical": Link(0.030, 0.10, 0.003, 0.0, 0.002, 0.15, 0.0005),
    "bad": Link(0.050, 0.30, 0.005, 0.0156, 0.010, 0.40, 0.0020),
}
SPANS = {"5 to 30 s": (5.0, 30.0), "30 to 120 s": (30.0, 120.0), "5 to 10 min": (300.0, 600.0)}


def clock_error(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Disagreement of two sensors' published times over what both links delay at least, ms."""
    out = []
    for name, link in LINKS.items():
        errors: dict[str, list[Array]] = {span: [] for span in SPANS}
        for seed in seeds:
            first, second = (_offsets_s(link, np.random.default_rng([seed, which]), quick) for which in (0, 1))
            for span, (start_s, stop_s) in SPANS.items():
                rows = slice(math.ceil(start_s / 0.5), math.ceil(stop_s / 0.5))
                errors[span].append(np.abs(first[rows] - second[rows]) * 1e3)
        for span, parts in errors.items():
            values = np.concatenate(parts)
            if not len(values):
                continue
            conditions = {"link": name, "since_connected": span}
            for measure, value in (("mean", float(values.mean())), ("p95", float(np.percentile(values, 95)))):
                out.append(Measurement(measure, value, "ms", len(values), seeds, conditions))
    return out


def _offsets_s(link: Link, rng: np.random.Generator, quick: bool) -> Array:
    """Error of one sensor's published time each half second, s, (n,)."""
    skew = 1.0 + rng.uniform(-SKEW_PPM, SKEW_PPM) * 1e-6
    timing = Timing(firmware_sim.Faults(interval_s=link.interval_s, retry_share=link.retry_share), rng)
    fit = ClockFit()
    offsets: list[float] = []
    held_until_s = silent_until_s = 0.0
    for true_s in np.arange(PACKET_S * (1.0 + rng.random()), 120.0 if quick else 600.0, PACKET_S).tolist():
        if rng.random() < link.stall_share:
            held_until_s = true_s + rng.exponential(link.stall_s)
        if rng.random() < link.gap_share:
            silent_until_s = true_s + rng.uniform(0.5, 3.0)
        if true_s >= silent_until_s:
            arrival_s = max(timing.arrival_s(true_s) + rng.exponential(link.late_s), held_until_s)
            if link.batch_s:
                arrival_s = math.ceil(arrival_s / link.batch_s) * link.batch_s
            fit.add(true_s * skew, arrival_s)
        if true_s >= 0.5 * (len(offsets) + 1):
            offsets.append(fit.session_s(true_s * skew) - true_s)
    return np.array(offsets)


def latency(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Time from a step of activation to the frame that shows it, in the host's time, ms."""
    n_steps = 8 if quick else 20
    found: dict[str, list[float]] = {"half": [], "ninety": []}
    for seed in seeds:
        half, ninety = _step_delays_ms(seed, n_steps)
        found["half"] += half
        found["ninety"] += ninety
    out = []
    for name, text in (("half", "half of the power"), ("ninety", "90 % of the amplitude")):
        for measure, share in (("median", 50), ("p95", 95)):
            value = float(np.percentile(found[name], share)) if found[name] else math.nan
            out.append(Measurement(measure, value, "ms", len(found[name]), seeds, {"shown": text, "device": "A"}))
    return out


def _step_delays_ms(seed: int, n_steps: int) -> tuple[list[float], list[float]]:
    """Delays of the steps of one channel, to half of the power and to 90 % of the amplitude."""
    script = firmware_sim.bridges(8, seed=seed)
    site = ("gluteus_maximus", "left")
    starts_s = 2.0 + STEP_S * np.arange(n_steps) + np.random.default_rng([seed, 9]).uniform(0.0, 0.5, n_steps)
    time_s = np.arange(int((starts_s[-1] + STEP_S) * DRIVE_HZ)) / DRIVE_HZ
    on = ((time_s[:, None] >= starts_s) & (time_s[:, None] < starts_s + ON_S)).any(axis=1)
    drive = {place: np.full(len(time_s), 0.003) for place in script.drive}
    drive[site] = np.where(on, 0.4, 0.003)
    angle_deg = {segment: np.zeros(len(time_s)) for segment in script.angle_deg}
    stepped = replace(script, drive=drive, angle_deg=angle_deg, cues=(), reps=(), duration_s=float(time_s[-1]))
    shown_ns, level = _shown(stepped, seed, Placement(*site))
    half: list[float] = []
    ninety: list[float] = []
    for start_s in starts_s.tolist():
        began_ns = HOST_EPOCH_NS + (LEAD_S + start_s) * 1e9
        after = (shown_ns >= began_ns) & (shown_ns < began_ns + 1.3e9)
        late_ms, levels = (shown_ns[after] - began_ns) * 1e-6, level[after]
        plateau = float(np.median(levels[late_ms > 400.0]))
        for delays, share in ((half, math.sqrt(0.5)), (ninety, 0.9)):
            reached = np.flatnonzero(levels >= share * plateau)
            delays.append(float(late_ms[reached[0]]) if len(reached) else math.nan)
    return half, ninety


def _shown(script: firmware_sim.Script, seed: int, place: Placement) -> tuple[Array, Array]:
    """Host time (ns) at which each frame was handed out, and the level in it."""
    pipeline = Pipeline()
    shown_ns, level = [], []
    for record in firmware_sim.stream(script, seed=seed):
        entry: Entry = (
            Packet(record.device, record.port, record.host_ns, record.payload)
            if record.tag == "packet"
            else Mark(record.host_ns, record.kind, record.data)
        )
        for event in pipeline.feed(entry):
            if isinstance(event, Frame) and place in event.level:
                shown_ns.append(entry.host_ns)
                level.append(event.level[place])
    return np.array(shown_ns, np.float64), np.array(level)
