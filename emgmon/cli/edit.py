"""Commands that make a new recording from old ones: trim, merge, anonymise."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import damage_said, say
from emgmon.errors import RecordingError
from emgmon.model import Entry
from emgmon.storage.editing import Anonymiser
from emgmon.storage.editing import merge as merge_recordings
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import SUFFIX, Recording, read_recording
from emgmon.storage.trimming import trim as trim_recording


def trim(options: argparse.Namespace) -> int:
    """``emgmon trim RECORDING --from S --to S -o OUT``."""
    out, recording = _new(options.out), read_recording(options.recording)
    entries = trim_recording(recording, options.from_s, options.to_s, references=not options.no_references)
    return _write(out, entries, recording)


def merge(options: argparse.Namespace) -> int:
    """``emgmon merge FIRST SECOND -o OUT``."""
    out, first, second = _new(options.out), read_recording(options.first), read_recording(options.second)
    return _write(out, merge_recordings(first, second), first, second)


def anonymise(options: argparse.Namespace) -> int:
    """``emgmon anonymise RECORDING -o OUT``."""
    out, recording = _new(options.out), read_recording(options.recording)
    anonymiser = Anonymiser(drop_date=options.drop_date)
    code = _write(out, anonymiser.entries(recording), recording)
    for what, count in anonymiser.removed.items():
        say(f"removed  {what}{f' ({count} times)' if count > 1 else ''}")
    say("kept     all signal bytes, muscles and sides, exercises, program; a label that a sensor itself sends stays")
    return code


def _new(out: Path) -> Path:
    """Refuse a name that cannot be used before anything is read."""
    if out.suffix != SUFFIX:
        raise RecordingError(f"{out}: a recording's name ends in {SUFFIX}")
    if out.exists():
        raise RecordingError(f"{out}: exists already; choose another name")
    return out


def _write(out: Path, entries: Iterable[Entry], *recordings: Recording) -> int:
    write_recording(out, entries)
    print(out)
    torn = sum(damage_said(recording) for recording in recordings)  # each of them is said
    return INCOMPLETE if torn else DONE
