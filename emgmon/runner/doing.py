"""What a person is at in a session, and the steps before the first set: values that the board shows. No clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Said = list[tuple[str, Mapping[str, Any]]]
"""Kinds and data of marks."""

IDLE, LEAD, REST, REFERENCE, SET = "", "lead", "rest", "reference", "set"
RECOVER, PART, CHECK, PAUSED = "recover", "part", "check", "paused"


@dataclass(frozen=True, slots=True)
class Timings:
    """Lengths in s.

    Attributes
    ----------
    rest_s : float
        To lie still.
    lead_s : float
        To get ready once something was asked for.
    recover_s : float
        Between two tries of a reference; NaN for as long as the task asks for.
    check_s : float
        How long a check repetition is waited for.
    """

    rest_s: float = 10.0
    lead_s: float = 5.0
    recover_s: float = math.nan
    check_s: float = 25.0


@dataclass(frozen=True, slots=True)
class Doing:
    """What the person is at.

    Attributes
    ----------
    what : str
        ``lead`` (getting ready), ``rest``, ``reference``, ``recover`` (between two tries), ``part`` (of the calibration
        of motion sensors), ``check`` (a check repetition), ``set``, ``paused``, or empty.
    title, instruction : str
    since_s, until_s : float
        Begin, and end when it ends by itself, else infinite.
    group : str
        Of a reference contraction.
    step : str
        Name of the step that this belongs to, as in `Step`; empty for a set.
    """

    what: str = IDLE
    title: str = ""
    instruction: str = ""
    since_s: float = 0.0
    until_s: float = math.inf
    group: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step before the first set.

    Attributes
    ----------
    name : str
        ``rest``, ``pain``, a group with its side where the task is done with one leg (``G``, ``G left``), a part of the
        motion sensors' calibration (``stand`` …), or ``check``.
    word, text : str
        The command that begins it; no word for what is only answered.
    title, instruction, safety : str
    group, side : str
        Of a reference contraction.
    tries : int
        How many are asked for; 0 where nothing is counted.
    length_s : float
        Of one try; infinite where the person ends it.
    load_kg : (float, float) or None
        Range of the weight that is held.
    positions : int
        Ways of doing it, among which `position` chooses the next.
    """

    name: str
    word: str
    text: str
    title: str
    instruction: str
    safety: str = ""
    group: str = ""
    side: str = ""
    tries: int = 0
    length_s: float = math.inf
    load_kg: tuple[float, float] | None = None
    positions: int = 1
