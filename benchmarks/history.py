"""What a long history costs: the trend of one person, the opening of History, and a rebuild.

``python benchmarks/history.py [sessions …]`` (default 10 1000 100000). Stores of so many sessions are made in a
temporary folder, 100 of each person, a set of 12 repetitions in each; the numbers are made up. CPU seconds, least of
five runs; the store was just written, so that the disk's cache is warm.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from emgmon.metrics.weeks import compare
from emgmon.model import SessionSummary
from emgmon.report.compare import over_weeks
from emgmon.runner import analyse
from emgmon.runner.history import read_known
from emgmon.storage.recording import read_recording
from emgmon.storage.sessions import Origin, add_recording, listed, open_store, past_sets, put_session, schema
from emgmon.storage.sessions.store import Store
from emgmon.storage.sessions.writing import ANALYSIS

REPS, OF_ONE_PERSON, AT_ONCE = 12, 100, 2000
EXERCISE = "bridge_2leg"
NUMBERS = (("sdi", "hold", "both", "ln"), ("share_glute", "hold", "both", "1"), ("duration", "act", "both", "s"))
RECORDING = Path(__file__).parents[1] / "recordings" / "bridges-clean.mcap"
RUNS = 5
EMPTY = SessionSummary("2026-01-01T08:00:00+00:00", "", "", True, 60.0, (), (), {}, notes=())


def filled(store: Store, sessions: int) -> None:
    """Write sessions in large transactions, as no session is written."""
    rng = np.random.default_rng(1)
    with store.writing() as connection:
        rows = [
            dict(zip(("id", "metric", "phase", "place", "unit"), (k, *n), strict=True)) for k, n in enumerate(NUMBERS)
        ]
        connection.execute(insert(schema.NUMBERS), rows)
        persons = [{"id": k + 1, "name": f"P{k + 1}"} for k in range(-(-sessions // OF_ONE_PERSON))]
        connection.execute(insert(schema.PERSONS), persons)
    for first in range(0, sessions, AT_ONCE):
        ids = range(first, min(first + AT_ONCE, sessions))
        with store.writing() as connection:
            for table, rows in rows_of(ids, rng).items():
                connection.execute(insert(table), rows)


def rows_of(ids: range, rng: np.random.Generator) -> dict:
    """Rows of sessions, by table, parents first."""
    made = {table: [] for table in (schema.FACTS, schema.SESSIONS, schema.SETS, schema.REPS)}
    made |= {schema.ESTIMATES: [], schema.REP_VALUES: []}
    for k in ids:
        sha256 = f"{k:064x}"
        day = dt.date(2020, 1, 1) + dt.timedelta(days=2 * (k % OF_ONE_PERSON))
        made[schema.FACTS].append({"sha256": sha256, "person_id": k // OF_ONE_PERSON + 1, "note": ""})
        made[schema.SESSIONS].append(
            {
                "id": k, "sha256": sha256, "path": f"/r/{k}.mcap", "started_utc": f"{day}T08:00:00+00:00",
                "duration_s": 600.0, "program": "", "source": "", "simulated": True, "analysis": ANALYSIS, "damage": "",
                "error": "",
            }
        )  # fmt: skip
        made[schema.SETS].append(
            {
                "id": k, "session_id": k, "number": 1, "exercise": EXERCISE, "exercise_title": "Glute bridge",
                "start_s": 0.0, "stop_s": 60.0, "reps": REPS, "reps_valid": REPS, "kind": "T1", "device_class": "A",
                "composition": "worn", "tempo_s": 5.0, "coverage": 1.0,
            }
        )  # fmt: skip
        values = 0.2 + 0.25 * rng.standard_normal() + 0.1 * rng.standard_normal((REPS, len(NUMBERS)))
        for rep, row in enumerate(values.tolist(), start=1):
            texts = {"side": "", "source": "", "valid": True, "target": "met", "hold": "met"}
            made[schema.REPS].append({"set_id": k, "number": rep, "start_s": 5.0 * rep, **texts})
            made[schema.REP_VALUES] += [
                {"set_id": k, "rep": rep, "number_id": n, "value": value, "flag": ""} for n, value in enumerate(row)
            ]
        for n, mean in enumerate(values.mean(0).tolist()):
            bounds = {"n": REPS, "mean": mean, "low": mean - 0.1, "high": mean + 0.1, "error": 0.04, "freedom": 5.0}
            made[schema.ESTIMATES].append({"set_id": k, "number_id": n, "at_most": 0, "at_least": 0, **bounds})
    return made


def least_s(what: Callable[[], object]) -> float:
    """CPU time of the quickest of some runs."""
    spans_s = []
    for _ in range(RUNS):
        began_s = time.process_time()
        what()
        spans_s.append(time.process_time() - began_s)
    return min(spans_s)


def measure(sessions: int, folder: Path) -> dict[str, float]:
    """Measure one store, which stays in the folder as ``SESSIONS.db``; CPU in ms, size in MB."""
    where = folder / f"{sessions}.db"
    began_s = time.process_time()
    with open_store(where) as store:
        filled(store, sessions)
        made_s = time.process_time() - began_s
        person = "P1"
        past = past_sets(store, person, EXERCISE, {"sdi"})
        found = {
            "made_s": made_s,
            "mb": where.stat().st_size / 1e6,
            "of_the_person": len(past),
            "open_ms": 1e3 * least_s(lambda: open_store(where).close()),
            "list_ms": 1e3 * least_s(lambda: listed(store, person)),
            "one_number_ms": 1e3 * least_s(lambda: past_sets(store, person, EXERCISE, {"sdi"})),
            "all_numbers_ms": 1e3 * least_s(lambda: past_sets(store, person)),
            "trend_ms": 1e3 * least_s(lambda: compare(past, EXERCISE)),
        }
        began_s = time.process_time()
        for k in range(RUNS):
            put_session(store, Origin(f"{sessions + k:064x}", ""), EMPTY)
        return {**found, "put_ms": 1e3 * (time.process_time() - began_s) / RUNS}


def history(sessions: int, folder: Path) -> None:
    """Print what one store costs."""
    found = measure(sessions, folder)
    print(f"{sessions} sessions, {REPS * sessions} reps: {found['mb']:.1f} MB, made in {found['made_s']:.1f} s")
    print(f"  opening the store            {found['open_ms']:8.1f} ms")
    print(f"  list of one person ({found['of_the_person']:3})     {found['list_ms']:8.1f} ms")
    print(f"  reading one exercise's index {found['one_number_ms']:8.1f} ms")
    print(f"  reading all of that person   {found['all_numbers_ms']:8.1f} ms")
    print(f"  trend                        {found['trend_ms']:8.1f} ms")
    print(f"  storing a session without sets {found['put_ms']:6.1f} ms")


def rebuild(folder: Path) -> SessionSummary:
    """Measure a rebuild from the shipped recording; returns what it gave."""
    first_ns, last_ns = read_recording(RECORDING).span_ns()
    hours = (last_ns - first_ns) * 1e-9 / 3600.0
    began_s = time.process_time()
    summary = analyse(read_recording(RECORDING))
    analysed_s = time.process_time() - began_s
    with open_store(folder / "rebuilt.db") as store:
        began_s = time.process_time()
        add_recording(store, RECORDING, lambda _entries: summary)
        put_s = time.process_time() - began_s
    print(f"rebuild of a recording of {3600 * hours:.0f} s with 6 sensors and 1 set of 6 reps:")
    print(f"  analysis {analysed_s:.1f} s, {analysed_s / hours:.0f} s for each hour; store {1e3 * put_s:.0f} ms")
    return summary


def opening(folder: Path, summary: SessionSummary) -> None:
    """Measure what the History page does when it is opened: sessions with all the numbers that a set has."""
    where = str(folder / "whole.db")
    with open_store(where) as store:
        for k in range(OF_ONE_PERSON):
            day = dt.date(2026, 1, 1) + dt.timedelta(days=2 * k)
            session = replace(summary, started_utc=f"{day}T08:00:00+00:00")
            put_session(store, Origin(f"{k:064x}", ""), session)
    read_s = least_s(lambda: read_known(where))
    known = read_known(where)
    shown_s = least_s(lambda: over_weeks(known.sets, known.chosen))
    numbers, size_mb = len(summary.sets[0].estimates), Path(where).stat().st_size / 1e6
    print(f"History of {OF_ONE_PERSON} sessions with {numbers} numbers in each set, {size_mb:.0f} MB:")
    print(f"  reading {1e3 * read_s:.0f} ms, all that is shown {1e3 * shown_s:.0f} ms")


def main(sizes: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for sessions in sizes:
            history(sessions, Path(folder))
        opening(Path(folder), rebuild(Path(folder)))


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [10, 1000, 100_000])
