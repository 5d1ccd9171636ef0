"""A session as a terminal shows it: plain text of at most 100 columns."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator

from emgmon.model import RepSummary, SessionSummary, SetSummary
from emgmon.report.doing import count_text, done_lines, rep_remark, sign_lines
from emgmon.report.finding import find, set_estimate
from emgmon.report.questions import beside_lines, question_rows
from emgmon.report.reading import Reading, duration_s, has_phases, index_value, read_set, share_value
from emgmon.report.tables import judge, lost_text, sensor_title, split_motion, unit_text
from emgmon.report.wording import (
    DASH,
    bounds_text,
    factor,
    flagged,
    interval,
    length,
    moment,
    number,
    percent,
    plural,
    signed,
)

COLUMNS = 100

TABLE_REPS = 24
"""Reps in the table; of a longer set the first and the last ones."""


def session_text(summary: SessionSummary) -> str:
    """Return a session's finding, its reps as a table, the estimate and the signal quality, without a last newline."""
    head = ("emgmon", moment(summary.started_utc), length(summary.duration_s), f"from {summary.source or 'unknown'}")
    lines = [", ".join(filter(None, head))]
    if summary.simulated:
        lines.append("SIMULATED DATA: no person wore the sensors.")
    for item in summary.sets:
        lines += ["", *_set_lines(summary, item)]
    if not summary.sets:
        lines += ["", "No set was recorded."]
    lines += ["", "Signal", *(_sensor_lines(summary) or ["  No sensor sent anything."])]
    notes = [*(note for item in summary.sets for note in item.notes), *summary.notes]
    if notes:
        lines += ["", "Notes", *(f"- {note}" for note in dict.fromkeys(notes))]
    lines += ["", f"Training aid, not a diagnosis. Made by {summary.program}."]
    return "\n".join(part for line in lines for part in _folded(line))


def _folded(line: str) -> list[str]:
    """Fold a line that is too long, and indent what follows."""
    if len(line) <= COLUMNS:
        return [line]
    indent = "  " + " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(line, COLUMNS, subsequent_indent=indent, break_on_hyphens=False)


def _set_lines(session: SessionSummary, summary: SetSummary) -> Iterator[str]:
    reading = read_set(summary)
    finding = find(summary, reading)
    yield f"Set {summary.index}: {summary.exercise_title}, {count_text(summary)}"
    yield f"=> {finding.title}"
    yield finding.lead
    if not summary.reps:
        return
    yield ""
    yield from _table(summary, reading)
    yield _estimate_line(summary, reading)
    yield from done_lines(summary)
    signs = sign_lines(summary)
    if signs:
        yield ""
        yield "Signs (limits of amber and red are conventions; a sign is no diagnosis)"
        yield from (f"  {line}" for line in signs)
    yield ""
    yield from (f"{row.question} {row.answer}. {row.reason}" for row in question_rows(session, summary))
    yield from beside_lines(summary, reading)


def _table(summary: SetSummary, reading: Reading) -> Iterator[str]:
    """Return a line for each rep; shares and index are those of the phase that is read."""
    shares = bool(reading.shares_where)
    index = reading.index.short if reading.index else "index"
    phases = {"con": "lift s", "hold": "hold s", "ecc": "lower s"} if has_phases(summary) else {"act": "whole s"}
    heads = ["rep", *phases.values(), *(["glute %", "hams %", "back %"] if shares else [])]
    widths = [4, *(max(7, len(head) + 1) for head in heads[1:]), 9, 8]
    heads += [index if reading.comparable else f"Δ{index}", "×"]
    yield "".join(head.rjust(width) for head, width in zip(heads, widths, strict=True)) + "  target"
    skipped = (
        range(TABLE_REPS // 2, len(summary.reps) - TABLE_REPS // 2) if len(summary.reps) > TABLE_REPS else range(0)
    )
    for place, rep in enumerate(summary.reps):
        if place in skipped:
            if place == skipped.start:
                yield f"   … {plural(len(skipped), 'rep')} more in the JSON summary …"
            continue
        cells = [str(rep.index), *(_seconds(rep, phase) for phase in phases)]
        if shares:
            cells += [_share(rep, group, reading) for group in "GHE"]
        item = index_value(rep, reading)
        cells += [flagged(signed(item.value), item.flag), factor(item.value)] if item else [DASH, DASH]
        target = {"met": "met", "missed": "missed <", "unknown": DASH}.get(rep.target, rep.target)
        line = "".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        remark = rep_remark(rep)
        yield f"{line}  {target if rep.valid else 'not counted'}{f'  {remark}' if remark else ''}"


def _seconds(rep: RepSummary, phase: str) -> str:
    """Return how long a phase took; a dash where there was none, as the hold of a stride."""
    took_s = duration_s(rep, phase)
    return number(took_s) if took_s > 0 else DASH


def _share(rep: RepSummary, group: str, reading: Reading) -> str:
    item = share_value(rep, group, reading)
    return flagged(percent(item.value), item.flag) if item else DASH


def _estimate_line(summary: SetSummary, reading: Reading) -> str:
    """Say the set's estimate; how its halves differ stands in the finding."""
    if reading.index is None:
        return "No index could be computed."
    estimate = set_estimate(summary, reading)
    name = f"{reading.index.short} ({reading.place})"
    if estimate is None:
        return f"{name}: too few reps for an interval"
    bounds = bounds_text(estimate.at_most, estimate.at_least)
    if not reading.comparable:
        why = "relative to light reference tasks" if reading.normalised else "no references"
        return f"{name}: {why}, so only its change means something; Δ is against the first two reps{bounds}"
    within = f"95 % interval {interval(estimate.low, estimate.high)}, n = {estimate.n}"
    return f"{name}: {signed(estimate.mean)}, {within}{bounds}"


def _sensor_lines(summary: SessionSummary) -> list[str]:
    """Return a line for each sensor; good motion channels of sensors with electrodes share one."""
    shown, motion = split_motion(summary.channels)
    width = max((len(sensor_title(item)) for item in shown), default=0)
    device = max((len(item.device) for item in shown), default=0)
    lines = []
    for item in shown:
        lost = lost_text(item)
        loss = f"lost {lost:>4} % ({item.loss_evidence})" if lost != DASH else "loss not known"
        noise = f"  noise {number(item.noise)} {unit_text(item.unit)}" if math.isfinite(item.noise) else ""
        rate = f"{number(item.fs_measured_hz)} Hz"
        where = f"  {sensor_title(item):<{width}}  {item.device:<{device}}"
        lines.append(f"{where}  {judge(item)[1]:<11}  {rate:>9}  {loss}{noise}")
    if motion:
        worst = max(motion, key=lambda item: item.lost_percent)
        lines.append(f"  Motion of {plural(len(motion), 'sensor')}: good, lost at most {lost_text(worst)} %")
    return lines
