"""Turns a command line into one call, and an `EmgmonError` into one line and an exit code.

Nothing heavy is imported before a command is known, so that ``--help`` answers at once. Exit codes: 0 done, 1 it could
not be done, 2 the command line is wrong, 3 done with a recording that is not whole or a target that is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from emgmon import __version__
from emgmon.cli.numbers import real as _real
from emgmon.cli.numbers import speed as _speed
from emgmon.cli.numbers import whole as _whole
from emgmon.cli.sessions_options import SESSIONS, add_kept, add_sessions, add_store
from emgmon.cli.weeks_options import COMPARE, PROGRAMME, add_compare, add_programme
from emgmon.errors import EmgmonError
from emgmon.storage.export import FORMATS

PROG = "emgmon"
DONE, FAILED, INCOMPLETE = 0, 1, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if not options.command:
        from emgmon.cli.start import wanted  # noqa: PLC0415 - nothing heavy before a command is known

        chosen = wanted()
        if chosen is None:
            parser.print_help()
        return main(chosen) if chosen else DONE
    for stream in (sys.stdout, sys.stderr):  # a console that lacks a letter shows '?' instead of ending the program
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.ERROR, format="%(relativeCreated)8d %(name)s %(message)s"
    )
    module, _, function = options.run.partition(":")
    try:
        return int(getattr(import_module(module), function)(options))
    except EmgmonError as error:
        print(f"{PROG}: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"{PROG}: stopped", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog=PROG,
        description="See and train who does the work when you extend the hip: glutes, hamstrings or low back. "
        "A training aid, not a diagnosis; data stays on this computer.",
        epilog="'emgmon COMMAND --help' tells more. Start with 'emgmon demo'.",
    )
    parser.add_argument("--version", action="version", version=f"{PROG} {__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="log what happens on the links to stderr")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_demo(commands)
    _add_live(commands)
    _add_replay(commands)
    _add_review(commands)
    _add_analyse(commands)
    _add_report(commands)
    _add_screen(commands)
    _add_import(commands)
    _add_export(commands)
    _add_scan(commands)
    _add_sensors(commands)
    _add_check_firmware(commands)
    _add_exercises(commands)
    _add_doctor(commands)
    _add_simulate(commands)
    _add_info(commands)
    _add_verify(commands)
    _add_trim(commands)
    _add_merge(commands)
    _add_anonymise(commands)
    _add_validate(commands)
    add_sessions(_command(commands, "sessions", "sessions:run", SESSIONS), _real(0, 10))
    add_compare(_command(commands, "compare", "compare:run", COMPARE))
    add_programme(_command(commands, "programme", "programme:run", PROGRAMME), _real(1, 600))
    _add_batch(commands)
    _add_lsl(commands)
    return parser


Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def _command(commands: Commands[argparse.ArgumentParser], name: str, run: str, text: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.set_defaults(run=f"emgmon.cli.{run}")
    return parser


def _add_demo(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "a set of glute bridges with six simulated sensors over a virtual Bluetooth link"
    parser = _command(commands, "demo", "demo:run", text)
    parser.add_argument("--reps", type=_whole(1, 30), default=8, help="repetitions, 1 to 30 (default 8)")
    text = "times real time, 0.1 to 8 (default 1; without window and sound as fast as it can be computed)"
    parser.add_argument("--speed", type=_real(0.1, 8), help=text)
    parser.add_argument("--seed", type=_whole(0, 2**31), default=1, help="another person and day (default 1)")
    text = "instead: fill the store of sessions with so many simulated weeks, 1 to 52, for History"
    parser.add_argument("--weeks", type=_whole(1, 52), metavar="N", help=text)
    add_store(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for recording and report")
    kinds = "which sensors are worn: emgmon (the open profile; default), umyo, gforce, npg, shimmer, ganglion, …; mixed"
    parser.add_argument("--device", default="emgmon", metavar="KIND", help=f"{kinds}; 'list' names them all")
    _add_view(parser)


def _add_live(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "a session with the sensors that you wear: place them, take references, train, get a report"
    parser = _command(commands, "live", "live:run", text)
    parser.add_argument("--exercise", default="bridge_2leg", metavar="ID", help="'emgmon exercises' lists them")
    parser.add_argument("--reps", type=_whole(1, 1000), help="repetitions in a set (default: the exercise's own)")
    where = "NAME=MUSCLE/SIDE[,MUSCLE/SIDE...]"
    text = "where a sensor sits, a place for each channel, '-' for none; may be given often"
    parser.add_argument("--place", action="append", default=[], metavar=where, help=text)
    text = "remembers placements there (default: placements.toml in the user's configuration folder)"
    parser.add_argument("--place-file", type=Path, metavar="FILE", help=text)
    parser.add_argument("--radio", default="", metavar="tcp:HOST:PORT", help="the virtual radio of 'emgmon simulate'")
    parser.add_argument("--adapter", default="", metavar="HCI", help="Linux: which radio, as in hci1")
    parser.add_argument("--seconds", type=_real(0.5, 120), default=6.0, help="without a window: listen so long first")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for recording and report")
    parser.add_argument("--script", type=Path, metavar="FILE", help="do what this file says, a command each line")
    add_kept(parser)
    _add_catalogue(parser)
    _add_view(parser)


def _add_replay(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "replay", "replay:run", "play a recording through the same analysis and window")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--speed", type=_speed, default=1.0, help="times real time, or 'max' (default 1)")
    begin = _real(0, 1e6)
    parser.add_argument(
        "--from", type=begin, default=0.0, dest="from_s", metavar="S", help="show from here (default 0)"
    )
    _add_view(parser)


def _add_review(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "see a recording again in the window: go anywhere, play, loop and compare repetitions, hear them"
    parser = _command(commands, "review", "review:run", text)
    parser.add_argument("recording", type=Path, nargs="?", help="without one the page tells how to open it")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark", help="of the window (default dark)")
    _add_sound(parser)


def _add_view(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="no window")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark", help="of the window (default dark)")
    parser.add_argument("--exit", action="store_true", dest="exit_when_done", help="close the window at the end")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    _add_sound(parser)


def _add_sound(parser: argparse.ArgumentParser) -> None:
    text = "lasting tone and short sounds, short sounds alone, or none (default: full beside a window, else off)"
    parser.add_argument("--sound", choices=("full", "cues", "off"), help=text)
    parser.add_argument("--volume", type=_real(0, 100), default=60.0, help="of the sound, 0 to 100 (default 60)")
    parser.add_argument("--fade", action="store_true", help="the lasting tone in one of two repetitions only")


def _add_analyse(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "analyse", "files:analyse", "print what a recording shows")
    parser.add_argument("recording", type=Path)
    _add_raise(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def _add_report(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "report", "files:report", "make the report of a recording")
    parser.add_argument("recording", type=Path)
    parser.add_argument("-o", "--out", type=Path, metavar="FILE.html", help="default: beside the recording")
    parser.add_argument("--name", default="", help="person's name for the head of the page (default: none)")
    parser.add_argument("--pdf", action="store_true", help="print it to PDF too, with the browser that is installed")
    parser.add_argument("--json", action="store_true", help="write all numbers as JSON beside it")
    parser.add_argument("--csv", action="store_true", help="write them as two long tables beside it: reps, sets")
    add_store(parser)
    _add_raise(parser)


def _add_screen(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "read the six signs of the overhead squat, and the standing posture, from a recording"
    parser = _command(commands, "screen", "screen:run", text)
    parser.add_argument("recording", type=Path)
    text = "earlier recordings of the same person, oldest first, to hold this one against"
    parser.add_argument("--earlier", type=Path, nargs="+", default=[], metavar="REC", help=text)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def _add_raise(parser: argparse.ArgumentParser) -> None:
    text = "compute with the level that sets reached where they went beyond a maximal reference"
    parser.add_argument("--raise-references", action="store_true", help=text)


def _add_import(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "import", "bring_in:run", "turn someone else's file into a recording")
    parser.add_argument("file", type=Path, help="CSV, EDF, XDF, C3D, WAV, MAT, HDF5, NumPy, or a log of a known device")
    parser.add_argument("--map", type=Path, metavar="MAP.toml", help="says which column is which muscle")
    parser.add_argument("--guess", action="store_true", help="propose a map by the names; with -o import what is sure")
    parser.add_argument("--map-out", type=Path, metavar="MAP.toml", help="write the proposal, or the answers, there")
    parser.add_argument("-o", "--out", type=Path, metavar="OUT.mcap")
    parser.add_argument("--force", action="store_true", help="write over OUT")


def _add_export(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "export", "export:run", "write a recording for another program")
    parser.add_argument("recording", type=Path)
    listed = "; ".join(f"{item.name}: {item.title}" for item in FORMATS)
    names = tuple(item.name for item in FORMATS)
    parser.add_argument("--to", choices=names, required=True, metavar="FORMAT", help=listed)
    parser.add_argument("-o", "--out", type=Path, help="file or folder to write (default: beside the recording)")
    whats = ("raw", "processed", "both")
    parser.add_argument("--what", choices=whats, help="as recorded, filtered with envelope and angle, or both")
    parser.add_argument("--force", action="store_true", help="write over an earlier export")


def _add_scan(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "scan", "scan:run", "list the Bluetooth sensors that can be heard")
    parser.add_argument("--seconds", type=_real(0.5, 120), default=6.0, help="how long to listen (default 6)")
    parser.add_argument("--all", action="store_true", help="also devices that emgmon does not know")
    parser.add_argument("--adapter", default="", metavar="HCI", help="Linux: which radio, as in hci1")
    parser.add_argument("--radio", default="", metavar="tcp:HOST:PORT", help="the virtual radio of 'emgmon simulate'")


def _add_sensors(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "sensors", "sensors:run", "list the kinds of sensors that emgmon knows, or explain one")
    parser.add_argument("name", nargs="?", default="", help="explain this one")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print everything known as JSON")
    form.add_argument("--markdown", action="store_true", help="print the tables of docs/devices.md")


def _add_check_firmware(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "examine a sensor that speaks the open profile, rule by rule; exit code 0 all kept, 3 with a broken one"
    parser = _command(commands, "check-firmware", "check_firmware:run", text)
    parser.add_argument("address", help="its address or name, as 'emgmon scan' lists them")
    parser.add_argument("--seconds", type=_real(3, 600), default=6.0, help="how long the streams run (default 6)")
    parser.add_argument("--scan-seconds", type=_real(0.5, 120), default=8.0, help="how long to look (default 8)")
    parser.add_argument("--adapter", default="", metavar="HCI", help="Linux: which radio, as in hci1")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def _add_exercises(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "exercises", "exercises:run", "list the exercises of the programme, or explain one")
    parser.add_argument("name", nargs="?", default="", help="explain this one")
    _add_catalogue(parser)
    parser.add_argument("--json", action="store_true", help="print the tables as JSON")


def _add_catalogue(parser: argparse.ArgumentParser) -> None:
    text = "exercises of your own, as in docs/exercises.md; they may replace those that come with emgmon"
    parser.add_argument("--catalogue", type=Path, metavar="FILE.toml", help=text)


def _add_doctor(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "check this computer: Bluetooth, display, disk, versions; exit code 0 all well, 3 with something to do"
    parser = _command(commands, "doctor", "doctor:run", text)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def _add_simulate(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "simulate", "simulate:run", "be a sensor, worn by a person who does glute bridges")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--device", default="", metavar="KIND", help="one sensor, as in umyo; 'list' names all")
    what.add_argument("--kit", default="", metavar="KIT", help="all sensors that one person wears, as in mixed")
    air = parser.add_argument_group("air (nothing listens or sends without one of these)")
    air.add_argument(
        "--listen",
        nargs="?",
        const="127.0.0.1:7300",
        metavar="HOST:PORT",
        help="a virtual radio for other processes (default 127.0.0.1:7300, this computer alone), which reach it with "
        "'--radio tcp:HOST:PORT'",
    )
    air.add_argument("--hci", metavar="NAME", help="a real adapter in Bumble's words, as in usb:0; one sensor only")
    parser.add_argument("--reps", type=_whole(1, 30), default=8, help="repetitions, 1 to 30 (default 8)")
    parser.add_argument("--seed", type=_whole(0, 2**31), default=1, help="another person and day (default 1)")
    parser.add_argument("--speed", type=_real(0.1, 8), default=1.0, help="times real time, 0.1 to 8 (default 1)")
    parser.add_argument("--loop", action="store_true", help="again and again until Ctrl-C")


def _add_info(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "info", "inspect:info", "tell what is in a recording")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def _add_verify(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "check a recording: damage, loss, rates, clocks, clipping, hum; exit code 0 good, 3 with findings"
    parser = _command(commands, "verify", "inspect:verify", text)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def _add_trim(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "trim", "edit:trim", "cut a part out of a recording into a new one")
    parser.add_argument("recording", type=Path)
    length = _real(0, 1e9)
    parser.add_argument("--from", type=length, default=0.0, dest="from_s", metavar="S", help="from here (default 0)")
    parser.add_argument(
        "--to", type=length, default=1e9, dest="to_s", metavar="S", help="up to here (default: the end)"
    )
    parser.add_argument("--no-references", action="store_true", help="leave out earlier baseline and references")
    _add_new_recording(parser)


def _add_merge(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "put two recordings of one session, interrupted by a crash, behind each other"
    parser = _command(commands, "merge", "edit:merge", text)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    _add_new_recording(parser)


def _add_anonymise(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "anonymise", "edit:anonymise", "copy a recording without what may name a person")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--drop-date", action="store_true", help="remove the day too, not only the time of day")
    _add_new_recording(parser)


def _add_validate(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "measure the program's promises on simulated signals whose truth is known"
    parser = _command(commands, "validate", "validate:run", text)
    parser.add_argument("--quick", action="store_true", help="fewer simulations")
    parser.add_argument("--rows", default="", metavar="PATTERN", help="only rows of these names: 'onset*,order'")
    text = "instead, each simulated sensor (or those of these kinds: 'emgmon,npg') under each fault of the link"
    parser.add_argument("--faults", nargs="?", const="", metavar="KINDS", help=text)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument("--markdown", action="store_true", help="as the page docs/validation.md")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it there")
    parser.add_argument("--strict", action="store_true", help="exit code 3 when a target is missed")


def _add_new_recording(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT.mcap")


def _add_batch(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "analyse many recordings, on all cores or many computers, into one data set of Parquet tables"
    parser = _command(commands, "batch", "batch:run", text)
    parser.add_argument("place", nargs="+", help="recording or folder, as path or URL (s3://, sftp://, …)")
    parser.add_argument("--out", required=True, metavar="DATASET", help="folder or URL; an unfinished one goes on")
    parser.add_argument("--workers", type=_whole(1, 1024), help="processes here (default: one for each core)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a running Dask scheduler, such as tcp://host:8786")


def _add_lsl(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "take streams of Lab Streaming Layer as sensors, and send what a session found as such streams"
    parser = _command(commands, "lsl", "lsl:listing", text)
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    listing = _command(parts, "list", "lsl:listing", "list the streams that answer")
    listing.add_argument("--wait", type=_real(0.1, 60), default=2.0, help="seconds to listen (default 2)")
    record = _command(parts, "record", "lsl:record", "record one set from streams, and tell its repetitions")
    record.add_argument("--out", type=Path, required=True, metavar="FILE.mcap")
    where = "NAME=MUSCLE/SIDE[,MUSCLE/SIDE...]"
    record.add_argument("--place", action="append", default=[], metavar=where, help="where a stream's channels sit")
    record.add_argument("--exercise", default="bridge_2leg", metavar="ID", help="'emgmon exercises' lists them")
    record.add_argument("--rest", type=_real(0, 120), default=10.0, help="seconds of rest before (default 10)")
    record.add_argument("--seconds", type=_real(1, 36000), help="end after this long, rest included (default: Ctrl-C)")
    record.add_argument("--wait", type=_real(0.1, 60), default=2.0, help="seconds to listen (default 2)")
    record.add_argument("--json", action="store_true", help="print the summary as JSON")
    send = _command(parts, "send", "lsl:send", "send what a recording's session found, at its pace")
    send.add_argument("recording", type=Path)
    send.add_argument("--speed", type=_real(0.1, 100), default=1.0, help="times real time (default 1)")
