"""``emgmon validate``: the program's promises, measured on simulated signals whose truth is known."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from emgmon import __version__
from emgmon.cli import DONE, INCOMPLETE, PROG
from emgmon.cli.console import say
from emgmon.errors import EmgmonError
from emgmon.validation import (
    ROWS,
    Cell,
    Outcome,
    Result,
    Run,
    Verdict,
    as_json,
    as_markdown,
    as_text,
    chosen,
    faults_text,
    run_all,
    run_faults,
)

LIBRARIES = ("numpy", "scipy")


def run(options: argparse.Namespace) -> int:
    """Run the rows that are asked for, print or write the table."""
    if options.faults is not None:
        return _faults(options.faults)
    rows = chosen(ROWS, options.rows)
    done = 0

    def told(result: Result) -> None:
        nonlocal done
        done += 1
        if sys.stderr.isatty():
            say(f"{done:2}/{len(rows)}  {result.verdict.value:12}  {result.row.id}  {result.cpu_s:.1f} s")

    results = run_all(rows, quick=options.quick, told=told)
    text = _text(options, results)
    if options.out:
        try:
            options.out.write_text(text, "utf-8")
        except OSError as error:
            raise EmgmonError(f"{options.out} cannot be written: {error.strerror or error}") from error
        say(f"table      {options.out}")
    else:
        print(text, end="")
    missed = any(result.verdict is Verdict.MISSED for result in results)
    return INCOMPLETE if missed and options.strict else DONE


def _faults(sensors: str) -> int:
    """Print what each fault comes to on each sensor; exit code 3 when a cell is missed."""

    def told(cell: Cell) -> None:
        if sys.stderr.isatty():
            say(f"{cell.sensor:12} {cell.fault:15} {cell.outcome.value}")

    cells, cpu_s = run_faults(told, sensors)
    print(faults_text(cells, cpu_s), end="")
    return INCOMPLETE if any(cell.outcome is Outcome.MISSED for cell in cells) else DONE


def _text(options: argparse.Namespace, results: list[Result]) -> str:
    about = Run(
        program=f"{PROG} {__version__}",
        libraries={"Python": platform.python_version()} | {name: version(name) for name in LIBRARIES},
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        command=_command(options),
        quick=options.quick,
    )
    if options.json:
        return json.dumps(as_json(about, results), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if options.markdown:
        return as_markdown(about, results, _earlier(options.out), [row.id for row in ROWS])
    return as_text(about, results) + "\n"


def _earlier(out: Path | None) -> str:
    return out.read_text("utf-8") if out and out.is_file() else ""


def _command(options: argparse.Namespace) -> str:
    words = [PROG, "validate"]
    words += ["--quick"] if options.quick else []
    words += ["--rows", options.rows] if options.rows else []
    return " ".join(words)
