"""One recording into a data set: what a worker does, on this computer or another."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from emgmon.errors import EmgmonError, RecordingError
from emgmon.model import Entry, SessionSummary
from emgmon.storage.dataset.places import file_system, local_copy, put
from emgmon.storage.dataset.tables import Rows, lost_percent, rows_of, schema_of
from emgmon.storage.recording import read_recording

Analyse = Callable[[Iterable[Entry]], SessionSummary]
DONE, KEPT, DAMAGED, FAILED = "done", "kept", "damaged", "failed"


class Outcome(NamedTuple):
    """What became of a recording: ``done``, ``kept`` from before, ``damaged`` (in part) or ``failed``, and why."""

    url: str
    word: str
    reason: str = ""
    seconds: float = 0.0


def analyse_into(url: str, out: str, analysis: str, analyse: Analyse) -> Outcome:
    """Analyse one recording and write its rows.

    Parameters
    ----------
    url : str
        Of the recording.
    out : str
        Path or URL of the data set.
    analysis : str
        Version of the analysis; what another one made is made anew.
    analyse : callable
        From entries to the session's summary.

    Returns
    -------
    Outcome
        A recording that cannot be read becomes a row with its reason, and is tried again the next time.

    Raises
    ------
    EmgmonError
        When the data set cannot be written.
    """
    try:
        with local_copy(url) as (path, sha256):
            if _is_done(out, sha256, analysis):
                return Outcome(url, KEPT)
            recording = read_recording(path)
            summary = analyse(recording)
    except EmgmonError as error:
        return _failed(url, out, analysis, error)
    for table, rows in rows_of(sha256, summary).items():
        _write(out, table, sha256, rows)
    row = {
        **_session_row(url, sha256, analysis),
        "started_utc": summary.started_utc,
        "duration_s": summary.duration_s,
        "simulated": summary.simulated,
        "sets": len(summary.sets),
        "lost_percent": lost_percent(summary),
        "damage": "; ".join(recording.damage),
    }
    _write(out, "sessions", sha256, [row])
    return Outcome(url, DAMAGED if recording.damage else DONE, row["damage"], summary.duration_s)


def _failed(url: str, out: str, analysis: str, error: EmgmonError) -> Outcome:
    try:
        with local_copy(url) as (_path, sha256):
            pass
    except RecordingError:
        return Outcome(url, FAILED, str(error))  # no bytes, so no row
    _write(out, "sessions", sha256, [{**_session_row(url, sha256, analysis), "error": str(error)}])
    return Outcome(url, FAILED, str(error))


def _session_row(url: str, sha256: str, analysis: str) -> dict[str, Any]:
    nothing = dict.fromkeys(schema_of("sessions").names)
    return {**nothing, "sha256": sha256, "url": url, "analysis": analysis, "damage": "", "error": ""}


def _place(out: str, table: str, sha256: str) -> str:
    return f"{out.rstrip('/')}/{table}/shard={sha256[:2]}/{sha256}.parquet"


def _is_done(out: str, sha256: str, analysis: str) -> bool:
    import pyarrow as pa  # noqa: PLC0415 - an extra, and slow to load
    import pyarrow.parquet as pq  # noqa: PLC0415

    files, path = file_system(_place(out, "sessions", sha256))
    try:
        with files.open(path, "rb") as stream:
            (row,) = pq.read_table(stream, columns=["analysis", "error"], partitioning=None).to_pylist()
    except (OSError, pa.ArrowException, ValueError):
        return False
    return bool(row["analysis"] == analysis and not row["error"])


def _write(out: str, table: str, sha256: str, rows: Rows) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    page = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema_of(table)), page, compression="zstd")
    url = _place(out, table, sha256)
    try:
        put(url, page.getvalue())
    except (OSError, ValueError) as error:
        raise EmgmonError(f"{url}: cannot be written: {error}") from error
