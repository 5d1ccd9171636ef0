"""``emgmon sessions``: the store of what was analysed, and what people say about it."""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import platformdirs

from emgmon.cli import DONE, FAILED, INCOMPLETE
from emgmon.cli.console import runs_with_progress, say
from emgmon.errors import EmgmonError, StoreError
from emgmon.model import Part, PastSet
from emgmon.runner import analyse
from emgmon.runner.history import local_offset_s
from emgmon.storage.recording import Recording
from emgmon.storage.sessions import (
    Listed,
    Store,
    add_recording,
    found,
    listed,
    longtable,
    open_store,
    past_sets,
    rebuild,
    rebuilding,
    saying,
)
from emgmon.storage.sessions.finding import SHORT

HEADLINES = (("share_glute", "share of the glutes", "%"), ("sdi", "index", "ln"), ("range", "range", "deg"))
Listing = Sequence[Listed]


def run(options: argparse.Namespace) -> int:
    """Do what the second word says."""
    with open_store(options.store) as store:
        return int(_VERBS[options.verb](store, options))


def _list(store: Store, options: argparse.Namespace) -> int:
    rows = listed(store, options.person, options.tag)
    if options.json:
        print(json.dumps([_plain(asdict(row)) for row in rows], indent=1, allow_nan=False))
    elif not rows:
        say(
            "No sessions. 'emgmon sessions rebuild' reads those that were recorded; 'emgmon demo --weeks 8' makes some."
        )
    else:
        print("\n".join(_line(row) for row in rows))
    return DONE


def _line(row: Listed) -> str:
    """One session: name, day, person, what was done."""
    what = row.error or f"{', '.join(row.exercises) or 'no set'}; {_count(row.sets, 'set')}, {_count(row.reps, 'rep')}"
    marks = [f"#{tag}" for tag in row.tags] + ["SIMULATED"] * row.simulated + ["not whole"] * bool(row.damage)
    begun = _by_the_clock(row.started_utc)
    return "  ".join((row.sha256[:SHORT], f"{begun:16}", f"{row.person:6}", what, *marks))


def _by_the_clock(utc: str) -> str:
    """Return when a session began by the clock of this computer, as its days are counted."""
    try:
        return f"{dt.datetime.fromisoformat(utc) + dt.timedelta(seconds=local_offset_s(utc)):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return "date unknown"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _show(store: Store, options: argparse.Namespace) -> int:
    row = found(store, options.session)
    sets = [past for past in past_sets(store, row.person) if past.session == row.sha256]
    if options.json:
        print(json.dumps(_plain({**asdict(row), "sets": [asdict(past) for past in sets]}), indent=1, allow_nan=False))
        return DONE
    print("\n".join((*_head(row), *(line for past in sets for line in _set_lines(past)))))
    return DONE


def _head(row: Listed) -> Iterator[str]:
    gone = "" if Path(row.path).is_file() else "  (is not there any more)"
    minutes = "" if math.isnan(row.duration_s) else f", {row.duration_s / 60:.1f} min"
    yield f"{row.sha256}"
    yield f"  begun       {row.started_utc or 'date unknown'}{minutes}"
    yield f"  person      {row.person}"
    yield f"  recording   {row.path or 'none'}{gone if row.path else ''}"
    yield f"  made by     {row.program or 'unknown'}; analysed by {row.analysis or 'another version'}"
    yield f"  simulated   {'YES: no person wore the sensors' if row.simulated else 'no'}"
    rest = {"tags": ", ".join(row.tags), "note": row.note, "not whole": row.damage, "error": row.error}
    if not math.isnan(row.tension):
        rest["tension"] = f"{row.tension:g} of 10"
    yield from (f"  {name:10}  {text}" for name, text in rest.items() if text)


def _set_lines(past: PastSet) -> Iterator[str]:
    yield (
        f"  set {past.index}: {past.exercise_title}; {past.reps_valid} of {_count(past.reps, 'rep')} usable; "
        f"references {past.kind}, sensors of class {past.device_class or 'unknown'}"
    )
    for metric, title, unit in HEADLINES:
        item = past.estimate(metric, "hold") or past.estimate(metric, "act") or past.estimate(metric, "")
        if item is not None:
            factor, digits = (100.0, 0) if unit == "%" else (1.0, 2 if unit == "ln" else 0)
            mean, low, high = (f"{factor * value:.{digits}f}" for value in (item.mean, item.low, item.high))
            bounds = "" if math.isnan(item.low) else f" ({low} to {high})"
            yield f"    {title:20} {mean}{bounds} {unit}{f', {item.phase}' if item.phase else ''}"


def _tag(store: Store, options: argparse.Namespace) -> int:
    row = found(store, options.session)
    for tag in options.tags:
        saying.add_tag(store, row.sha256, tag)
    for tag in options.remove:
        saying.remove_tag(store, row.sha256, tag)
    say(_line(found(store, row.sha256)))
    return DONE


def _note(store: Store, options: argparse.Namespace) -> int:
    row = found(store, options.session)
    if options.text is None and options.tension is None and not options.person:
        print(row.note)
        return DONE
    if options.text is not None:
        saying.set_note(store, row.sha256, options.text)
    if options.tension is not None:
        saying.set_tension(store, row.sha256, options.tension)
    if options.person:
        saying.give_to(store, row.sha256, options.person)
    say(_line(found(store, row.sha256)))
    return DONE


def _delete(store: Store, options: argparse.Namespace) -> int:
    if bool(options.session) == bool(options.person):
        raise StoreError("Name one session, or with --person all of somebody's.")
    rows = [found(store, options.session)] if options.session else list(listed(store, options.person))
    say("\n".join(map(_line, rows)) or "There is nothing to delete.")
    if options.with_recording:
        say("With recordings, and with what was said about them: nothing brings them back.")
    else:
        say("Recordings stay; 'emgmon sessions rebuild' brings back what has one.")
    if not rows or (not options.yes and not _agreed(f"Delete {_count(len(rows), 'session')}? [y/N] ")):
        say("Nothing was deleted.")
        return FAILED
    for row in rows:
        if options.with_recording and row.path:
            try:
                Path(row.path).unlink(missing_ok=True)
            except OSError as error:
                raise EmgmonError(f"{row.path}: cannot be deleted: {error.strerror or error}") from error
        saying.forget(store, row.sha256, facts=options.with_recording or not row.path)
    if options.person:
        saying.forget_person(store, options.person)
    return DONE


def _agreed(question: str) -> bool:
    """Ask on a terminal; nobody there means no."""
    if not sys.stdin or not sys.stdin.isatty():
        return False
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _export(store: Store, options: argparse.Namespace) -> int:
    with _written(options.out) as stream:
        if options.facts:
            json.dump(saying.facts_json(store), stream, indent=1, ensure_ascii=False)
            stream.write("\n")
        else:
            writer = csv.writer(stream)
            writer.writerow(longtable.COLUMNS)
            writer.writerows(longtable.long_rows(store, options.person))
    return DONE


@contextmanager
def _written(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    try:
        with path.open("x", encoding="utf-8", newline="") as stream:
            yield stream
    except FileExistsError as error:
        raise EmgmonError(f"{path}: is there already; name another file") from error
    except OSError as error:
        raise EmgmonError(f"{path}: cannot be written: {error.strerror or error}") from error


def _rebuild(store: Store, options: argparse.Namespace) -> int:
    if options.facts:
        try:
            text = options.facts.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"{options.facts}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
        say(f"facts of {_count(saying.restore_facts(store, text, str(options.facts)), 'session')} taken back")
    folders = options.folders or _usual_folders(store)
    paths = rebuilding.recordings_in(folders)
    if not paths:
        say(f"No recordings in {', '.join(map(str, folders)) or 'any known folder'}.")
    outcomes: dict[str, int] = {}
    for number, step in enumerate(rebuild(store, paths, analyse, _progress, anew=options.all), start=1):
        outcomes[step.outcome] = outcomes.get(step.outcome, 0) + 1
        text = f": {step.text}" if step.text else ""
        say(f"{number}/{len(paths)}  {step.outcome:8}  {step.path}{text}")
    print(
        json.dumps(outcomes) if options.json else ", ".join(f"{n} {name}" for name, n in outcomes.items()) or "nothing"
    )
    return INCOMPLETE if outcomes.get("failed") else DONE


def _usual_folders(store: Store) -> list[Path]:
    documents = platformdirs.user_documents_path() / "emgmon"
    return sorted({*rebuilding.known_folders(store), *([documents] if documents.is_dir() else [])})


def _add(store: Store, options: argparse.Namespace) -> int:
    code = DONE
    for path in options.recordings:
        step = add_recording(store, path, analyse, _progress, options.person)
        say(f"{step.outcome}  {path}{f': {step.text}' if step.text else ''}")
        code = INCOMPLETE if step.text else code
    return code


def _progress(recording: Recording) -> Iterator[Part]:
    return runs_with_progress(recording, recording.path.name)


def _plain(value: Any) -> Any:
    """JSON has no NaN: null."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


_VERBS = {
    "list": _list,
    "show": _show,
    "tag": _tag,
    "note": _note,
    "delete": _delete,
    "export": _export,
    "rebuild": _rebuild,
    "add": _add,
}
