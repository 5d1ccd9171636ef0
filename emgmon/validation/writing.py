"""The finished table as text for a terminal, and as JSON for a machine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from emgmon.validation.table import Judged, Measurement, Result, Verdict

SCHEMA = 1
"""Version of the JSON; it grows when a key changes its meaning or goes away."""

_MISSED = {Verdict.MISSED: "MISSED"}


class Run(NamedTuple):
    """What was run: program and libraries, `date` (UTC, ISO 8601), the command line, whether it was the quick one."""

    program: str
    libraries: Mapping[str, str]
    date: str
    command: str
    quick: bool


def as_json(run: Run, results: Sequence[Result]) -> dict[str, Any]:
    """Return the table as JSON values; what is not a number is null."""
    return {
        "schema": SCHEMA,
        "program": run.program,
        "libraries": dict(run.libraries),
        "date": run.date,
        "command": run.command,
        "quick": run.quick,
        "simulated": True,
        "counts": counts(results),
        "rows": [_row_json(result) for result in results],
    }


def _row_json(result: Result) -> dict[str, Any]:
    row = result.row
    return {
        "id": row.id,
        "quantity": row.quantity,
        "target": row.target,
        "conditions": row.conditions,
        "verdict": result.verdict.value,
        "why": result.why,
        "cpu_s": round(result.cpu_s, 2),
        "measurements": [_judged_json(item) for item in result.judged],
    }


def _judged_json(item: Judged) -> dict[str, Any]:
    taken, limit = item.measurement, item.limit
    return {
        "measure": taken.measure,
        "value": taken.value if math.isfinite(taken.value) else None,
        "unit": taken.unit,
        "n": taken.n,
        "seeds": [taken.seeds.start, taken.seeds.stop - 1],
        "conditions": dict(taken.conditions),
        "limit": {"bound": limit.bound, "at_least": limit.at_least, "size": limit.size} if limit else None,
        "verdict": item.verdict.value,
    }


def counts(results: Sequence[Result]) -> dict[str, int]:
    """How many rows have each verdict."""
    return {verdict.value: sum(result.verdict is verdict for result in results) for verdict in Verdict}


def as_text(run: Run, results: Sequence[Result]) -> str:
    """Return the table for a terminal: a line for each row, and below it what is outside its limit."""
    width = max(len(result.row.id) for result in results)
    lines = [f"Simulated data, {'quick' if run.quick else 'full'} run, {run.program}"]
    for result in results:
        verdict = _MISSED.get(result.verdict, result.verdict.value)
        lines.append(f"{verdict:12}  {result.row.id:{width}}  {ranges(result) or result.why}")
        lines += [f"{'':14}{'':{width}}  MISSED {_outside(item)}" for item in result.judged if _is_missed(item)]
        if result.judged and result.why:
            lines.append(f"{'':14}{'':{width}}  {result.why}")
    lines.append(", ".join(f"{number} {verdict}" for verdict, number in counts(results).items() if number))
    return "\n".join(lines)


def _is_missed(item: Judged) -> bool:
    return item.verdict is Verdict.MISSED


def _outside(item: Judged) -> str:
    taken = item.measurement
    where = ", ".join(f"{key} {plain(value)}" for key, value in taken.conditions.items())
    return f"{taken.measure} {number(taken.value)} {unit_of(taken)}({item.limit}) at {where}; n = {taken.n}"


def unit_of(taken: Measurement) -> str:
    """Return the unit with a blank after it; nothing for what has none."""
    return "" if taken.unit == "1" else f"{taken.unit} "


def ranges(result: Result) -> str:
    """Smallest and largest value of each measure."""
    parts = []
    for measure in dict.fromkeys(item.measurement.measure for item in result.judged):
        taken = [item.measurement for item in result.judged if item.measurement.measure == measure]
        values = [m.value for m in taken if math.isfinite(m.value)]
        low, high = (min(values), max(values)) if values else (math.nan, math.nan)
        shown = number(low) if low == high or not values else f"{number(low)} … {number(high)}"
        parts.append(f"{measure} {shown} {unit_of(taken[0])}".rstrip())
    return "; ".join(parts)


def number(value: float) -> str:
    """Three significant digits, without an exponent; a dash when there is no number."""
    if not math.isfinite(value):
        return "–"
    if value == 0.0:
        return "0"
    digits = max(0, min(4, 2 - math.floor(math.log10(abs(value)))))
    return f"{value:.{digits}f}".replace("-", "−")


def plain(value: str | float) -> str:
    """Return a condition as it is shown."""
    return value if isinstance(value, str) else f"{value:g}"
