"""From a set's numbers to its figures: which are drawn, under which title, and the sentence where one cannot be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean

from markupsafe import Markup

from emgmon.model import GROUPS, PHASE_TITLES, Placement, RepSummary, SetSummary
from emgmon.report.charts import (
    Row,
    change_marks,
    index_dots,
    share_bars,
    side_dots,
    tempo_bars,
)
from emgmon.report.finding import set_estimate
from emgmon.report.reading import (
    BASELINE_REPS,
    Reading,
    counted,
    duration_s,
    has_phases,
    index_value,
    look_up,
    share_value,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A title, a line about how to read it, and the drawing or the sentence in its place."""

    title: str
    note: str
    drawing: Markup | str


def _row(rep: RepSummary, parts: dict[str, float]) -> Row:
    return Row(rep.index, parts, rep.target, rep.valid)


def work_figure(summary: SetSummary, reading: Reading) -> Figure:
    """Draw the shares; without references or without a group, each group against its own first reps."""
    if reading.shares_where:
        rows = [
            _row(rep, {g: item.value if (item := share_value(rep, g, reading)) else math.nan for g in GROUPS})
            for rep in summary.reps
        ]
        side = "" if reading.shares_where == "both" else f", {reading.shares_where} side"
        note = f"Share of the three muscle groups, {PHASE_TITLES[reading.phase]}{side}, %"
        return Figure("Who does the work", note, share_bars(rows))
    title = "What changed in each muscle"
    rows = [_row(rep, parts) for rep, parts in zip(summary.reps, group_changes(summary, reading), strict=True)]
    if not any(row.parts for row in rows):
        return Figure(title, "", "No level could be measured.")
    note = f"Level against its own first two reps, {PHASE_TITLES[reading.phase]}"
    return Figure(title, note, change_marks(rows))


def group_changes(summary: SetSummary, reading: Reading) -> list[dict[str, float]]:
    """Return for each rep ln(level / level in the first two reps) of each group, mean over its channels."""
    keys = {item.where for rep in summary.reps for item in rep.values if item.metric == "level"}
    changes: list[dict[str, list[float]]] = [{} for _ in summary.reps]
    for key in sorted(keys):
        place = Placement.parse(key)
        if place is None or place.group not in GROUPS:
            continue
        found = [look_up(rep, "level", reading.phase, key) for rep in summary.reps]
        logs = [math.log(item.value) if item is not None and item.value > 0 else math.nan for item in found]
        first = [log for log, rep in zip(logs, summary.reps, strict=True) if rep.valid and math.isfinite(log)]
        if not first:
            continue
        zero = fmean(first[:BASELINE_REPS])
        for changed, log in zip(changes, logs, strict=True):
            if math.isfinite(log):
                changed.setdefault(place.group, []).append(log - zero)
    return [{group: fmean(items) for group, items in changed.items()} for changed in changes]


def tempo_figure(summary: SetSummary) -> Figure:
    """Draw how long each phase took."""
    rows = []
    for rep in summary.reps:
        lengths = {phase: duration_s(rep, phase) for phase in ("con", "hold", "ecc")}
        rows.append(_row(rep, {phase: s if math.isfinite(s) else 0.0 for phase, s in lengths.items()}))
    if not has_phases(summary):
        return Figure("How long", "Zero = the highest activity of the cycle", tempo_bars(rows, None))
    held = any(row.parts["hold"] > 0 for row in rows)
    note = f"{'Dark = hold' if held else 'Zero = the turn'}; before it the lift, after it the lowering"
    return Figure("How long", note, tempo_bars(rows, summary.hold_target_s))


def index_figure(summary: SetSummary, reading: Reading) -> Figure:
    """Draw the index of each rep with the set's estimate."""
    if reading.index is None:
        return Figure("Index in each rep", "", "No index could be computed; the notes say why.")
    missing = math.nan
    rows = [
        _row(rep, {"index": item.value if (item := index_value(rep, reading)) else missing}) for rep in summary.reps
    ]
    estimate = set_estimate(summary, reading)
    label = "equal parts of each reference" if reading.comparable else "your first two reps"
    title = f"{reading.name[:1].upper()}{reading.name[1:]} in each rep"
    rose = f"more {reading.index.synergists}" if reading.comparable else f"{reading.index.synergists} gained"
    note = f"{reading.index.formula}, {reading.place}; 0 = {label}; up = {rose}"
    if estimate is not None:
        note = f"{note}; grey = 95 % interval, dashes = halves"
    return Figure(title, note, index_dots(rows, estimate, reading.zero))


def sides_figure(summary: SetSummary, reading: Reading) -> Figure:
    """Draw left against right, or say why not."""
    title = "Left and right"
    if len(reading.sides) == 1:
        return Figure(title, "", f"Only the {reading.sides[0]} side was measured.")
    if not reading.permits.sides:
        return Figure(title, "", "Left and right cannot be compared without a reference for each side.")
    ratios = {
        group: [item.value for rep in counted(summary.reps) if (item := look_up(rep, "symmetry", reading.phase, group))]
        for group in GROUPS
    }
    if not any(ratios.values()):
        return Figure(title, "", "No muscle was measured on both sides.")
    note = "Left part of left + right, %. A mark for each rep, bar = median, grey = less than ×1.3 apart"
    return Figure(title, note, side_dots(ratios))
