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
from typing import TextIO, cast

from emgmon import __version__
from emgmon.cli import device_options, file_options, training_options
from emgmon.cli.adding import command
from emgmon.cli.numbers import real
from emgmon.cli.printable import Printable
from emgmon.cli.sessions_options import SESSIONS, add_sessions
from emgmon.cli.weeks_options import COMPARE, PROGRAMME, add_compare, add_programme
from emgmon.errors import EmgmonError

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
    out, err = cast("TextIO", Printable(sys.stdout)), cast("TextIO", Printable(sys.stderr))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        return _run(options)


def _run(options: argparse.Namespace) -> int:
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
    training_options.add_demo(commands)
    training_options.add_live(commands)
    training_options.add_replay(commands)
    training_options.add_review(commands)
    training_options.add_analyse(commands)
    training_options.add_report(commands)
    training_options.add_screen(commands)
    file_options.add_import(commands)
    file_options.add_export(commands)
    device_options.add_scan(commands)
    device_options.add_sensors(commands)
    device_options.add_check_firmware(commands)
    training_options.add_exercises(commands)
    device_options.add_doctor(commands)
    device_options.add_simulate(commands)
    file_options.add_info(commands)
    file_options.add_verify(commands)
    file_options.add_trim(commands)
    file_options.add_merge(commands)
    file_options.add_anonymise(commands)
    device_options.add_validate(commands)
    add_sessions(command(commands, "sessions", "sessions:run", SESSIONS), real(0, 10))
    add_compare(command(commands, "compare", "compare:run", COMPARE))
    add_programme(command(commands, "programme", "programme:run", PROGRAMME), real(1, 600))
    file_options.add_batch(commands)
    device_options.add_lsl(commands)
    return parser
