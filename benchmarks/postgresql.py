"""What a shared store takes: ``python benchmarks/postgresql.py [--sessions 40]``, sessions stored per second.

The summary of the shipped recording (one set, every number that a set has) is stored again and again as another
session, by 1, 2 and 4 processes, into an SQLite file and into a PostgreSQL server that this script starts on a private
socket of this computer (fetched when there is none). One writer at a time is the store's own rule: more processes are
not to be slower. The server writes to disk as a real one does. Wall time. Needs psycopg (the extra ``server``).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parents[1])]

import postgresserver

from emgmon.model import SessionSummary
from emgmon.runner import analyse
from emgmon.storage.recording import read_recording
from emgmon.storage.sessions import Origin, listed, open_store, put_session

RECORDING = Path(__file__).parents[1] / "recordings" / "bridges-clean.mcap"
WRITERS = (1, 2, 4)


def write(where: str, summary: SessionSummary, first: int, count: int, begin: object) -> None:
    """Store so many sessions; waits until all writers are ready."""
    with open_store(where) as store:
        begin.wait()  # type: ignore[attr-defined]
        for number in range(first, first + count):
            put_session(store, Origin(f"{number:064x}", ""), summary)


def per_second(where: str, summary: SessionSummary, writers: int, sessions: int, first: int) -> float:
    """Store sessions by processes of their own; returns how many in a second of wall time."""
    context = multiprocessing.get_context("spawn")
    begin, each = context.Barrier(writers + 1), sessions // writers
    going = [
        context.Process(target=write, args=(where, summary, first + k * each, each, begin)) for k in range(writers)
    ]
    for process in going:
        process.start()
    begin.wait()
    began_s = time.perf_counter()
    for process in going:
        process.join()
    took_s = time.perf_counter() - began_s
    if any(process.exitcode for process in going):
        raise RuntimeError("a writer failed")
    return each * writers / took_s


def measure(sessions: int, folder: Path) -> dict[str, dict[str, float]]:
    """Fill both stores; returns sessions per second by store and number of writers."""
    summary = replace(analyse(read_recording(RECORDING)), simulated=True)
    found: dict[str, dict[str, float]] = {}
    with postgresserver.server(install=True, safe=True) as url:
        for name, where in (("SQLite", str(folder / "sessions.db")), ("PostgreSQL", url)):
            found[name] = {}
            for turn, writers in enumerate(WRITERS):
                rate = per_second(where, summary, writers, sessions, turn * sessions)
                found[name][f"{writers} writers"] = rate
            with open_store(where) as store:
                if len(listed(store)) != len(WRITERS) * (sessions - sessions % max(WRITERS)):
                    raise RuntimeError(f"{name}: sessions are missing")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sessions", type=int, default=40, help="of each turn, a multiple of 4")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options.sessions - options.sessions % max(WRITERS), Path(folder))
    if options.json:
        print(json.dumps({"load": os.getloadavg()[0], **found}, indent=1))
        return
    for name, rates in found.items():
        print(f"{name}: " + ", ".join(f"{rate:.1f}/s with {writers}" for writers, rate in rates.items()))
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
