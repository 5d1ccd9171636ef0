"""Commands that read a recording and print or write: analyse, report."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import damage_said, show, with_progress
from emgmon.errors import EmgmonError
from emgmon.model import SessionSummary
from emgmon.report import session_html
from emgmon.runner import analyse as analyse_entries
from emgmon.storage.recording import read_recording


def analyse(options: argparse.Namespace) -> int:
    """``emgmon analyse RECORDING``."""
    recording = read_recording(options.recording)
    summary = analyse_entries(with_progress(recording, "analysing"))
    torn = damage_said(recording)
    show(summary, as_json=options.json)
    return INCOMPLETE if torn else DONE


def report(options: argparse.Namespace) -> int:
    """``emgmon report RECORDING -o FILE.html``."""
    recording = read_recording(options.recording)
    summary = analyse_entries(with_progress(recording, "analysing"))
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
