"""The rows of the report's tables: muscles, estimates, sensors, settings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev
from typing import Any

from emgmon.model import GROUPS, PHASE_TITLES, ChannelQuality, Estimate, Placement, SessionSummary, SetSummary
from emgmon.report.reading import INDICES, Reading, counted, look_up
from emgmon.report.wording import (
    DASH,
    bounds_text,
    factor,
    flagged,
    interval,
    number,
    percent,
    plural,
    signed,
    usual_bound,
)

NOISE_UV = (5.0, 10.0)
"""Noise above which a channel is noisy, and very noisy, µV."""

LOST_PERCENT = (0.5, 5.0)
"""Loss above which it is worth a look, and above which the numbers suffer, %."""

EVIDENCE = {
    "index": "sample index",
    "counter": "packet counter",
    "time": "arrival times",
    "file": "gaps in the file",
    "none": "not known",
}


@dataclass(frozen=True, slots=True)
class MuscleRow:
    """One channel in the table of muscles; levels in % of reference or µV, `drift` of the median frequency in %."""

    group: str
    title: str
    lift: str
    read: str
    lower: str
    varies: str
    first: str
    last: str
    drift: str


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """One estimate of an index: mean, interval, halves and trend as texts."""

    title: str
    place: str
    n: int
    bounds: str
    mean: str
    interval: str
    change: str
    change_interval: str
    trend: str
    trend_interval: str


@dataclass(frozen=True, slots=True)
class SensorRow:
    """One channel in the table of signals; ``mark`` is ``disc`` good, ``triangle`` look at it, ``cross`` bad."""

    title: str
    device: str
    rate: str
    samples: str
    lost: str
    evidence: str
    bad_packets: int
    noise: str
    battery: str
    reference: str
    mark: str
    verdict: str


def short_title(placement: Placement) -> str:
    """Return ``Gluteus maximus L``."""
    return f"{placement.title.rpartition(',')[0]} {placement.side[0].upper()}"


def _level(value: float, reading: Reading) -> str:
    return percent(value) if reading.normalised else number(value, 1 if value < 10 else 0)


def muscle_rows(summary: SetSummary, reading: Reading) -> list[MuscleRow]:
    """Return the level of each channel: medians over the reps that count, halves from the set's estimates."""
    reps = counted(summary.reps)
    keys = sorted({item.where for rep in reps for item in rep.values if item.metric == "level"})
    places = [place for key in keys if (place := Placement.parse(key)) is not None]
    order = (*GROUPS, "D", "")
    rows = []
    for place in sorted(places, key=lambda item: (order.index(item.group), item)):
        texts = {}
        for phase in dict.fromkeys(("con", reading.phase, "ecc")):
            found = [item for rep in reps if (item := look_up(rep, "level", phase, str(place))) is not None]
            flag = usual_bound([item.flag for item in found])
            texts[phase] = flagged(_level(median(item.value for item in found), reading), flag) if found else DASH
        levels = [item.value for rep in reps if (item := look_up(rep, "level", reading.phase, str(place))) is not None]
        spread = stdev(levels) / fmean(levels) if len(levels) > 2 and fmean(levels) > 0 else math.nan
        estimate = summary.estimate("level", reading.phase, str(place))
        rows.append(
            MuscleRow(
                group=place.group,
                title=short_title(place),
                lift=texts["con"],
                read=texts[reading.phase],
                lower=texts["ecc"],
                varies=percent(spread),
                first=_level(estimate.first, reading) if estimate else DASH,
                last=_level(estimate.last, reading) if estimate else DASH,
                drift=_drift(summary, str(place)),
            )
        )
    return rows


def _drift(summary: SetSummary, where: str) -> str:
    """Return how far the median frequency went over the set; in brackets when that may be chance, empty without one."""
    found = next((item for item in summary.estimates if (item.metric, item.where) == ("mdf_change", where)), None)
    if found is None or not math.isfinite(found.mean):
        return ""
    text = f"{100.0 * math.expm1(found.mean):+.0f}".replace("-", "−")
    return text if found.slope_low > 0.0 or found.slope_high < 0.0 else f"({text})"


def estimate_rows(summary: SetSummary, reading: Reading) -> list[EstimateRow]:
    """Return the indices of the set in their phases and sides; without references only what changed.

    The index that the finding is about comes first, then its parts, its sides and its other phases.
    """
    names = {index.metric: index.short for index in INDICES}
    main = reading.index.metric if reading.index else ""

    def far(item: Estimate) -> tuple[int, bool, bool, bool]:
        other = (item.metric != main, item.where != reading.where, item.phase != reading.phase)
        return sum(other), other[2], other[1], other[0]

    found = sorted((item for item in summary.estimates if item.metric in names), key=far)
    rows = []
    for item in found:
        side = "" if item.where == "both" else f", {item.where}"
        rows.append(
            EstimateRow(
                title=names[item.metric],
                place=f"{PHASE_TITLES.get(item.phase, item.phase)}{side}",
                n=item.n,
                bounds=bounds_text(item.at_most, item.at_least),
                mean=signed(item.mean) if reading.comparable else DASH,
                interval=interval(item.low, item.high) if reading.comparable else DASH,
                change=f"{signed(item.last - item.first)} {factor(item.last - item.first)}",
                change_interval=interval(item.change_low, item.change_high),
                trend=signed(item.slope, 3),
                trend_interval=interval(item.slope_low, item.slope_high, 3),
            )
        )
    return rows


FLAG_WORDS = {"FLAT": "no signal", "CLIP": "cut off", "LEAD": "loose", "MAR": "moved"}
"""What made samples useless, in a word or two."""
DOUBT_WORDS = {"SITE": "other muscle?", "XTALK": "crosstalk", "SNR": "weak", "PLI": "hum", "ECR": "heart"}
"""What makes numbers doubtful that still count."""
MASKED_PERCENT = 10.0


def judge(channel: ChannelQuality) -> tuple[str, str]:
    """Return mark and verdict of one channel: the first of these that holds."""
    noise_uv = channel.noise if channel.unit == "uv" and channel.quantity == "emg" else math.nan
    flagged = next((FLAG_WORDS[flag.code] for flag in channel.flags if flag.code in FLAG_WORDS), "partly unused")
    doubt = next((DOUBT_WORDS[f.code] for f in channel.flags if f.state == "red" and f.code in DOUBT_WORDS), "")
    rules = (
        (not channel.samples, "cross", "no data"),
        (channel.lost_percent > LOST_PERCENT[1], "cross", "much lost"),
        (channel.masked_percent > MASKED_PERCENT, "cross", flagged),
        (noise_uv > NOISE_UV[1], "cross", "very noisy"),
        (noise_uv > NOISE_UV[0], "triangle", "noisy"),
        (channel.lost_percent > LOST_PERCENT[0], "triangle", "some lost"),
        (channel.masked > 0, "triangle", flagged),
        (bool(doubt), "triangle", doubt),
        (channel.loss_evidence == "none", "triangle", "loss unseen"),
    )
    return next(((mark, verdict) for holds, mark, verdict in rules if holds), ("disc", "good"))


def lost_text(channel: ChannelQuality) -> str:
    """Return the loss in %; a dash where the sensor gives no way to know."""
    return DASH if channel.loss_evidence == "none" else number(channel.lost_percent)


def unit_text(unit: str) -> str:
    """Return a unit as it is printed."""
    return {"uv": "µV", "ref": "% of ref.", "dps": "°/s", "g,dps": "g, °/s"}.get(unit, unit)


def sensor_title(channel: ChannelQuality) -> str:
    """Return where a channel sits and what it measures."""
    place = channel.placement.title if channel.placement else "No placement"
    return place if channel.quantity == "emg" else f"{place} ({channel.quantity.replace('_', ' ')})"


def split_motion(channels: Sequence[ChannelQuality]) -> tuple[list[ChannelQuality], list[ChannelQuality]]:
    """Return the channels that have a row of their own, EMG first, and the good motion channels that share one.

    A sensor with electrodes that also measures motion has one row, unless something is wrong with its motion.
    """
    muscles = {item.device for item in channels if item.quantity == "emg"}
    motion = [
        item for item in channels if item.quantity != "emg" and item.device in muscles and judge(item)[0] == "disc"
    ]
    rest = sorted((item for item in channels if item not in motion), key=lambda item: item.quantity != "emg")
    return rest, motion


def sensor_rows(session: SessionSummary, summary: SetSummary | None) -> list[SensorRow]:
    """Return how good each channel of the session was, EMG first, with the set's reference level of it."""
    references = {item.placement: item for item in summary.references} if summary else {}
    shown, motion = split_motion(session.channels)
    rows = []
    for channel in shown:
        mark, verdict = judge(channel)
        reference = references.get(channel.placement) if channel.placement and channel.quantity == "emg" else None
        level = f"{number(reference.level, 0)} {unit_text(reference.unit)}, {reference.kind}" if reference else DASH
        rows.append(
            SensorRow(
                title=sensor_title(channel),
                device=channel.device,
                rate=f"{number(channel.fs_measured_hz)} / {channel.fs_hz:g}",
                samples=str(channel.samples),
                lost=lost_text(channel),
                evidence=EVIDENCE.get(channel.loss_evidence, channel.loss_evidence),
                bad_packets=channel.bad_packets,
                noise=f"{number(channel.noise)} {unit_text(channel.unit)}" if math.isfinite(channel.noise) else DASH,
                battery=DASH if channel.battery_percent is None else f"{channel.battery_percent} %",
                reference=level,
                mark=mark,
                verdict=verdict,
            )
        )
    return [*rows, _motion_row(motion)] if motion else rows


def _motion_row(motion: Sequence[ChannelQuality]) -> SensorRow:
    """Return the row that good motion channels share: all their samples, the largest loss."""
    worst = max(motion, key=lambda item: item.lost_percent)
    measured = sorted(item.fs_measured_hz for item in motion if math.isfinite(item.fs_measured_hz))
    rates = dict.fromkeys(number(item) for item in (measured[:1] + measured[-1:]))
    lost = lost_text(worst)
    return SensorRow(
        title=f"Motion, {plural(len(motion), 'sensor')}",
        device="the same",
        rate=f"{' to '.join(rates) or DASH} / {worst.fs_hz:g}",
        samples=str(sum(item.samples for item in motion)),
        lost=f"≤ {lost}" if len(motion) > 1 and worst.lost else lost,
        evidence=EVIDENCE.get(worst.loss_evidence, worst.loss_evidence),
        bad_packets=sum(item.bad_packets for item in motion),
        noise=DASH,
        battery=DASH,
        reference=DASH,
        mark="disc",
        verdict="good",
    )


def setting_texts(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield each setting as a dotted name and its value as text."""
    for key, value in settings.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from setting_texts(value, f"{name}.")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield name, ", ".join(map(str, value))
        else:
            yield name, f"{value:g}" if isinstance(value, float) else str(value)
