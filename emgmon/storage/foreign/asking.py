"""Asks a person which channel is which muscle; what is not answered stays out."""

from __future__ import annotations

import json
from collections.abc import Callable

from emgmon.model import MUSCLES, SIDES
from emgmon.storage.foreign.base import Foreign
from emgmon.storage.foreign.guess import guesses
from emgmon.storage.foreign.matching import MICRO, names_of

Ask = Callable[[str], str]
Say = Callable[[str], None]


def asked_map(foreign: Foreign, ask: Ask, say: Say) -> str:
    """Ask for each channel and return a map as TOML; it names no channel when nothing was answered.

    Parameters
    ----------
    foreign : Foreign
    ask : callable
        Shows its text and returns what was typed, as `input` does.
    say : callable
        Shows a line.
    """
    muscles = list(MUSCLES)
    for k, muscle in enumerate(muscles, 1):
        say(f"{k:3d}  {MUSCLES[muscle].title}")
    say("For each channel: number of its muscle, side and unit. Enter alone leaves the channel out.")
    proposed = guesses(foreign)
    units = {
        name: unit
        for stream in foreign.streams
        for name, unit in zip(names_of(Foreign((stream,))), stream.units, strict=True)
    }
    lines = []
    rate = _rate(foreign, ask, say)
    if rate:
        lines += ["[file]", f"rate_hz = {rate}", ""]
    for name, one in proposed.items():
        hint = f" [perhaps {one.muscle.replace('_', ' ')}]" if one.muscle else ""
        muscle = _choice(f"{name}{hint}, muscle: ", muscles, ask, say)
        if not muscle:
            continue
        side = one.side or _choice(f"{name}, side (1 left, 2 right, 3 midline): ", list(SIDES), ask, say)
        if not side:
            continue
        lines += [f"[channels.{json.dumps(name, ensure_ascii=False)}]", f'muscle = "{muscle}"', f'side = "{side}"']
        if units.get(name.rpartition(":")[2], units.get(name, "")).lower() not in MICRO:
            unit = _unit(f"{name}, unit (uV, mV, V; Enter: unknown): ", ask, say)
            lines += [f'unit = "{unit}"'] if unit else []
        lines.append("")
    return "\n".join(lines)


def _rate(foreign: Foreign, ask: Ask, say: Say) -> float | None:
    if all(stream.fs_hz is not None for stream in foreign.streams):
        return None
    while True:
        text = ask("The file has neither times nor a rate. Samples a second: ").strip()
        try:
            value = float(text) if text else 0.0
        except ValueError:
            value = -1.0
        if not text or 1.0 <= value <= 100_000.0:
            return value or None
        say("1 to 100000")


def _choice(question: str, values: list[str], ask: Ask, say: Say) -> str:
    while True:
        text = ask(question).strip()
        if not text:
            return ""
        if text.isdecimal() and 1 <= int(text) <= len(values):
            return values[int(text) - 1]
        if text.lower() in values:
            return text.lower()
        say(f"1 to {len(values)}, or Enter")


def _unit(question: str, ask: Ask, say: Say) -> str:
    while True:
        text = ask(question).strip()
        if not text or text.lower() in MICRO:
            return text
        say("uV, mV or V, or Enter")
