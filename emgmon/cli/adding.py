"""How a command comes into the parser: its name, one line about it, and what runs it."""

from __future__ import annotations

import argparse

Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def command(commands: Commands[argparse.ArgumentParser], name: str, run: str, text: str) -> argparse.ArgumentParser:
    """Add a command whose function is ``MODULE:NAME`` in `emgmon.cli`; it is imported when the command is run."""
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.set_defaults(run=f"emgmon.cli.{run}")
    return parser
