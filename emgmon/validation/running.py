"""Runs rows of the table one after the other, with seeds that nothing was tuned on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from fnmatch import fnmatch

from emgmon.errors import EmgmonError
from emgmon.validation.table import Measurement, Result, Row, Verdict, judge

ACCEPTANCE_SEED = 7_310_000
"""First seed of acceptance. The program was tuned on seeds below 100,000; nothing is ever tuned on these."""


def chosen(rows: Iterable[Row], patterns: str) -> list[Row]:
    """Rows whose id matches one of the comma-separated shell patterns; all for an empty text."""
    known = list(rows)
    wanted = [part.strip() for part in patterns.split(",") if part.strip()]
    found = [row for row in known if not wanted or any(fnmatch(row.id, pattern) for pattern in wanted)]
    if not found:
        names = ", ".join(row.id for row in known)
        raise EmgmonError(f"no row is called {patterns!r}; there are {names}")
    return found


def seeds_of(row: Row, *, quick: bool) -> range:
    """Return the acceptance seeds of a row: the same in each run, the quick ones the first of them."""
    return range(ACCEPTANCE_SEED, ACCEPTANCE_SEED + (row.n_quick if quick else row.n_seeds))


def run_row(row: Row, *, quick: bool) -> Result:
    """Measure one row; what goes wrong inside it makes it missed, and is told."""
    if row.measure is None:
        return Result(row, Verdict.NOT_MEASURED, (), why=row.conditions)
    began_s = time.process_time()
    measured: list[Measurement] = []
    why = ""
    try:
        measured += row.measure(seeds_of(row, quick=quick), quick)
    except Exception as error:  # noqa: BLE001 - one broken row must not hide the others
        why = f"{type(error).__name__}: {error}"
    verdict, judged = judge(row, measured)
    return Result(row, Verdict.MISSED if why else verdict, judged, time.process_time() - began_s, why)


def run_all(rows: Iterable[Row], *, quick: bool, told: Callable[[Result], None]) -> list[Result]:
    """Measure rows in order and tell of each as soon as it is done."""
    results = []
    for row in rows:
        results.append(run_row(row, quick=quick))
        told(results[-1])
    return results
