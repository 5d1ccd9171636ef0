"""Options of the commands for training and for looking at it again."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgmon.cli.adding import Commands, command
from emgmon.cli.numbers import real, speed, whole
from emgmon.cli.sessions_options import add_kept, add_store


def add_demo(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon demo``."""
    text = "a set of glute bridges with six simulated sensors over a virtual Bluetooth link"
    parser = command(commands, "demo", "demo:run", text)
    parser.add_argument("--reps", type=whole(1, 30), default=8, help="repetitions, 1 to 30 (default 8)")
    text = "times real time, 0.1 to 8 (default 1; without window and sound as fast as it can be computed)"
    parser.add_argument("--speed", type=real(0.1, 8), help=text)
    parser.add_argument("--seed", type=whole(0, 2**31), default=1, help="another person and day (default 1)")
    text = "instead: fill the store of sessions with so many simulated weeks, 1 to 52, for History"
    parser.add_argument("--weeks", type=whole(1, 52), metavar="N", help=text)
    add_store(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for recording and report")
    kinds = "which sensors are worn: emgmon (the open profile; default), umyo, gforce, npg, shimmer, ganglion, …; mixed"
    parser.add_argument("--device", default="emgmon", metavar="KIND", help=f"{kinds}; 'list' names them all")
    _add_view(parser)


def add_live(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon live``."""
    text = "a session with the sensors that you wear: place them, take references, train, get a report"
    parser = command(commands, "live", "live:run", text)
    parser.add_argument("--exercise", default="bridge_2leg", metavar="ID", help="'emgmon exercises' lists them")
    parser.add_argument("--reps", type=whole(1, 1000), help="repetitions in a set (default: the exercise's own)")
    where = "NAME=MUSCLE/SIDE[,MUSCLE/SIDE...]"
    text = "where a sensor sits, a place for each channel, '-' for none; may be given often"
    parser.add_argument("--place", action="append", default=[], metavar=where, help=text)
    text = "remembers placements there (default: placements.toml in the user's configuration folder)"
    parser.add_argument("--place-file", type=Path, metavar="FILE", help=text)
    parser.add_argument("--radio", default="", metavar="tcp:HOST:PORT", help="the virtual radio of 'emgmon simulate'")
    parser.add_argument("--adapter", default="", metavar="HCI", help="Linux: which radio, as in hci1")
    text = "streams of Lab Streaming Layer as sensors too: these, or all that can be used (docs/lsl.md)"
    parser.add_argument("--lsl", nargs="*", metavar="NAME", help=text)
    parser.add_argument("--seconds", type=real(0.5, 120), default=6.0, help="without a window: listen so long first")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for recording and report")
    parser.add_argument("--script", type=Path, metavar="FILE", help="do what this file says, a command each line")
    add_kept(parser)
    _add_catalogue(parser)
    _add_view(parser)


def add_replay(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon replay``."""
    parser = command(commands, "replay", "replay:run", "play a recording through the same analysis and window")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--speed", type=speed, default=1.0, help="times real time, or 'max' (default 1)")
    begin = real(0, 1e6)
    parser.add_argument(
        "--from", type=begin, default=0.0, dest="from_s", metavar="S", help="show from here (default 0)"
    )
    _add_view(parser)


def add_review(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon review``."""
    text = "see a recording again in the window: go anywhere, play, loop and compare repetitions, hear them"
    parser = command(commands, "review", "review:run", text)
    parser.add_argument("recording", type=Path, nargs="?", help="without one the page tells how to open it")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark", help="of the window (default dark)")
    _add_sound(parser)


def add_analyse(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon analyse``."""
    parser = command(commands, "analyse", "files:analyse", "print what a recording shows")
    parser.add_argument("recording", type=Path)
    _add_raise(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def add_report(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon report``."""
    parser = command(commands, "report", "files:report", "make the report of a recording")
    parser.add_argument("recording", type=Path)
    parser.add_argument("-o", "--out", type=Path, metavar="FILE.html", help="default: beside the recording")
    parser.add_argument("--name", default="", help="person's name for the head of the page (default: none)")
    parser.add_argument("--pdf", action="store_true", help="print it to PDF too, with the browser that is installed")
    parser.add_argument("--json", action="store_true", help="write all numbers as JSON beside it")
    parser.add_argument("--csv", action="store_true", help="write them as two long tables beside it: reps, sets")
    add_store(parser)
    _add_raise(parser)


def add_screen(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon screen``."""
    text = "read the six signs of the overhead squat, and the standing posture, from a recording"
    parser = command(commands, "screen", "screen:run", text)
    parser.add_argument("recording", type=Path)
    text = "earlier recordings of the same person, oldest first, to hold this one against"
    parser.add_argument("--earlier", type=Path, nargs="+", default=[], metavar="REC", help=text)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def add_exercises(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon exercises``."""
    parser = command(commands, "exercises", "exercises:run", "list the exercises of the programme, or explain one")
    parser.add_argument("name", nargs="?", default="", help="explain this one")
    _add_catalogue(parser)
    parser.add_argument("--json", action="store_true", help="print the tables as JSON")


def _add_view(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="no window")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark", help="of the window (default dark)")
    parser.add_argument("--exit", action="store_true", dest="exit_when_done", help="close the window at the end")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    _add_phone(parser)
    _add_sound(parser)


def _add_phone(parser: argparse.ArgumentParser) -> None:
    text = "let a browser on this computer show the training page too; its address is a secret"
    parser.add_argument("--phone", action="store_true", help=text)
    text = "with --phone: let a phone or television in the network see it, unencrypted; by this address of the computer"
    parser.add_argument("--lan", nargs="?", const="auto", metavar="ADDRESS", help=text)
    parser.add_argument("--port", type=whole(1, 65535), help="with --phone: listen there (default 7380, or a free one)")


def _add_sound(parser: argparse.ArgumentParser) -> None:
    text = "lasting tone and short sounds, short sounds alone, or none (default: full beside a window, else off)"
    parser.add_argument("--sound", choices=("full", "cues", "off"), help=text)
    parser.add_argument("--volume", type=real(0, 100), default=60.0, help="of the sound, 0 to 100 (default 60)")
    parser.add_argument("--fade", action="store_true", help="the lasting tone in one of two repetitions only")


def _add_raise(parser: argparse.ArgumentParser) -> None:
    text = "compute with the level that sets reached where they went beyond a maximal reference"
    parser.add_argument("--raise-references", action="store_true", help=text)


def _add_catalogue(parser: argparse.ArgumentParser) -> None:
    text = "exercises of your own, as in docs/exercises.md; they may replace those that come with emgmon"
    parser.add_argument("--catalogue", type=Path, metavar="FILE.toml", help=text)
