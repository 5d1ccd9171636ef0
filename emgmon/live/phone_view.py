"""From the state to what the phone view shows, as JSON, and the page that shows it. No Qt.

It is what the training page shows: the same records of `emgmon.live.readout`. Sentences and names of sensors stay here,
because a person may have put names into them.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import resources
from math import isfinite
from typing import Any

from jinja2 import Environment, StrictUndefined

from emgmon.live import readout
from emgmon.live.state import Light, TrainState
from emgmon.live.strings import words

PHASES = ("lift", "hold", "lower", "rest")
DIGITS = 4
"""Of lengths and places: finer than any screen."""
CHOICES = ("phone.lost", "phone.theme", "phone.full")


def picture(state: TrainState) -> str:
    """Return what the phone shows of a state, as JSON; the same text as long as nothing that is seen changes."""
    top = readout.top_bar(state)
    placed = {place.label for place in state.placements()}
    lights = [(label, str(light)) for label, light in top.lights if label in placed]
    lost = [label for label, light in lights if light == Light.LOST]
    cue = asdict(readout.cue(state))
    if any(device.upper() in cue["text"].upper() for device in state.sensors):
        cue["text"] = words("cue.connecting")
    seen = {
        "exercise": top.exercise,
        "set": top.set_text,
        "clock": top.clock,
        "lights": lights,
        "pill": words("top.reconnecting", sensors=", ".join(lost[:3])) if lost else "",
        "leader": readout.leader(state),
        "ring": asdict(readout.ring(state)),
        "cue": cue,
        "reps": asdict(readout.reps(state)),
        "hold": asdict(readout.hold(state)),
    }
    return json.dumps(_rounded(seen), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _rounded(item: Any) -> Any:
    """Return the same with numbers that JSON can hold."""
    match item:
        case float():
            return round(item, DIGITS) if isfinite(item) else None
        case dict():
            return {key: _rounded(value) for key, value in item.items()}
        case list() | tuple():
            return [_rounded(value) for value in item]
    return item


def page(title: str) -> str:
    """Return the page; all that it fetches comes from the folder in which it lies."""
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string(_text("phone.html"))
    phases = {phase: words(f"phase.{phase}") for phase in PHASES}
    return template.render(title=title, phases=phases, words={key: words(key) for key in CHOICES})


def files(title: str) -> dict[str, tuple[str, bytes]]:
    """Return type and content of everything that the phone fetches, by its name within the folder."""
    font = resources.files("emgmon.report").joinpath("inter-latin.woff2").read_bytes()
    return {
        "": ("text/html; charset=utf-8", page(title).encode()),
        "phone.css": ("text/css; charset=utf-8", _text("phone.css").encode()),
        "phone.js": ("text/javascript; charset=utf-8", _text("phone.js").encode()),
        "inter.woff2": ("font/woff2", font),
    }


def _text(name: str) -> str:
    return resources.files("emgmon.live").joinpath(name).read_text("utf-8")
