"""At the end of a session: put it into the store, and say so in one line."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgmon.errors import EmgmonError
from emgmon.model import SessionSummary
from emgmon.runner import analyse
from emgmon.storage.recording import read_recording
from emgmon.storage.sessions import Heard, open_store, origin_of, put_session
from emgmon.storage.sessions.finding import SHORT


def remember(path: Path, summary: SessionSummary, options: argparse.Namespace, *, raised: bool) -> str:
    """Store a session that was just recorded; returns what to say, also when it could not be stored.

    Parameters
    ----------
    path : Path
        Of the closed recording.
    summary : SessionSummary
        As the session ended.
    options : argparse.Namespace
        ``no_store``, ``store`` and ``person``.
    raised : bool
        The person had a reference raised: earlier sets have other numbers then, so that the recording is analysed.
    """
    if options.no_store:
        return "not remembered, as was asked"
    try:
        heard = Heard(read_recording(path))
        if raised:
            summary = analyse(heard)
        else:
            for _entry in heard:  # for what the marks say
                pass
        origin = origin_of(path)
        with open_store(options.store) as store:
            put_session(store, origin, summary, heard.sets, options.person)
    except EmgmonError as error:
        return f"not remembered: {error}; 'emgmon sessions add {path}' tries again"
    return f"remembered as {origin.sha256[:SHORT]} ('emgmon sessions list')"
