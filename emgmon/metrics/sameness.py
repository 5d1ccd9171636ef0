"""Whether electrodes seem to sit where they sat before: what the same light task gives, day after day.

A light reference task (T2) asks for the same force each day, so its level in µV moves with the electrodes: beyond ×1.6
or ×0.6 of the median of earlier days the placement is doubtful, beyond ×2 or ×0.5 it was another one. Maximal
references are not judged, because effort moves them too. The limits are conventions.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

SAME, AMBER, RED = "same", "amber", "red"
AMBER_ABOVE, AMBER_BELOW = 1.6, 0.6
RED_ABOVE, RED_BELOW = 2.0, 0.5
EARLIER_SESSIONS = 2
"""So many earlier sessions with the same task are needed."""


class LightLevel(NamedTuple):
    """What a light task gave at one electrode in one session; levels are comparable where `task` is the same."""

    session: str
    task: tuple[str, ...]
    level: float


def sameness(levels: Iterable[LightLevel]) -> dict[str, str]:
    """Return ``same``, ``amber`` or ``red`` for each session that can be judged.

    Parameters
    ----------
    levels : iterable of LightLevel
        Of one person, in order of time; `task` names electrode, position, weight and unit. Levels above 0.

    Returns
    -------
    dict of str to str
        By session, the worst of its electrodes. Sessions with too few earlier ones are missing. A red level is not
        held against later ones.
    """
    earlier: dict[tuple[str, ...], dict[str, float]] = {}
    words: dict[str, str] = {}
    for session, task, level in levels:
        known = earlier.setdefault(task, {})
        others = [value for name, value in known.items() if name != session]
        word = _word(level / median(others)) if len(others) >= EARLIER_SESSIONS else ""
        if word != RED:
            known.setdefault(session, level)
        if word:
            words[session] = max(words.get(session, SAME), word, key=(SAME, AMBER, RED).index)
    return words


def _word(ratio: float) -> str:
    if not RED_BELOW <= ratio <= RED_ABOVE:
        return RED
    return SAME if AMBER_BELOW <= ratio <= AMBER_ABOVE else AMBER
