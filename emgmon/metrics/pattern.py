"""When several sessions together may be called a pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from emgmon.exercise.reference_bands import bands_of
from emgmon.metrics.questions import WORDS
from emgmon.model import Answer

PHRASE = "synergist-dominant pattern"
"""Said only of what `pattern_of` finds, and never of a single session."""

LAST_SESSIONS, CLEAR_SESSIONS = 4, 3
"""Two of three, looked at after each session of eight weeks, would tell 2.7 % of healthy users (docs/decisions.md)."""
FIRST_FAMILY, SECOND_FAMILIES = "bridge", frozenset({"hinge", "quadruped"})


class Seen(NamedTuple):
    """The answer to question N in one session; `session` is any text that differs between sessions."""

    session: str
    exercise: str
    answer: Answer


class Pattern(NamedTuple):
    """Whether the phrase may be used, the exercises that bear it, and what was lacking otherwise."""

    holds: bool
    exercises: tuple[str, ...]
    lacked: tuple[str, ...]


def pattern_of(history: Sequence[Seen]) -> Pattern:
    """Apply the rule: N clear in three of the last four sessions, in a bridge and in a hinge or quadruped exercise.

    Of several sets of an exercise in one session the first that was answered counts. A session in which the glutes were
    below their limit of detection does not count as clear.

    Parameters
    ----------
    history : sequence of Seen
        All answers to N, oldest first.
    """
    sessions: dict[str, dict[str, Answer]] = {}
    for session, exercise, answer in history:
        if answer.question == "N" and answer.word:
            sessions.setdefault(exercise, {}).setdefault(session, answer)
    clear = tuple(
        exercise
        for exercise, found in sessions.items()
        if sum(map(_clear, list(found.values())[-LAST_SESSIONS:])) >= CLEAR_SESSIONS
    )
    families = {band.family for exercise in clear for band in bands_of(exercise)}
    needs = (
        (FIRST_FAMILY not in families, "three clear ones among the last four sessions of a bridge"),
        (not families & SECOND_FAMILIES, "the same in a hinge or a quadruped exercise"),
    )
    lacked = tuple(what for missing, what in needs if missing)
    return Pattern(not lacked, clear, lacked)


def _clear(answer: Answer) -> bool:
    return answer.word == WORDS[0][1] and answer.direction > 0 and not answer.censored
