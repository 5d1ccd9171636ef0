"""``emgmon batch``: analyse many recordings on many processes or computers, into one data set."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from emgmon import __version__
from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import say
from emgmon.errors import EmgmonError
from emgmon.runner import analyse
from emgmon.storage.dataset import Outcome, analyse_into, recordings_in
from emgmon.storage.dataset.job import FAILED

ANALYSIS = f"{__version__}/1"
"""What another analysis made is made anew; the number after the slash counts within a version."""

IN_FLIGHT = 4
"""So many recordings for each worker wait in its queue, so that a million of them do not fill the scheduler."""

QUIET = {
    "logging.distributed": "critical",
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.nanny.http.routes": [],
    "distributed.worker.profile.enabled": False,
}


def run(options: argparse.Namespace) -> int:
    """``emgmon batch PLACE... --out DATASET``."""
    recordings = recordings_in(options.place)
    out = options.out if "://" in options.out else str(Path(options.out).resolve())
    say(f"{len(recordings)} recordings into {out}")
    begun_s, words, seconds = time.monotonic(), Counter[str](), 0.0
    failures = []
    with _client(options) as client:
        for done, outcome in enumerate(_outcomes(client, recordings, out), start=1):
            words[outcome.word] += 1
            seconds += outcome.seconds
            if outcome.word == FAILED:
                failures.append(outcome)
            _progress(done, len(recordings), begun_s)
    for outcome in failures:
        print(f"failed  {outcome.reason}", file=sys.stderr)
    took_s = max(time.monotonic() - begun_s, 1e-3)
    counts = ", ".join(f"{count} {word}" for word, count in sorted(words.items()))
    print(f"{counts}; {seconds / 3600.0:.2f} h of recordings in {took_s:.0f} s ({seconds / took_s:.0f} x real time)")
    return INCOMPLETE if failures else DONE


def one(url: str, out: str) -> Outcome:
    """Analyse one recording; runs in a worker."""
    try:
        return analyse_into(url, out, ANALYSIS, analyse)
    except EmgmonError as error:  # the class takes more than its text, and would not survive the way back
        return Outcome(url, FAILED, str(error))


def _outcomes(client: Any, recordings: list[str], out: str) -> Iterator[Outcome]:
    """Keep the workers busy; yields what became of each recording, in the order of finishing."""
    waiting = iter(recordings)
    workers = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
    urls: dict[str, str] = {}

    def hand_out() -> Any:
        url = next(waiting, None)
        if url is None:
            return None
        future = client.submit(one, url, out, pure=False)
        urls[future.key] = url
        return future

    first = [future for _ in range(IN_FLIGHT * workers) if (future := hand_out()) is not None]
    going = _distributed().as_completed(first)
    for future in going:
        if (more := hand_out()) is not None:
            going.add(more)
        url = urls.pop(future.key)
        error = future.exception()
        yield future.result() if error is None else Outcome(url, FAILED, f"{url}: not analysed: {error}")


@contextmanager
def _client(options: argparse.Namespace) -> Iterator[Any]:
    """Connect to a running scheduler, or start processes here that nobody without their key can talk to."""
    dask = _distributed()
    if options.scheduler:
        try:
            client = dask.Client(options.scheduler, timeout="10s")
        except (OSError, ValueError) as error:
            raise EmgmonError(f"{options.scheduler}: no scheduler answers there: {error}") from error
        with client:
            yield client
        return
    here = dask.LocalCluster(
        n_workers=options.workers,
        threads_per_worker=1,
        host="tls://127.0.0.1",
        security=True,
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    )
    with here, dask.Client(here) as client:
        yield client


def _distributed() -> Any:
    """Load Dask, which takes a second, when a batch is asked for; without its pages and its log."""
    try:
        import_module("dask.config").set(QUIET)
        return import_module("distributed")
    except ImportError as error:
        raise EmgmonError("A batch needs Dask and Arrow: pip install '.[batch]'.") from error


def _progress(done: int, total: int, begun_s: float) -> None:
    """Show a bar on a terminal, a line for each tenth elsewhere."""
    took_s = time.monotonic() - begun_s
    left_s = took_s / done * (total - done)
    text = f"{done} of {total}, {100 * done // total} %, {left_s:.0f} s left"
    if sys.stderr.isatty():
        bar = "#" * (30 * done // total)
        print(f"\r[{bar:<30}] {text} ", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done == total or 10 * done // total > 10 * (done - 1) // total:
        say(text)
