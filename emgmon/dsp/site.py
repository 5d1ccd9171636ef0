"""Whether each sensor sits where it says: in a muscle's own task no other may answer more."""

from __future__ import annotations

import math
from collections.abc import Mapping

from emgmon.model import Placement


def misplaced(answers: Mapping[str, Mapping[Placement, float]]) -> dict[Placement, int]:
    """Count, for each channel, the reference tasks in which it did not answer as its place demands.

    Parameters
    ----------
    answers : mapping of str to mapping of Placement to float
        For each task, by the group whose task it is, every channel's level in it as a fraction of the channel's own
        reference; NaN where unknown.

    Returns
    -------
    dict of Placement to int
        Tasks of its own group in which another channel of the side answered more, and tasks of others in which it
        answered more than their muscle. Two electrodes put on in exchange count two each. Sides are judged apart.
    """
    counts: dict[Placement, int] = {}
    for group, levels in answers.items():
        known = {place: level for place, level in levels.items() if not math.isnan(level)}
        for side in {place.side for place in known}:
            here = {place: level for place, level in known.items() if place.side == side}
            own = [level for place, level in here.items() if place.group == group]
            if not own:
                continue
            louder = [place for place, level in here.items() if place.group != group and level > max(own)]
            wrong = louder + [place for place in here if place.group == group] if louder else []
            for place in wrong:
                counts[place] = counts.get(place, 0) + 1
    return counts


EXCHANGED = 0.25
"""The other side must answer by this part of its full answer more, in the tasks of both sides."""


def exchanged(answers: Mapping[Placement, Mapping[Placement, float]]) -> list[tuple[Placement, Placement]]:
    """Find the muscles whose left and right sensor answer for each other.

    Parameters
    ----------
    answers : mapping of Placement to mapping of Placement to float
        For each muscle that was tensed alone, every channel's level as a fraction of its own full answer; NaN where
        unknown.

    Returns
    -------
    list of (Placement, Placement)
        Left and right. Who tenses both sides whichever is asked for gives none.
    """
    found = []
    for left, seen in answers.items():
        right = Placement(left.muscle, "right")
        if left.side != "left" or right not in answers:
            continue
        excess = (
            seen.get(right, math.nan) - seen.get(left, math.nan),
            answers[right].get(left, math.nan) - answers[right].get(right, math.nan),
        )
        if all(difference > EXCHANGED for difference in excess):
            found.append((left, right))
    return found
