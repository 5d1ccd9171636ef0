"""A session as two long tables of text (CSV): one line for each number of each rep, one for each estimate of a set.

Every line says what it is of and in which unit, so that a spreadsheet or a statistics program can filter and pivot it.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields

from emgmon.model import Estimate, SessionSummary

REP_COLUMNS = (
    "started_utc",
    "set",
    "exercise",
    "reference_kind",
    "rep",
    "side",
    "rep_start_s",
    "rep_end_s",
    "rep_valid",
    "metric",
    "phase",
    "where",
    "value",
    "unit",
    "flag",
)
SET_COLUMNS = ("started_utc", "set", "exercise", "reference_kind", *(field.name for field in fields(Estimate)))


def reps_csv(summary: SessionSummary) -> str:
    """Return one line for each `Value` of each rep; a number that is missing is empty and its ``flag`` says why."""
    return _table(REP_COLUMNS, _rep_lines(summary))


def sets_csv(summary: SessionSummary) -> str:
    """Return one line for each `Estimate` of each set, its columns named as the estimate's fields."""
    lines = (
        (summary.started_utc, item.index, item.exercise, item.kind, *astuple(estimate))
        for item in summary.sets
        for estimate in item.estimates
    )
    return _table(SET_COLUMNS, lines)


def _rep_lines(summary: SessionSummary) -> Iterator[Sequence[object]]:
    for item in summary.sets:
        for rep in item.reps:
            about = (summary.started_utc, item.index, item.exercise, item.kind, rep.index, rep.rep.side)
            times = (rep.rep.start_s, rep.rep.end_s, rep.valid)
            for value in rep.values:
                yield *about, *times, value.metric, value.phase, value.where, value.value, value.unit, value.flag


def _table(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(item) for item in line] for line in lines)
    return page.getvalue()


def _cell(item: object) -> object:
    """Return a number with six digits, empty for none; a text that a spreadsheet would compute is kept a text."""
    if isinstance(item, bool):
        return int(item)
    if isinstance(item, float):
        return f"{item:.6g}" if math.isfinite(item) else ""
    return f"'{item}" if isinstance(item, str) and item.startswith(("=", "+", "-", "@")) else item
