"""Makes the store anew from recordings: resumes where it stopped, and no damaged file ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select, update

from emgmon.errors import EmgmonError, RecordingError
from emgmon.model import Part, SessionSummary
from emgmon.storage.recording import PART_SUFFIX, SUFFIX, Recording, read_recording
from emgmon.storage.sessions.remember import Heard
from emgmon.storage.sessions.schema import SESSIONS
from emgmon.storage.sessions.store import Store
from emgmon.storage.sessions.writing import ANALYSIS, Origin, origin_of, put_failure, put_session

Analyse = Callable[[Iterable[Part]], SessionSummary]
Shown = Callable[[Recording], Iterable[Part]]


class Step(NamedTuple):
    """What became of one recording: ``known`` already, ``analysed`` or ``failed``; `text` says why, or what is torn."""

    path: Path
    outcome: str
    text: str = ""


def recordings_in(folders: Iterable[Path]) -> list[Path]:
    """Return the finished recordings in folders and all that is in them, each once; a file stands for itself.

    Raises
    ------
    RecordingError
        When there is no such folder.
    """
    found: dict[Path, None] = {}
    for folder in folders:
        if not folder.exists():
            raise RecordingError(f"{folder}: there is no such folder")
        inside = sorted(folder.rglob(f"*{SUFFIX}")) if folder.is_dir() else [folder]
        found |= dict.fromkeys(path for path in inside if folder.is_file() or not path.name.endswith(PART_SUFFIX))
    return list(found)


def add_recording(store: Store, path: Path, analyse: Analyse, shown: Shown = Recording.runs, person: str = "") -> Step:
    """Analyse one recording and store what it gives.

    Parameters
    ----------
    store : Store
    path : Path
    analyse : callable
        From entries to a summary; may iterate them twice.
    shown : callable
        From a recording to its entries, with progress if wanted.
    person : str
        As in `put_session`.

    Returns
    -------
    Step
        ``failed`` when the file is no recording; the store then has a row that says so.

    Raises
    ------
    RecordingError
        When the file itself cannot be read.
    StoreError
    """
    return _add(store, path, origin_of(path), (analyse, shown), person)


def _add(store: Store, path: Path, origin: Origin, how: tuple[Analyse, Shown], person: str = "") -> Step:
    analyse, shown = how
    try:
        recording = read_recording(path)
        heard = Heard(_Again(recording, shown))
        summary = analyse(heard)
    except EmgmonError as error:
        put_failure(store, origin, str(error), person)
        return Step(path, "failed", str(error))
    torn = tuple(recording.damage)
    put_session(store, Origin(origin.sha256, origin.path, torn), summary, heard.sets, person)
    return Step(path, "analysed", "; ".join(torn))


class _Again:
    """A recording's entries, as often as they are asked for."""

    def __init__(self, recording: Recording, shown: Shown) -> None:
        self._recording, self._shown = recording, shown

    def __iter__(self) -> Iterator[Part]:
        return iter(self._shown(self._recording))


def rebuild(
    store: Store, paths: Sequence[Path], analyse: Analyse, shown: Shown = Recording.runs, *, anew: bool = False
) -> Iterator[Step]:
    """Analyse all recordings that the store does not have from this version's analysis.

    Parameters
    ----------
    store : Store
    paths : sequence of Path
        Recordings, as `recordings_in` finds them.
    analyse, shown : callable
        As in `add_recording`.
    anew : bool
        Also those that it has. They are marked first: interrupted, a plain rebuild goes on with what is left.

    Yields
    ------
    Step
        After each recording.
    """
    if anew:
        with store.writing() as connection:
            connection.execute(update(SESSIONS).values(analysis=""))
    with store.reading() as connection:
        asked = select(SESSIONS.c.sha256).where(SESSIONS.c.analysis == ANALYSIS, SESSIONS.c.error == "")
        known = set(connection.execute(asked).scalars())
    for path in paths:
        try:
            origin = origin_of(path)
        except RecordingError as error:
            yield Step(path, "failed", str(error))
            continue
        if origin.sha256 in known:
            yield Step(path, "known")
        else:
            yield _add(store, path, origin, (analyse, shown))
            known.add(origin.sha256)


def known_folders(store: Store) -> list[Path]:
    """Return the folders of all recordings in the store that are still there."""
    with store.reading() as connection:
        paths = connection.execute(select(SESSIONS.c.path)).scalars().all()
    return sorted({Path(path).parent for path in paths if Path(path).parent.is_dir()})
