"""A session by a script: a command each line, as a person would give it, and waiting between them.

``wait S`` waits on the session's clock, ``until recording`` for the recording to begin, ``until idle`` until rest or
contraction is over, ``until reps N`` for so many repetitions in the set. Empty lines are skipped, and what follows
``#``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from emgmon.errors import EmgmonError
from emgmon.runner.board import RECORDING, Board
from emgmon.runner.doing import IDLE

TICK_S = 0.02


def read_script(path: Path) -> list[tuple[str, str]]:
    """Read a script; raises `EmgmonError` naming the line that does not fit."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise EmgmonError(f"{path}: cannot be read: {reason}") from error
    steps = []
    for number, line in enumerate(lines, 1):
        word, _, text = line.partition("#")[0].strip().partition(" ")
        if not word:
            continue
        good = (word != "wait" or _is_length(text)) and (word != "until" or _is_condition(text))
        if not good:
            raise EmgmonError(
                f"{path}, line {number}: {line.strip()!r}; write 'wait SECONDS', 'until recording', 'until idle' or "
                "'until reps NUMBER'."
            )
        steps.append((word, text.strip()))
    return steps


def _is_length(text: str) -> bool:
    try:
        return 0.0 <= float(text) <= 36_000.0
    except ValueError:
        return False


def _is_condition(text: str) -> bool:
    word, _, number = text.strip().partition(" ")
    return number.isdecimal() if word == "reps" else word in {"recording", "idle"} and not number


async def play(steps: list[tuple[str, str]], board: Board, clock_ns: Callable[[], int]) -> None:
    """Give the commands of a script one after the other."""
    for word, text in steps:
        if word == "wait":
            await _until(partial(_passed, clock_ns() + float(text) * 1e9, clock_ns))
        elif word == "until":
            await _until(partial(_reached, text, board))
        else:
            board.tell(word, text)


async def _until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 - clock and board belong to others, nothing is signalled
        await asyncio.sleep(TICK_S)


def _passed(end_ns: float, clock_ns: Callable[[], int]) -> bool:
    return clock_ns() >= end_ns


def _reached(condition: str, board: Board) -> bool:
    view = board.view
    if condition == "recording":
        return view.stage == RECORDING
    if view.obeyed < board.sent:
        return False
    if condition == "idle":
        return view.doing.what == IDLE
    return view.reps >= int(condition.partition(" ")[2])
