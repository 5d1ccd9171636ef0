"""The words of ``emgmon sessions``; nothing heavy is imported for them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

SESSIONS = "what was analysed so far, session by session: list, show, tag, note, delete, export, rebuild, add"
SESSION = "beginning of its name as in 'list', its recording, or 'last'"
STORE = "store of sessions: a file or a database URL (default: EMGMON_STORE, else one in the user's data folder)"


def add_store(parser: argparse.ArgumentParser) -> None:
    """Give a command the option ``--store``."""
    parser.add_argument("--store", default=None, metavar="PATH_OR_URL", help=STORE)


def add_kept(parser: argparse.ArgumentParser) -> None:
    """Give a command that makes a recording the options of where and as whose it is remembered."""
    add_store(parser)
    parser.add_argument("--person", default="", metavar="P", help="whose session it is (default: the first person)")
    parser.add_argument("--no-store", action="store_true", help="do not remember the session")


def add_sessions(parser: argparse.ArgumentParser, tension: Callable[[str], float]) -> None:
    """Give ``emgmon sessions`` its second words; `tension` parses a number from 0 to 10."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str, text: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        add_store(made)
        return made

    one = verb("list", "list the sessions in order of time")
    one.add_argument("--person", default="", metavar="P", help="only of this person")
    one.add_argument("--tag", default="", help="only with this tag")
    one.add_argument("--json", action="store_true", help="print it as JSON")
    one = verb("show", "show one session: its sets and what they gave")
    one.add_argument("session", help=SESSION)
    one.add_argument("--json", action="store_true", help="print it with all estimates as JSON")
    one = verb("tag", "put tags on a session, or take them off")
    one.add_argument("session", help=SESSION)
    one.add_argument("tags", nargs="*", metavar="TAG")
    one.add_argument("--remove", action="append", default=[], metavar="TAG", help="take this one off")
    one = verb("note", "put a note on a session, or say whose it is and how tense the hamstrings were")
    one.add_argument("session", help=SESSION)
    one.add_argument("text", nargs="?", help="in place of an earlier note; without anything: print it")
    one.add_argument("--tension", type=tension, metavar="N", help="of the hamstrings after it, 0 to 10")
    one.add_argument("--person", default="", metavar="P", help="whose session it is")
    one = verb("delete", "delete a session from the store; its recording stays")
    one.add_argument("session", nargs="?", default="", help=SESSION)
    one.add_argument("--person", default="", metavar="P", help="all sessions of this person")
    one.add_argument("--with-recording", action="store_true", help="the recording too, and what was said about it")
    one.add_argument("--yes", action="store_true", help="do not ask")
    one = verb("export", "write all numbers as one long table (CSV), or what was said about sessions (JSON)")
    one.add_argument("-o", "--out", type=Path, metavar="FILE", help="default: the terminal")
    one.add_argument("--person", default="", metavar="P", help="only of this person")
    one.add_argument(
        "--facts", action="store_true", help="persons, tags, notes, choices: what no rebuild can make anew"
    )
    one = verb("rebuild", "make the store anew from recordings; goes on where an interrupted one stopped")
    one.add_argument("folders", type=Path, nargs="*", metavar="FOLDER", help="default: where recordings are kept")
    one.add_argument("--all", action="store_true", help="also those that this version has analysed already")
    one.add_argument("--facts", type=Path, metavar="FILE", help="first take back what 'export --facts' wrote")
    one.add_argument("--json", action="store_true", help="print the outcome as JSON")
    one = verb("add", "analyse recordings and add them")
    one.add_argument("recordings", type=Path, nargs="+", metavar="RECORDING")
    one.add_argument("--person", default="", metavar="P", help="whose they are (default: the first person)")
