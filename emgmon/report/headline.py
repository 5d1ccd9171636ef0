"""The four numbers at the top of a set, each with the words that it needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median

from emgmon.exercise.scores import hold_score
from emgmon.model import PHASE_TITLES, SetSummary, Value
from emgmon.report.charts import EVEN_LN, left_part
from emgmon.report.finding import set_estimate
from emgmon.report.reading import Reading, counted, duration_s, index_value, look_up, share_value
from emgmon.report.wording import DASH, capital, factor, flagged, number, percent, plural, usual_bound


@dataclass(frozen=True, slots=True)
class Headline:
    """A number with a label above and a note below."""

    label: str
    value: str
    note: str


def headlines(summary: SetSummary, reading: Reading) -> tuple[Headline, Headline, Headline, Headline]:
    """Return the four numbers of a set."""
    return (_part(summary, reading), _targets(summary), _sides(summary, reading), _holds(summary, reading))


def _median(found: list[Value]) -> tuple[float, str]:
    """Return the median and the flag that more than half of the values bear."""
    flags = [item.flag for item in found]
    return (median(item.value for item in found), usual_bound(flags)) if found else (math.nan, "")


def _part(summary: SetSummary, reading: Reading) -> Headline:
    """Return the glutes' share, or what takes its place without references or without one of the groups."""
    reps = counted(summary.reps)
    shares = {group: [item for rep in reps if (item := share_value(rep, group, reading))] for group in "GHE"}
    if shares["G"]:
        value, flag = _median(shares["G"])
        note = f"median; hamstrings {percent(_median(shares['H'])[0])}, back {percent(_median(shares['E'])[0])} %"
        side = "" if reading.shares_where == "both" else f", {reading.shares_where}"
        label = f"Glute share, {PHASE_TITLES[reading.phase]}{side}"
        return Headline(label, f"{flagged(percent(value), flag)} %", note)
    if reading.index is None:
        return Headline("Glute share", DASH, "not enough was measured")
    synergists = capital(reading.index.synergists)
    if reading.comparable:
        value, flag = _median([item for rep in reps if (item := index_value(rep, reading))])
        text = flagged(factor(value), flag)
        return Headline(f"{synergists} to glutes", text, f"median; {reading.place}; each of its reference")
    estimate = set_estimate(summary, reading)
    change = factor(estimate.last - estimate.first) if estimate else DASH
    tasks = ", by reference tasks" if reading.normalised else ""
    note = f"{reading.index.synergists} relative to glutes{tasks}" if estimate else "too few reps for an interval"
    return Headline("Second half against first", change, note)


def _targets(summary: SetSummary) -> Headline:
    """Return how many of the judged reps were on target."""
    met = sum(rep.target == "met" for rep in summary.reps)
    judged = met + sum(rep.target == "missed" for rep in summary.reps)
    left = len(summary.reps) - judged
    own = f"your own set {summary.measured_by}" if summary.measured_by else "your own first reps"
    note = f"against {own}" if judged else "no rep could be judged"
    if judged and left:
        note = f"{note}; {left} not judged"
    return Headline("Reps on target", f"{met} / {judged}" if judged else DASH, note)


def _sides(summary: SetSummary, reading: Reading) -> Headline:
    """Return the left and the right part of the glutes."""
    label = "Left : right glute"
    if len(reading.sides) == 1:
        return Headline(label, DASH, f"only the {reading.sides[0]} side was measured")
    if not reading.permits.sides:
        return Headline(label, DASH, "cannot be compared without references")
    value, _ = _median(
        [item for rep in counted(summary.reps) if (item := look_up(rep, "symmetry", reading.phase, "G"))]
    )
    if not math.isfinite(value):
        return Headline(label, DASH, "not measured on both sides")
    left = round(100 * left_part(value))
    larger = "right" if value > 0 else "left"
    note = "less than ×1.3 apart" if abs(value) < EVEN_LN else f"{larger} larger by {factor(abs(value))}"
    if not reading.comparable:
        note = f"{note}; each relative to its reference task"
    return Headline(label, f"{left} : {100 - left}", note)


def _holds(summary: SetSummary, reading: Reading) -> Headline:
    """Return how long the top was held, or how long a rep took where nothing is held."""
    reps = counted(summary.reps)
    phase = "hold" if reading.phase == "hold" else "act"
    lengths = [item for rep in reps if math.isfinite(item := duration_s(rep, phase))]
    label = "Hold, median" if phase == "hold" else "Whole rep, median"
    if not lengths:
        return Headline(label, DASH, "no rep that counts")
    note = f"{plural(len(lengths), 'rep')}, no target for the hold"
    if phase == "hold" and summary.hold_target_s is not None:
        low, high = summary.hold_target_s
        scores = [hold_score(item, summary.hold_target_s) for item in lengths]
        note = f"{scores.count('met')} of {len(lengths)} met {low:g} to {high:g} s"
        wrong = [f"{scores.count(word)} {word}" for word in ("short", "long") if word in scores]
        note = ", ".join([note, *wrong])
    return Headline(label, f"{number(median(lengths))} s", note)
