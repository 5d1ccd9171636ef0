"""Commands that read a recording and print or write: analyse, report."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import damage_said, show, with_progress
from emgmon.errors import EmgmonError
from emgmon.model import Entry, SessionSummary
from emgmon.report import session_html
from emgmon.runner import analyse as analyse_entries
from emgmon.storage.recording import Recording, read_recording


class _Shown:
    """A recording's entries with progress, as often as an analysis needs them."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def __iter__(self) -> Iterator[Entry]:
        return with_progress(self._recording, "analysing")


def analyse(options: argparse.Namespace) -> int:
    """``emgmon analyse RECORDING``."""
    recording = read_recording(options.recording)
    summary = analyse_entries(_Shown(recording), raise_references=options.raise_references)
    torn = damage_said(recording)
    show(summary, as_json=options.json)
    return INCOMPLETE if torn else DONE


def report(options: argparse.Namespace) -> int:
    """``emgmon report RECORDING -o FILE.html``."""
    recording = read_recording(options.recording)
    summary = analyse_entries(_Shown(recording), raise_references=options.raise_references)
    torn = damage_said(recording)
    path = options.out or report_path(options.recording)
    write_report(path, summary, options.name)
    print(path)
    return INCOMPLETE if torn else DONE


def report_path(recording: Path) -> Path:
    """Where the report of a recording is put when nobody says otherwise."""
    return recording.with_name(recording.name.split(".")[0] + ".html")


def write_report(path: Path, summary: SessionSummary, name: str = "") -> None:
    """Write the report; raises `EmgmonError` when the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(session_html(summary, title_person=name), encoding="utf-8")
    except OSError as error:
        raise EmgmonError(f"{path}: cannot be written: {error.strerror or error}") from error
