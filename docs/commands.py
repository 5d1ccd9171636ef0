"""Writes ``commands.md`` anew from the parser of the command line: ``python docs/commands.py``."""
# ruff: noqa: INP001 - a script beside the pages

import argparse
from collections.abc import Iterator
from pathlib import Path

from emgmon.cli import build_parser

TARGET = Path(__file__).with_name("commands.md")
HEAD = """# Commands

Every command and what it takes; `emgmon COMMAND --help` says the same. Exit codes: 0 done; 1 it could not be
done, and a line says what, where and what to do; 2 the command line is wrong; 3 done, with a recording that is
not whole or a target that is missed. Files and environment variables: [settings](settings.md).

This page is written by `python docs/commands.py`; a test holds it to the program.
"""


def page() -> str:
    """Return the page of all commands."""
    parser = build_parser()
    return "\n".join([HEAD, *_options(parser), *_below(parser, "emgmon", 2)]).rstrip() + "\n"


def _below(parser: argparse.ArgumentParser, name: str, level: int) -> Iterator[str]:
    for action in parser._actions:  # noqa: SLF001 - argparse shows its parts to nobody
        if not isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            continue
        said = {choice.dest: choice.help for choice in action._choices_actions}  # noqa: SLF001
        for word, below in action.choices.items():
            text = below.description or said.get(word) or ""
            yield f"{'#' * level} {name} {word}\n\n{_clean(text)}\n"
            yield from _options(below)
            yield from _below(below, f"{name} {word}", level + 1)


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    unlisted = argparse._SubParsersAction | argparse._HelpAction  # noqa: SLF001
    listed = [a for a in parser._actions if a.help != argparse.SUPPRESS and not isinstance(a, unlisted)]  # noqa: SLF001
    if listed:
        rows = [f"| {_cell(_name(action))} | {_cell(_help(parser, action))} |" for action in listed]
        yield "\n".join(["| option | what it does |", "|---|---|", *rows]) + "\n"


def _name(action: argparse.Action) -> str:
    value = _value(action)
    if not action.option_strings:
        return f"`{value}`"
    return ", ".join(f"`{text}`" for text in action.option_strings) + (f" `{value}`" if value else "")


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    return {"?": f"[{value}]", "*": f"[{value} ...]", "+": f"{value} ..."}.get(str(action.nargs), value)


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    return parser._get_formatter()._expand_help(action) if action.help else ""  # noqa: SLF001


def _clean(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _clean(text).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    TARGET.write_text(page(), "utf-8")
