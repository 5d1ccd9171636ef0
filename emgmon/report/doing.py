"""How the reps were done: their number against what was asked, their holds, their sides, and the signs in them."""

from __future__ import annotations

from collections import Counter

from emgmon.exercise.scores import HOLD_TOLERANCE_S
from emgmon.exercise.screen import SCREEN
from emgmon.model import RepSummary, SetSummary, SignOfSet
from emgmon.report.wording import listing, number, plural

SHOWN = ("red", "amber")
COUNT_WORDS = {"few": "too few", "many": "too many"}
HOLD_WORDS = {"short": "hold short", "long": "hold long"}


def _asked(least: int | None, most: int) -> tuple[int, int]:
    return min(least or most, most), most


def count_text(summary: SetSummary) -> str:
    """Return ``8 reps``, ``8 of 8 reps`` or ``8 of 10 to 12 reps, too few``."""
    done, sides = len(summary.reps), {rep.rep.side for rep in summary.reps}
    if summary.reps_target is None:
        return plural(done, "rep")
    least, most = _asked(summary.reps_from, summary.reps_target)
    asked = f"{least} to {most} reps" if least < most else plural(most, "rep")
    text = f"{plural(done, 'rep')}, {asked} a side asked" if len(sides) > 1 else f"{done} of {asked}"
    return f"{text}, {COUNT_WORDS[summary.count]}" if summary.count in COUNT_WORDS else text


def done_lines(summary: SetSummary) -> tuple[str, ...]:
    """Say in a line each, where there is something to say: partial reps, sides, holds against their target."""
    lines = []
    if summary.partial:
        lines.append(f"{plural(summary.partial, 'partial movement')}, not counted.")
    sides = Counter(rep.rep.side for rep in summary.reps if rep.rep.side)
    if sides:
        lines.append(f"Sides: {listing([f'{sides[side]} {side}' for side in sorted(sides)])}.")
    holds = Counter(rep.hold for rep in summary.reps if rep.hold)
    if holds and summary.hold_target_s is not None:
        low, high = summary.hold_target_s
        words = [f"{holds[word]} {title}" for word, title in (("met", "met"), ("short", "short"), ("long", "long"))]
        lines.append(f"Hold {low:g} to {high:g} s (within {HOLD_TOLERANCE_S:g} s): {', '.join(words)}.")
    return tuple(lines)


SHORT = {"sdi_up": "synergists up"}
"""Signs whose name is no word for a reader."""


def rep_remark(rep: RepSummary) -> str:
    """Return what stands beside a rep: its side, and a hold that was not as asked."""
    shown = sorted({SHORT.get(sign.name, sign.name.replace("_", " ")) for sign in rep.signs if sign.level in SHOWN})
    return ", ".join(filter(None, (rep.rep.side, HOLD_WORDS.get(rep.hold, ""), *shown)))


def sign_lines(summary: SetSummary) -> tuple[str, ...]:
    """Say the signs of a set: each that shows, then those that do not, then those that no sensor saw."""
    lines = [_sign_line(sign) for level in SHOWN for sign in summary.signs if sign.level == level]
    none = [sign.title.lower() for sign in summary.signs if sign.level == "none"]
    if none:
        lines.append(f"Not in 3 of 5 reps: {listing(none)}.")
    unseen = [f"{sign.title.lower()} (needs {sign.needs})" for sign in summary.signs if sign.level == "not measured"]
    if unseen and (lines or summary.exercise == SCREEN):
        lines.append(f"Not measured: {'; '.join(unseen)}.")
    return tuple(lines)


def _sign_line(sign: SignOfSet) -> str:
    size = f"median {number(sign.median, 2 if sign.unit == 'ln' else 0)} {sign.unit}"
    return f"{sign.title}: {sign.level}, {sign.amber + sign.red} of {sign.measured} reps, {size}."


def signs_on_page(summary: SetSummary) -> tuple[str, ...]:
    """Return the lines of the page's block of signs: none for a set without any, unless it is the screen."""
    if summary.exercise == SCREEN or any(sign.level in SHOWN for sign in summary.signs):
        return sign_lines(summary)
    return ()
