"""Who starts first: the onsets of glutes, hamstrings and back in each rep, and what may be said of their order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, median

from markupsafe import Markup

from emgmon.metrics.onset import Order, least_delay_s, order_of
from emgmon.model import GROUP_TITLES, GROUPS, Placement, RepSummary, SetSummary
from emgmon.report.charts import MARKS, WIDTH
from emgmon.report.figures import Figure
from emgmon.report.reading import counted, duration_s
from emgmon.report.svg import COLOURS, INK, LINE, SECOND, Drawing
from emgmon.report.wording import listing

OTHERS = {"H": ("hamstrings", "onset_delay_h"), "E": ("back", "onset_delay_e")}


def starts_figure(summary: SetSummary) -> Figure | None:
    """Draw the onsets of each group against the start of the movement; None when no rep has any."""
    starts = {group: [_group_mean(rep, "onset", group) for rep in counted(summary.reps)] for group in GROUPS}
    found = {group: [item for item in items if math.isfinite(item)] for group, items in starts.items()}
    if not any(found.values()):
        return None
    note = "Onset after the start of the movement, ms. A mark for each rep, bar = median"
    return Figure("Who starts first", note, start_dots(found))


def _group_mean(rep: RepSummary, metric: str, group: str) -> float:
    """Mean over the channels of a group, NaN when none has one."""
    values = [
        item.value
        for item in rep.values
        if item.metric == metric
        and math.isfinite(item.value)
        and (place := Placement.parse(item.where)) is not None
        and place.group == group
    ]
    return fmean(values) if values else math.nan


def start_dots(starts_s: Mapping[str, Sequence[float]]) -> Markup:
    """Draw a line for each group with a mark for each rep and a bar at the median; zero is the movement."""
    rows = [(group, starts_s[group]) for group in GROUPS if starts_s.get(group)]
    figure = Drawing(WIDTH, 18 + 26 * len(rows) + 18, "Onset of each muscle group in each rep")
    values = [value for _group, items in rows for value in items]
    low, high = min(-0.1, *values) - 0.02, max(0.1, *values) + 0.02
    x0, width = 82.0, WIDTH - 96

    def x(value_s: float) -> float:
        return x0 + width * (value_s - low) / (high - low)

    tick = next(size for size in (0.05, 0.1, 0.2, 0.5) if (high - low) / size <= 7 or size == 0.5)
    bottom = figure.height - 18
    for place in range(math.ceil(low / tick), math.floor(high / tick) + 1):
        at = x(place * tick)
        figure.line((at, 14), (at, bottom), LINE if place else INK, 1.2 if place == 0 else 0.7, "" if place else "4 3")
        label = f"{1000 * place * tick:+.0f}".replace("-", "−") if place else "0"
        figure.text((at, bottom + 12), label, size=9, colour=SECOND, anchor="middle")
    figure.text((x(0), 10), "movement starts", size=9.5, colour=INK, anchor="middle", weight=600)
    for line, (group, items) in enumerate(rows):
        y = 30 + 26 * line
        figure.text((0, y + 4), GROUP_TITLES[group], size=11, colour=COLOURS[group], weight=700)
        for value in items:
            figure.mark((x(value), y), MARKS[group], COLOURS[group], radius=3.4, title=f"{1000 * value:+.0f} ms")
        middle = x(median(items))
        figure.line((middle, y - 10), (middle, y + 10), COLOURS[group], 3)
    return figure.end()


def order_lines(summary: SetSummary) -> tuple[str, ...]:
    """Say what may be said of the order, and what it does not mean; empty when there are no onsets."""
    reps = counted(summary.reps)
    lines, together = [], False
    for group, (title, metric) in OTHERS.items():
        order = set_order(summary, group)
        if order is None:
            continue
        together = together or order.word == "together"
        lines.append(_sentence(order, title, _why(reps, metric)))
    if together:
        lines[-1] += f" A median under {1000 * least_delay_s(lift_s(summary)):.0f} ms is not called an order."
    lines += _centres(reps)
    if lines:
        lines.append(
            "In healthy people the glutes are often the last to start: a late start alone is no fault. Compare it with "
            "your own earlier sets of the same exercise."
        )
    return tuple(lines)


def set_order(summary: SetSummary, group: str) -> Order | None:
    """Say whether the glutes start later than ``H`` or ``E`` over a set; None when the set has no delays of them."""
    reps, (_title, metric) = counted(summary.reps), OTHERS[group]
    timed = [rep for rep in reps if any(item.metric == metric for item in rep.values)]
    if not timed:
        return None
    good = [rep for rep in timed if math.isfinite(rep.value(metric, "con"))]
    rises = [_group_mean(rep, "rise10", "G") - _group_mean(rep, "rise10", group) for rep in good]
    delays = [rep.value(metric, "con") for rep in good]
    return order_of(delays, [item for item in rises if math.isfinite(item)], lift_s(summary))


def lift_s(summary: SetSummary) -> float:
    """Usual length of a lift in a set, s; NaN without reps that count."""
    lifts = [duration_s(rep, "con") for rep in counted(summary.reps)]
    return median(lifts) if lifts else math.nan


def _centres(reps: Sequence[RepSummary]) -> list[str]:
    """Say where in the lift the activity of each group has its centre; empty with fewer than two groups."""
    found = {}
    for group in GROUPS:
        values = [_group_mean(rep, "centroid", group) for rep in reps]
        known = [value for value in values if math.isfinite(value)]
        if known:
            found[group] = f"{GROUP_TITLES[group].lower()} {median(known):.0f}"
    if len(found) < 2:
        return []
    return [f"Centre of activity, in % of the lift: {listing(list(found.values()))}."]


def _why(reps: Sequence[RepSummary], metric: str) -> str:
    """Return the commonest reason for which a rep has no delay."""
    flags = [
        item.flag
        for rep in reps
        if not math.isfinite(rep.value(metric, "con"))
        for item in rep.values
        if item.metric == metric and item.where == "both" and item.flag
    ]
    return max(sorted(set(flags)), key=flags.count) if flags else "too few reps"


def _sentence(order: Order, title: str, why: str) -> str:
    if order.word == "unknown":
        return f"Glutes and {title}: the order cannot be said ({why})."
    bounds = f"{1000 * order.low_s:+.0f} to {1000 * order.high_s:+.0f}"
    numbers = f"median {1000 * order.median_s:+.0f} ms, 95 % {bounds}".replace("-", "−")
    if order.word == "together":
        return f"Glutes and {title}: simultaneous within error ({numbers}, n = {order.n})."
    return f"Glutes {order.word} than {title} ({numbers}, n = {order.n})."
