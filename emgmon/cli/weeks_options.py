"""The words of ``emgmon compare`` and ``emgmon programme``; nothing heavy is imported for them."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgmon.cli.sessions_options import add_store

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
