"""``emgmon import``: turns someone else's file into a recording, with a map, a guess or questions."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from emgmon.cli import DONE
from emgmon.cli.console import say
from emgmon.errors import ImportFailed, RecordingError
from emgmon.storage.foreign import Foreign, read_foreign
from emgmon.storage.foreign.asking import asked_map
from emgmon.storage.foreign.guess import proposal, sure_count
from emgmon.storage.importing import ImportMap, import_file, import_foreign, read_map
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import SUFFIX
from emgmon.storage.whole import write_whole

MAX_MAP_BYTES = 1 << 20


def run(options: argparse.Namespace) -> int:
    """``emgmon import FILE [--map MAP.toml | --guess] -o OUT.mcap``."""
    if options.out is None and not options.guess:
        raise RecordingError("say with -o where the recording goes, or --guess to see a proposal for a map")
    if options.out is not None:
        _check_target(options.out, force=options.force)
    if options.map is not None:
        entries, told = import_file(options.file, _map_in(options.map))
    elif options.guess:
        foreign = read_foreign(options.file)
        _propose(foreign, options)
        if options.out is None:
            return DONE
        if not sure_count(foreign):
            raise ImportFailed(
                f"{options.file}: no channel's muscle and side are sure; complete the proposal and say --map"
            )
        entries, told = import_foreign(
            options.file, foreign, read_map(proposal(foreign, options.file.name, only_sure=True), "the proposal")
        )
    elif sys.stdin.isatty():
        foreign = read_foreign(options.file)
        mapping = _asked(options.file, foreign, options.map_out)
        # read anew: a rate that was asked for concerns the reading
        entries, told = import_file(options.file, mapping)
    else:
        entries, told = import_file(options.file, None)
    write_recording(options.out, entries)
    for line in told:
        say(line)
    print(options.out)
    return DONE


def _check_target(out: Path, *, force: bool) -> None:
    if out.suffix != SUFFIX:
        raise RecordingError(f"{out}: a recording's name ends in {SUFFIX}")
    if out.exists() and not force:
        raise RecordingError(f"{out}: exists already; choose another name or say --force")


def _map_in(path: Path) -> ImportMap:
    try:
        with path.open("rb") as stream:
            text = stream.read(MAX_MAP_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ImportFailed(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return read_map(text, str(path))


def _propose(foreign: Foreign, options: argparse.Namespace) -> None:
    """Print a proposal, or write it where ``--map-out`` says; all that the file tells goes to stderr."""
    for line in foreign.told if options.out is None else ():
        say(line)
    text = proposal(foreign, options.file.name)
    if options.map_out is not None:
        _write_map(options.map_out, text, force=options.force)
    elif options.out is None:
        print(text)


def _asked(file: Path, foreign: Foreign, map_out: Path | None) -> ImportMap:
    try:
        text = asked_map(foreign, input, say)
    except EOFError as error:
        raise ImportFailed(f"{file}: the answers ended; say with --map which column is which muscle") from error
    if "[channels." not in text:
        raise ImportFailed(f"{file}: no channel was given a muscle")
    if map_out is not None:
        _write_map(map_out, text, force=False)
    return read_map(text, "the answers")


def _write_map(path: Path, text: str, *, force: bool) -> None:
    if path.exists() and not force:
        raise ImportFailed(f"{path}: exists already; choose another name or say --force")
    try:
        write_whole(path, text)
    except OSError as error:
        raise ImportFailed(f"{path}: cannot be written: {error.strerror or error}") from error
    say(f"map: {path}")
