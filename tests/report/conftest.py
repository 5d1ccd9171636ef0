"""Sessions made from known activations, so that every number in a report can be worked out by hand."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from statistics import fmean
from types import ModuleType

import pytest

from emgmon.model import (
    ChannelQuality,
    Curve,
    Estimate,
    Placement,
    Reference,
    Rep,
    RepSummary,
    SessionSummary,
    SetSummary,
    Value,
)

MUSCLE = {"G": "gluteus_maximus", "H": "biceps_femoris", "E": "erector_spinae"}
NAN = math.nan
REP_S = 6.0
"""Reps follow each other at this interval, s."""

Levels = Mapping[str, float]


def curve(place: Placement, rep: Rep, level: float, *, lost_after_s: float = math.inf) -> Curve:
    """A rise, a hold with a little ripple and a fall; NaN from `lost_after_s` on."""
    count = int((rep.end_s - rep.start_s) / 0.02)
    points = []
    for number in range(count):
        t = number * 0.02
        up = min(1.0, t / max(rep.top_s - rep.start_s, 0.02))
        down = min(1.0, (rep.end_s - rep.start_s - t) / max(rep.end_s - rep.release_s, 0.02))
        ripple = 1 + 0.07 * math.sin(7.3 * t + rep.index) + 0.04 * math.sin(23 * t + 2 * rep.index)
        points.append(NAN if rep.start_s + t > lost_after_s else level * min(up, down) * ripple)
    return Curve(place, rep.start_s, 0.02, tuple(points))


def index_values(levels: Levels, phase: str, where: str, *, shares: bool) -> list[Value]:
    """Shares and log-ratios by their definition, from the mean level of each group."""
    found = []
    if shares and set(levels) == {"G", "H", "E"}:
        total = sum(levels.values())
        for group, name in (("G", "glute"), ("H", "hamstring"), ("E", "back")):
            found.append(Value(f"share_{name}", phase, where, levels[group] / total, "1"))
    if {"G", "H"} <= set(levels):
        found.append(Value("log_ratio_h", phase, where, math.log(levels["H"] / levels["G"]), "ln"))
    if {"G", "E"} <= set(levels):
        found.append(Value("log_ratio_e", phase, where, math.log(levels["E"] / levels["G"]), "ln"))
    if {"G", "H", "E"} <= set(levels):
        found.append(Value("sdi", phase, where, math.log(math.sqrt(levels["H"] * levels["E"]) / levels["G"]), "ln"))
    return found


def make_rep(
    index: int,
    levels: Levels,
    *,
    sides: Sequence[str] = ("left", "right"),
    right_over_left: float = 1.1,
    unit: str = "ref",
    hold_s: float = 2.5,
    target: str = "met",
    valid: bool = True,
) -> RepSummary:
    """A rep whose groups have these levels in the hold; lift and lowering have 0.8 and 0.5 of them."""
    start = 10 + REP_S * index
    rep = Rep(index, start, start + 1.1, start + 1.1 + hold_s, start + 2.4 + hold_s)
    values = []
    curves = []
    scale = {"left": 2 / (1 + right_over_left), "right": 2 * right_over_left / (1 + right_over_left)}
    if len(sides) == 1:
        scale = dict.fromkeys(sides, 1.0)
    part = {"con": 0.8, "hold": 1.0, "ecc": 0.5, "act": 0.85}
    phases = [phase for phase in part if hold_s or phase != "hold"]
    for phase in phases:
        for group, level in levels.items():
            for side in sides:
                place = Placement(MUSCLE[group], side)
                values.append(Value("level", phase, str(place), level * scale[side] * part[phase], unit))
            if len(sides) == 2 and unit == "ref":
                values.append(Value("symmetry", phase, group, math.log(scale["right"] / scale["left"]), "ln"))
        for where in (*sides, *(["both"] if len(sides) == 2 else [])):
            values += index_values(levels, phase, where, shares=unit == "ref")
        low, high = rep.bounds_s(phase)
        values.append(Value("duration", phase, "both", high - low, "s"))
    for group, level in levels.items():
        curves += [curve(Placement(MUSCLE[group], side), rep, level * scale[side]) for side in sides]
    values.append(Value("range", "act", "both", 41.0, "deg"))
    return RepSummary(rep, tuple(values), tuple(curves), valid, target)


def estimates(reps: Sequence[RepSummary], *, width: float = 0.09) -> tuple[Estimate, ...]:
    """An estimate of each metric; the interval is made up, the means are those of the values."""
    counted = [rep for rep in reps if rep.valid]
    keys = {
        (item.metric, item.phase, item.where, item.unit): None
        for rep in counted
        for item in rep.values
        if item.metric not in {"duration", "range"}
    }
    found = []
    for metric, phase, where, unit in keys:
        values = [value for rep in counted if math.isfinite(value := rep.value(metric, phase, where))]
        if not values:
            continue
        n, half = len(values), max(1, len(values) // 2)
        places = [place - (n - 1) / 2 for place in range(n)]
        mean = fmean(values)
        spread = sum(place * place for place in places)
        slope = sum(place * value for place, value in zip(places, values, strict=True)) / spread if spread else NAN
        side = width if n >= 5 else NAN
        first, last = fmean(values[:half]), fmean(values[-half:])
        found.append(
            Estimate(
                metric=metric,
                phase=phase,
                where=where,
                unit=unit,
                n=n,
                mean=mean,
                low=mean - side,
                high=mean + side,
                first=first,
                last=last,
                change_low=last - first - side,
                change_high=last - first + side,
                slope=slope,
                slope_low=slope - side / n,
                slope_high=slope + side / n,
            )
        )
    return tuple(found)


def make_set(
    reps: Sequence[RepSummary], *, index: int = 1, title: str = "Glute bridge", unit: str = "ref", **changes: object
) -> SetSummary:
    """A set of these reps with its estimates and, for fractions of a reference, its references."""
    places = sorted({item.placement for rep in reps for item in rep.curves})
    references = tuple(Reference(place, "T1", 210.0 + 10 * number, "uv") for number, place in enumerate(places))
    made = SetSummary(
        index=index,
        exercise=title.lower().replace(" ", "_"),
        exercise_title=title,
        start_s=12.0,
        stop_s=20.0 + REP_S * len(reps),
        reps_target=None,
        hold_target_s=(2.0, 4.0),
        reps=tuple(reps),
        estimates=estimates(reps),
        references=references if unit == "ref" else (),
        notes=(),
    )
    return replace(made, **changes)


def channel(
    place: Placement, device: str, *, samples: int = 92000, lost: int = 0, noise: float = 2.4, **changes: object
) -> ChannelQuality:
    """A good EMG channel of 1 kHz unless told otherwise."""
    made = ChannelQuality(device, place, "emg", "uv", 1000.0, 999.7, samples, lost, "index", 0, noise, 87)
    return replace(made, **changes)


def make_session(*sets: SetSummary, channels: Sequence[ChannelQuality] = (), **changes: object) -> SessionSummary:
    """A session of these sets; its channels are those that the sets used."""
    places = sorted({item.placement for one in sets for rep in one.reps for item in rep.curves})
    found = channels or tuple(channel(place, f"umyo-{number}") for number, place in enumerate(places, 1))
    made = SessionSummary(
        started_utc="2026-11-22T18:04:30+00:00",
        program="emgmon 0.1.0",
        source="set.mcap",
        simulated=False,
        duration_s=92.0,
        sets=tuple(sets),
        channels=tuple(found),
        settings={
            "envelope": {"window_s": 0.125, "share_window_s": 0.5},
            "filters": {"low_hz": 20.0, "high_hz": 450.0, "mains_hz": 50},
            "dead_band_ln": 0.223,
            "groups": ["G", "H", "E"],
        },
        notes=(),
    )
    return replace(made, **changes)


def take_over(number: int, count: int = 8) -> dict[str, float]:
    """Levels of rep `number` while hamstrings and back rise and the glutes fall."""
    late = 1 / (1 + math.exp(-2.2 * (number - 0.56 * count)))
    wobble = 0.02 * math.sin(2.1 * number)
    return {
        "G": 0.62 - 0.17 * late + wobble,
        "H": 0.31 + 0.16 * late - wobble / 2,
        "E": 0.20 + 0.07 * late + wobble / 3,
    }


def full_set(count: int = 8, *, index: int = 1) -> SetSummary:
    """Eight reps in which hamstrings and back take over in the second half."""
    reps = [
        make_rep(
            number,
            take_over(number, count),
            hold_s=2.2 + 0.35 * math.sin(number * 1.7),
            right_over_left=1.1 + 0.06 * math.sin(number),
            target="missed" if number > 0.6 * count else "met",
        )
        for number in range(1, count + 1)
    ]
    return make_set(reps, index=index, reps_target=count)


def full() -> SessionSummary:
    places = [Placement(MUSCLE[group], side) for group in "GHE" for side in ("left", "right")]
    noises = (2.1, 2.6, 3.0, 9.4, 3.3, 2.9)
    channels = [
        channel(place, f"umyo-{number}", noise=noise, lost=12 * number)
        for number, (place, noise) in enumerate(zip(places, noises, strict=True), 1)
    ]
    channels.append(
        replace(
            channels[0],
            device="umyo-7",
            placement=None,
            quantity="imu",
            unit="g,dps",
            noise=NAN,
            fs_hz=100.0,
            fs_measured_hz=99.98,
            samples=9200,
        )
    )
    return make_session(full_set(), channels=channels, simulated=True, source="simulated sensors")


def walk() -> SessionSummary:
    """Twelve strides, right side, glutes and hamstrings only, no references, no hold."""
    reps = [
        make_rep(
            number,
            {"G": 41 + 3 * math.sin(number), "H": 66 + 4 * math.cos(1.3 * number)},
            sides=("right",),
            unit="uv",
            hold_s=0.0,
            target="unknown",
        )
        for number in range(1, 13)
    ]
    one = make_set(
        reps,
        title="Walking",
        unit="uv",
        hold_target_s=None,
        notes=(
            "No reference was recorded, so levels are in µV and only changes within the session mean something.",
            "The back was not measured, so there is no share and no SDI.",
        ),
    )
    channels = [channel(Placement(MUSCLE[group], "right"), "ganglion-1", loss_evidence="none") for group in "GH"]
    return make_session(one, channels=channels)


def lost() -> SessionSummary:
    """The right hamstring sensor goes away in rep 5; reps 5 and 6 do not count, later ones come from the left only."""
    reps = []
    for number in range(1, 11):
        rep = make_rep(number, take_over(2, 8), target="met" if number < 5 else "unknown")
        place = Placement("biceps_femoris", "right")
        if number >= 5:
            curves = [
                curve(place, rep.rep, 0.3, lost_after_s=rep.rep.start_s + 0.9) if item.placement == place else item
                for item in rep.curves
                if number == 5 or item.placement != place
            ]
            values = [
                item
                for item in rep.values
                if item.where not in {str(place), "right", "both"} or item.metric == "duration"
            ]
            rep = replace(rep, curves=tuple(curves), values=tuple(values), valid=number > 6)
        reps.append(rep)
    one = make_set(reps, notes=("The sensor on Biceps femoris, right was lost at 41.2 s and did not come back.",))
    places = [Placement(MUSCLE[group], side) for group in "GHE" for side in ("left", "right")]
    channels = [channel(place, f"umyo-{number}") for number, place in enumerate(places, 1)]
    channels[3] = replace(channels[3], samples=39000, lost=53000, bad_packets=3, battery_percent=None)
    return make_session(one, channels=channels)


def three() -> SessionSummary:
    return make_session(make_set([make_rep(number, take_over(number)) for number in (1, 2, 3)]))


def empty() -> SessionSummary:
    return make_session(notes=("The recording holds no set.",))


def no_reps() -> SessionSummary:
    places = [Placement(MUSCLE[group], "left") for group in "GHE"]
    channels = [channel(place, f"umyo-{number}") for number, place in enumerate(places, 1)]
    return make_session(make_set([], notes=("No movement was found.",)), channels=channels)


def several() -> SessionSummary:
    """Three sets: a take-over, a steady one with a two-group index, and a long one."""
    steady = make_set(
        [make_rep(number, {"G": 0.5 + 0.01 * (number % 3), "H": 0.4}) for number in range(1, 7)],
        index=2,
        title="Hip hinge",
    )
    return make_session(full_set(), steady, full_set(30, index=3))


def crowded() -> SessionSummary:
    """More reps, channels, notes and settings than two pages hold."""
    note = "Something could not be said about this set, because a long sentence is needed to explain the reason of it."
    one = replace(full_set(100), notes=tuple(f"{number}: {note}" for number in range(9)))
    places = [Placement(MUSCLE[group], side) for group in "GHE" for side in ("left", "right")]
    channels = [
        channel(places[number % 6], f"emgmon-long-name-{number}", lost=9000 * (number < 4)) for number in range(18)
    ]
    return make_session(
        one, channels=channels, simulated=True, settings={f"some.setting_name_{n}": 0.125 * n for n in range(60)}
    )


SESSIONS: Mapping[str, Callable[[], SessionSummary]] = {
    item.__name__: cache(item) for item in (full, walk, lost, three, empty, no_reps, several, crowded)
}


@pytest.fixture(params=SESSIONS)
def session(request: pytest.FixtureRequest) -> SessionSummary:
    """Each of the sessions in turn."""
    return SESSIONS[request.param]()


@pytest.fixture
def build() -> ModuleType:
    """The functions of this file that make reps, sets and sessions."""
    return sys.modules[__name__]


@pytest.fixture
def make() -> Mapping[str, Callable[[], SessionSummary]]:
    """The sessions by name."""
    return SESSIONS
