"""``emgmon export``: a recording in the formats of other programs."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import damage_said, say, with_progress
from emgmon.errors import ExportFailed
from emgmon.storage.export import check_target, export, format_named
from emgmon.storage.recording import read_recording
from emgmon.storage.signals import read_signals


def run(options: argparse.Namespace) -> int:
    """``emgmon export RECORDING --to FORMAT -o OUT``."""
    kind = format_named(options.to)
    what = options.what or kind.holds[0]
    if what not in kind.holds:
        raise ExportFailed(f"--to {kind.name} holds {' or '.join(kind.holds)} signals, not --what {what}")
    out = options.out or options.recording.with_name(
        options.recording.name.split(".")[0] + (kind.ending or f"_{kind.name}")
    )
    check_target(kind, out, force=options.force)
    recording = read_recording(options.recording)
    try:
        signals = read_signals(with_progress(recording, "reading"), what)
    except OSError as error:
        raise ExportFailed(f"temporary files cannot be written: {error.strerror or error}") from error
    torn = damage_said(recording)
    if signals.summary.simulated:
        say("Simulated data: no person wore the sensors; the export says so.")
    for line in export(replace(signals, progress=_shown("writing")), kind, out, force=options.force):
        say(line)
    print(out)
    return INCOMPLETE if torn else DONE


def _shown(what: str) -> Callable[[float], None]:
    """Show on a terminal how far something is once it takes longer than a second."""
    began_s = shown_s = time.monotonic()
    on_terminal = sys.stderr.isatty()

    def show(share: float) -> None:
        nonlocal shown_s
        now_s = time.monotonic()
        if on_terminal and now_s - began_s > 1.0 and (now_s - shown_s > 0.2 or share >= 1.0):
            shown_s = now_s
            end = "\r" + " " * (len(what) + 6) + "\r" if share >= 1.0 else ""
            print(f"\r{what} {100 * share:3.0f} %{end}", end="", file=sys.stderr, flush=True)

    return show
