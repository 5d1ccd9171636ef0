"""The words of ``emgmon compare`` and ``emgmon programme``; nothing heavy is imported for them."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emgmon.cli.sessions_options import add_store

PROGRAMME = "propose what to train today, by the four phases of the programme; run a timer"
CHOICES = ("open", "hold", "skip", "rules")
COMPARE = "tell what changed over weeks of sessions, and how sure that is"


def add_compare(parser: argparse.ArgumentParser) -> None:
    """Give ``emgmon compare`` its options."""
    parser.add_argument("recordings", type=Path, nargs="*", metavar="RECORDING", help="instead of the store: these")
    add_store(parser)
    parser.add_argument("--person", default="", metavar="P", help="whose sessions (default: the first person)")
    parser.add_argument("--exercise", default="", metavar="ID", help="default: the chosen one, else the most frequent")
    text = "another number than the index, as in docs/metrics.md: share_glute, log_ratio_h, symmetry, …"
    parser.add_argument("--metric", default="", help=text)
    parser.add_argument(
        "--phase", default="", choices=("", "con", "hold", "ecc", "act"), help="default: the most usual"
    )
    parser.add_argument("--where", default="", help="both (default), left, right, a muscle group, or muscle/side")
    text = "two sessions side by side: beginning of a name as in 'emgmon sessions list', or a day; '/2' for its set 2"
    parser.add_argument("--sessions", nargs=2, metavar=("A", "B"), help=text)
    text = "from now on the index of this exercise is what is judged; all other numbers are exploratory"
    parser.add_argument("--choose", default="", metavar="ID", help=text)
    parser.add_argument("--html", type=Path, metavar="FILE.html", help="write it as a page")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def add_programme(parser: argparse.ArgumentParser, seconds: Callable[[str], float]) -> None:
    """Give ``emgmon programme`` its options; `seconds` parses a length."""
    add_store(parser)
    parser.add_argument("--person", default="", metavar="P", help="whose (default: the first person)")
    parser.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="another day than today")
    text = "decide about a stage: open, hold, skip, or rules (as the rules say); may be given often"
    parser.add_argument("--stage", nargs=2, action=_Stage, metavar=("NAME", "CHOICE"), help=text)
    for what, text in (("tension", "of the hamstrings now"), ("pain", "now")):
        parser.add_argument(f"--{what}", type=_felt, metavar="N", help=f"{what} {text}, 0 to 10: kept with the day")
    parser.add_argument("--timer", default="", metavar="ID", help="count down this exercise, with a bell: smr_tfl, …")
    parser.add_argument("--seconds", type=seconds, help="how long each part of the timer is")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def _felt(text: str) -> float:
    value = float(text)
    if not 0.0 <= value <= 10.0:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 10")
    return value


class _Stage(argparse.Action):
    """A stage and what is chosen for it, as often as it is given."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *_: Any) -> None:
        if values[1] not in CHOICES:
            parser.error(f"--stage {values[0]} {values[1]}: the choice is one of {', '.join(CHOICES)}")
        setattr(namespace, self.dest, [*(getattr(namespace, self.dest) or []), tuple(values)])


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2026-11-22") from error
