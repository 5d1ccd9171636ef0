"""Commands that read a file and write one, or print: analyse, report, import."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import damage_said, say, show, with_progress
from emgmon.errors import EmgmonError, ImportFailed, RecordingError
from emgmon.model import SessionSummary
from emgmon.report import session_html
from emgmon.runner import analyse as analyse_entries
from emgmon.storage.importing import import_file, read_map
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import SUFFIX, read_recording

MAX_MAP_BYTES = 1 << 20


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


def bring_in(options: argparse.Namespace) -> int:
    """``emgmon import FILE --map MAP.toml -o OUT.mcap``."""
    if options.out.suffix != SUFFIX:
        raise RecordingError(f"{options.out}: a recording's name ends in {SUFFIX}")
    if options.out.exists() and not options.force:
        raise RecordingError(f"{options.out}: exists already; choose another name or say --force")
    mapping = None
    if options.map is not None:
        try:
            with options.map.open("rb") as stream:
                text = stream.read(MAX_MAP_BYTES).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ImportFailed(f"{options.map}: cannot be read: {error}") from error
        mapping = read_map(text, str(options.map))
    entries, told = import_file(options.file, mapping)
    write_recording(options.out, entries)
    for line in told:
        say(line)
    print(options.out)
    return DONE


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
