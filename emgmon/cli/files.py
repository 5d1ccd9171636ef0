"""Commands that read a recording and print or write: analyse, report."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from markupsafe import Markup

from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import damage_said, runs_with_progress, show
from emgmon.cli.printing import print_pdf
from emgmon.errors import EmgmonError
from emgmon.model import Part, SessionSummary
from emgmon.report import session_html, session_json
from emgmon.report.long import reps_csv, sets_csv
from emgmon.report.summary import NO_WEEKS
from emgmon.runner import analyse as analyse_entries
from emgmon.storage.recording import Recording, read_recording
from emgmon.storage.whole import write_whole


class _Shown:
    """A recording's entries with progress, as often as an analysis needs them."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def __iter__(self) -> Iterator[Part]:
        return runs_with_progress(self._recording, "analysing")


def analyse(options: argparse.Namespace) -> int:
    """``emgmon analyse RECORDING``."""
    recording = read_recording(options.recording)
    summary = analyse_entries(_Shown(recording), raise_references=options.raise_references)
    torn = damage_said(recording)
    show(summary, as_json=options.json)
    return INCOMPLETE if torn else DONE


def report(options: argparse.Namespace) -> int:
    """``emgmon report RECORDING -o FILE.html``, with tables and PDF beside it where they are asked for."""
    recording = read_recording(options.recording)
    summary = analyse_entries(_Shown(recording), raise_references=options.raise_references)
    torn = damage_said(recording)
    path = options.out or report_path(options.recording)
    from emgmon.cli.compare import weeks_of_recording  # noqa: PLC0415 - a database only when it is needed

    weeks = weeks_of_recording(options.recording, options.store)
    write_report(path, summary, options.name, options.recording, weeks)
    print(path)
    if options.json:
        _write(path.with_suffix(".json"), json.dumps(session_json(summary), indent=1))
    if options.csv:
        _write(path.with_name(f"{path.stem}-reps.csv"), reps_csv(summary))
        _write(path.with_name(f"{path.stem}-sets.csv"), sets_csv(summary))
    if options.pdf:
        print_pdf(path, path.with_suffix(".pdf"))
        print(path.with_suffix(".pdf"))
    return INCOMPLETE if torn else DONE


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text, newline="")
    except OSError as error:
        raise EmgmonError(f"{path}: cannot be written: {error.strerror or error}") from error
    print(path)


def report_path(recording: Path) -> Path:
    """Where the report of a recording is put when nobody says otherwise."""
    return recording.with_name(recording.name.split(".")[0] + ".html")


def write_report(
    path: Path, summary: SessionSummary, name: str = "", recording: Path | None = None, weeks: Markup = NO_WEEKS
) -> None:
    """Write the report, with the pages of `weeks` behind it; raises `EmgmonError` when it cannot be written."""
    page = session_html(summary, title_person=name, recording=_identity(recording) if recording else "", weeks=weeks)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, page)
    except OSError as error:
        raise EmgmonError(f"{path}: cannot be written: {error.strerror or error}") from error


def _identity(recording: Path) -> str:
    """Name and hash of a recording; without the hash when it cannot be read any more."""
    with suppress(OSError), recording.open("rb") as stream:
        return f"{recording.name}, SHA-256 {hashlib.file_digest(stream, 'sha256').hexdigest()}"
    return recording.name
