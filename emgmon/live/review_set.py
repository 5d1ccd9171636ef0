"""What the Review page says of one set: words, shares and places on the clock, and no pixels. No Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from emgmon.live.playing import Course
from emgmon.live.strings import words
from emgmon.metrics.estimates import MIN_REPS, interval
from emgmon.metrics.onset import least_delay_s
from emgmon.model import GROUPS, Placement, RepSummary, SetClosed, SetSummary, Value
from emgmon.report.order import lift_s, set_order
from emgmon.report.reading import BASELINE_REPS, Reading, counted, read_set, share_value
from emgmon.report.wording import listing, percent
from emgmon.runner.tape import Span

COLUMN_TOP = 0.65
"""Glute share at the top of the row of reps, unless a rep had more."""
FLAT = 0.62
"""Height of a rep without a share."""


@dataclass(frozen=True, slots=True)
class Block:
    """One rep in the row.

    Attributes
    ----------
    index : int
    start_s, stop_s : float
        On the session clock.
    hold_s : (float, float) or None
        Where it was held; None for a rep without a hold.
    share : float
        Of the glutes, 0 to 1; NaN when it could not be said.
    height : float
        0 to 1.
    leader : str
        ``G`` on target, ``H`` or ``E`` when that group took over, ``""`` when it could not be judged.
    valid : bool
        Enough was received for the rep to count, and for its share where the others have one.
    """

    index: int
    start_s: float
    stop_s: float
    hold_s: tuple[float, float] | None
    share: float
    height: float
    leader: str
    valid: bool


@dataclass(frozen=True, slots=True)
class Start:
    """When a group starts: in this rep, and the 95 % interval of its mean over the set; ms after the first move.

    ``at_ms`` is NaN where it could not be told, `why` then says why.
    """

    group: str
    at_ms: float
    low_ms: float
    high_ms: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is reviewed at a time: a set, or a whole recording without any.

    Attributes
    ----------
    title : str
    parts : tuple of str
        Of the line below it.
    start_s, stop_s : float
    blocks : tuple of Block
    mark : float
        Share that is the target, NaN before there is one.
    top : float
        Share at the top of the row of reps.
    kind : str
        Of the references.
    summary : SetSummary or None
    reading : Reading or None
    """

    title: str
    parts: tuple[str, ...]
    start_s: float
    stop_s: float
    blocks: tuple[Block, ...] = ()
    mark: float = math.nan
    top: float = COLUMN_TOP
    kind: str = "T4"
    summary: SetSummary | None = None
    reading: Reading | None = None

    def block_at(self, t_s: float) -> Block | None:
        """Return the rep at a session time, or the last one before; None before the first."""
        return next((block for block in reversed(self.blocks) if block.start_s <= t_s), None)

    def rep(self, index: int) -> RepSummary | None:
        """Return one rep by its number."""
        reps = self.summary.reps if self.summary is not None else ()
        return next((rep for rep in reps if rep.index == index), None)


def passage(course: Course, span: Span) -> Passage:
    """Read one closed set."""
    assert span.closed is not None  # noqa: S101 - only closed sets are shown
    summary = span.closed.summary
    reading = read_set(summary)
    shares = {rep.index: _share(rep, reading) for rep in summary.reps}
    known = [share for share in shares.values() if math.isfinite(share)]
    top = max([COLUMN_TOP, *(1.05 * share for share in known)])
    with course.lock:
        leaders = {rep.index: _leader(course, rep) for rep in summary.reps}
        mark = _mark(course, summary, known)
    blocks = tuple(_block(rep, shares[rep.index], top, leaders[rep.index], told=bool(known)) for rep in summary.reps)
    title = words("review.title", exercise=summary.exercise_title, index=summary.index)
    parts = tuple(_parts(summary, reading, shares))
    return Passage(title, parts, summary.start_s, summary.stop_s, blocks, mark, top, reading.kind, summary, reading)


def _mark(course: Course, summary: SetSummary, known: Sequence[float]) -> float:
    """Return the glute share that reps were measured by: of the first set of the exercise, in it of its first reps."""
    measure = known[:BASELINE_REPS]
    if summary.measured_by:
        closed = (event.summary for event in course.tape.told(SetClosed) if isinstance(event, SetClosed))
        first = next(item for item in closed if item.index == summary.measured_by)
        shares = [_share(rep, read_set(first)) for rep in first.reps]
        measure = [share for share in shares if math.isfinite(share)]
    return fmean(measure) if len(measure) >= BASELINE_REPS else math.nan


def whole(course: Course, end_s: float) -> Passage:
    """Read a recording without sets up to `end_s`, with the references that were in force for longest."""
    with course.lock:
        kinds = course.tape.kinds(0.0, end_s)
    found, counts = np.unique(kinds, return_counts=True)
    kind = str(found[counts.argmax()]) if found.size else "T4"
    return Passage(words("review.no_set"), (), 0.0, end_s, kind=kind)


def starts(rep: RepSummary, reps: Iterable[RepSummary]) -> tuple[Start, ...]:
    """Say when each group starts in a rep, beside what the set's reps give; empty when no onset was sought."""
    found = []
    for group in GROUPS:
        sought = [value for value in rep.values if value.metric == "onset" and _in_group(value, group)]
        if not sought:
            continue
        all_ms = [value for item in counted(reps) if math.isfinite(value := _onset_ms(item, group))]
        low, high = math.nan, math.nan
        if len(all_ms) >= MIN_REPS:
            low, high = interval(np.arange(len(all_ms), dtype=np.float64), np.array(all_ms))[:2]
        found.append(Start(group, _onset_ms(rep, group), low, high, next((v.flag for v in sought if v.flag), "")))
    return tuple(found)


def order_lines(summary: SetSummary) -> tuple[str, ...]:
    """Say in short sentences what the set's order is: one for all synergists of which the same is true."""
    told: dict[str, list[str]] = {}
    for group in ("H", "E"):
        order = set_order(summary, group)
        if order is not None:
            told.setdefault(order.word, []).append(words(f"review.other.{group}"))
    lines = []
    for word, others in told.items():
        every = listing([words("review.other.G"), *others])
        lines.append(words(f"review.order.{word}", other=listing(others), every=every))
    if "together" in told:
        lines.append(words("review.order.least", ms=round(1000 * least_delay_s(lift_s(summary)))))
    return tuple(lines)


def clock(t_s: float, digits: int = 0) -> str:
    """Return ``0:47`` or ``0:47.1``."""
    t_s = max(0.0, round(t_s, digits))
    wide = 2 if not digits else 3 + digits
    return f"{int(t_s // 60)}:{t_s % 60:0{wide}.{digits}f}"


def _onset_ms(rep: RepSummary, group: str) -> float:
    """Mean onset of a group's channels in one rep, ms; NaN without any."""
    found = [
        1000.0 * value.value
        for value in rep.values
        if value.metric == "onset" and math.isfinite(value.value) and _in_group(value, group)
    ]
    return fmean(found) if found else math.nan


def _in_group(value: Value, group: str) -> bool:
    place = Placement.parse(value.where)
    return place is not None and place.group == group


def _share(rep: RepSummary, reading: Reading) -> float:
    item = share_value(rep, "G", reading) if rep.valid else None
    return item.value if item is not None else math.nan


def _leader(course: Course, rep: RepSummary) -> str:
    """Return who led a rep: the glutes on target, else the synergist that led for longer."""
    if rep.target == "met":
        return "G"
    if rep.target != "missed":
        return ""
    counts: Mapping[str, int] = course.tape.leaders(rep.rep.start_s, rep.rep.end_s)
    return max(("H", "E"), key=lambda group: counts.get(group, 0))


def _block(rep: RepSummary, share: float, top: float, leader: str, *, told: bool) -> Block:
    """Make a column; where the set has shares, a rep without one does not count."""
    times = rep.rep
    held = (times.top_s, times.release_s) if times.release_s > times.top_s else None
    height = share / top if math.isfinite(share) else FLAT
    return Block(
        rep.index,
        times.start_s,
        times.end_s,
        held,
        share,
        height,
        leader,
        rep.valid and (math.isfinite(share) or not told),
    )


def _parts(summary: SetSummary, reading: Reading, shares: Mapping[int, float]) -> list[str]:
    n = len(summary.reps)
    parts = [words("review.rep") if n == 1 else words("review.reps", n=n)]
    judged = [rep for rep in summary.reps if rep.target != "unknown"]
    if judged:
        met = sum(rep.target == "met" for rep in judged)
        parts.append(words("review.on_target", met=met, judged=len(judged)))
    known = [share for share in shares.values() if math.isfinite(share)]
    if known:
        parts.append(words("review.median", percent=percent(median(known))))
    elif n:
        why = "group" if reading.comparable else "reference"
        parts.append(words("review.no_share", why=words(f"review.no_share.{why}")))
    return parts
