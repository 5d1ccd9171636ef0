"""What a comparison over weeks found, in the words that it allows; page, terminal and window say the same."""

from __future__ import annotations

import math
from typing import NamedTuple

from emgmon.metrics import METRICS, SET_METRICS
from emgmon.metrics.comparable import Asked
from emgmon.metrics.comparison import ERROR, PROBABLE, Comparison
from emgmon.metrics.questions import REFERENCE_LN, SIDE_LN
from emgmon.metrics.reliability import NORMAL_95, detectable
from emgmon.model import GROUP_TITLES, PHASE_TITLES, Phase, Placement
from emgmon.report.axes import change_text, day_text, since_text, value_text
from emgmon.report.headline import Headline
from emgmon.report.wording import DASH, factor, listing, number, percent, plural

SUBJECTS = {
    "sdi": "Hamstrings and back to glutes",
    "share_glute": "Glute share",
    "share_hamstring": "Hamstring share",
    "share_back": "Back share",
    **{metric.name: metric.title for metric in METRICS if metric.name.startswith(("log_ratio", "symmetry", "onset"))},
}
SIDED = {"symmetry": 1.0, "sdi_difference": 1.5}
"""Numbers that hold the right side against the left, with the variance of a side in variances of one muscle."""
TITLES = {metric.name: metric.title for metric in METRICS} | {metric.name: metric.title for metric in SET_METRICS}

CONVENTION = (
    "×1.25 is the smallest change that is asked for. No study ties a size of change to a benefit; it is a convention."
)
SEEING = (
    "Each dot is a day. Grey is where single days lie in 95 of 100 cases when nothing changed, around the first days. "
    "Line and band are the trend and its 95 % interval, from a mixed model that knows how far days scatter."
)
SCATTER = (
    "Days scatter because electrodes are placed and references taken anew. That is why one day against another says "
    "little, and why the words are few: within measurement error, probable, clear."
)
HOW = (SEEING, SCATTER, CONVENTION)


class Told(NamedTuple):
    """Title, the sentence below it, four numbers, and what else should be known."""

    title: str
    lead: str
    numbers: tuple[Headline, ...]
    notes: tuple[str, ...]


def name_of(asked: Asked, *, short: bool = False) -> str:
    """Return what a number is called: ``Glute share, hold`` or ``Right to left, glutes, hold``."""
    place = Placement.parse(asked.where)
    where = place.title if place else GROUP_TITLES.get(asked.where, "" if asked.where == "both" else asked.where)
    title = SUBJECTS.get(asked.metric) or TITLES.get(asked.metric, asked.metric)
    phase = PHASE_TITLES.get(Phase(asked.phase) if asked.phase in set(Phase) else asked.phase, asked.phase)
    return ", ".join(part for part in (title, where.lower(), "" if short else phase) if part)


def told(comparison: Comparison) -> Told:
    """Say a comparison."""
    subject = name_of(comparison.asked, short=True)
    if comparison.lacked:
        need = listing(comparison.lacked)
        days = len([day for day in comparison.days if day.used])
        lead = f"{plural(days, 'day')} of {comparison.title} so far. What is missing: {need}."
        return Told(f"{subject}: days cannot be compared yet", lead, (), comparison.notes)
    return Told(_title(comparison, subject), _lead(comparison), _numbers(comparison), _notes(comparison))


def _title(comparison: Comparison, subject: str) -> str:
    if comparison.word == ERROR:
        return f"{subject}: no change beyond measurement error"
    used = [day.day for day in comparison.days if day.used]
    maybe = "probably " if comparison.word == PROBABLE else ""
    way = "up" if comparison.direction > 0 else "down"
    size = change_text(comparison, comparison.change).lstrip("+−")
    to = "to " if size.startswith("×") else ""
    return f"{subject} {maybe}{way} {to}{size} since {since_text(used[0], used[-1])}"


def _lead(comparison: Comparison) -> str:
    used = [day for day in comparison.days if day.used]
    between = f"{plural(len(used), 'day')} of {comparison.title}, {day_text(used[0].day)} to {day_text(used[-1].day)}"
    if comparison.trend:
        low, high = (change_text(comparison, end) for end in (comparison.trend.low, comparison.trend.high))
        what = (
            f"The trend over that time is {change_text(comparison, comparison.change)} (95 % interval {low} to {high})"
        )
    else:
        ends = plural(comparison.last, "day") if comparison.last > 1 else "day"
        what = f"The last {ends} against the first: {change_text(comparison, comparison.change)}"
    return f"{between}. {what}: {comparison.word}. {_wanted(comparison)}".rstrip()


def _wanted(comparison: Comparison) -> str:
    """Say whether a change that is more than error is the one that is trained for."""
    if comparison.word == ERROR or not comparison.wanted:
        return ""
    if comparison.direction == comparison.wanted:
        return "That is the direction that is trained for."
    return "That is away from what is trained for."


def _numbers(comparison: Comparison) -> tuple[Headline, ...]:
    first, last = comparison.ends
    unit, known = comparison.unit, comparison.reliability
    asked = f"more than {factor(comparison.smallest)}" if comparison.scale.smallest else "more than one day's error"
    other = f"{'up' if comparison.direction > 0 else 'down'} by {asked}"
    days = plural(comparison.first, "day")
    single = detectable(known.sem, 1, 1)
    held = f"last {days} against first {days}, {comparison.kind} references"
    return (
        Headline(
            "Change",
            change_text(comparison, comparison.change),
            f"{value_text(first, unit)} to {value_text(last, unit)}",
        ),
        Headline("Probability", f"{percent(min(comparison.probability, 0.99))} %", other),
        Headline("Detectable change", reach_text(comparison, comparison.mdc), held),
        Headline("One day against one", reach_text(comparison, single), f"error from {known.source}"),
    )


def reach_text(comparison: Comparison, reach: float) -> str:
    """Return how far something reaches either way, on the number's scale: ``×1.54`` or ``± 12 ms``."""
    if not math.isfinite(reach):
        return DASH
    return factor(reach) if comparison.scale.smallest else f"± {value_text(reach, comparison.unit).lstrip('+')}"


def _notes(comparison: Comparison) -> tuple[str, ...]:
    slope, low, high = comparison.sen
    lines = list(comparison.notes)
    if math.isfinite(slope):
        if comparison.scale.smallest:
            weekly = f"{factor(slope)} ({factor(low)} to {factor(high)})"
        else:
            weekly = f"{number(slope, 3)} ({number(low, 3)} to {number(high, 3)}) {comparison.unit}"
        what = " of its odds" if comparison.unit == "1" else ""
        lines.append(f"Theil–Sen slope{what}, which single wild days do not move: {weekly} per week, 95 % interval.")
    if comparison.trend and comparison.word == ERROR and comparison.trend.low * comparison.trend.high > 0:
        lines.append("The trend's interval excludes no change at all, but not a change smaller than the one asked for.")
    if comparison.asked.metric in SIDED:
        lines.insert(0, _sides(comparison))
    if comparison.exploratory and comparison.word == PROBABLE:
        lines.append("An exploratory number: of many numbers some always move, so it is never called clear.")
    return tuple(lines)


def _sides(comparison: Comparison) -> str:
    """Say whether the sides differ on the last days: beyond ×1.3, and beyond what days and references are off by."""
    value = comparison.ends[1]
    of_day = comparison.reliability.sem / math.sqrt(max(comparison.last, 1))
    lasting = REFERENCE_LN * math.sqrt(2.0 * SIDED[comparison.asked.metric])
    limit = max(SIDE_LN, NORMAL_95 * math.hypot(of_day, lasting))
    side = "right" if value > 0 else "left"
    what = f"the index of the {side} side" if comparison.asked.metric == "sdi_difference" else f"the {side} side"
    if abs(value) > limit:
        return f"On the last days {what} is larger by {factor(abs(value))}: more than error ({factor(limit)})."
    return f"On the last days the sides are {factor(abs(value))} apart: not more than error ({factor(limit)})."
