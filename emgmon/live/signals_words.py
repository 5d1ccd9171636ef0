"""Words of the Signals page."""

from __future__ import annotations

from collections.abc import Mapping

UNITS: Mapping[str, str] = {"uv": "µV"}
"""How the units of signals are written, where that is not their name."""
SIGNALS: Mapping[str, str] = {
    "signals.none": "No signal yet",
    "signals.none.how": "It is drawn here as soon as a sensor streams.",
    "signals.paused": "PAUSED",
    "signals.second": "{second} s",
    "signals.channel": "{side} · ±{scale:g} {unit}",
    "signals.channel.raw": "{side} · raw ±{scale:g} {unit}",
    "signals.filtered": "Filtered (U)",
    "signals.raw": "Raw (U)",
    "signals.form.filtered": "filtered",
    "signals.form.raw": "raw, mean taken off",
    "signals.time": "Session time",
    "signals.at": "{time:.3f} s",
    "signals.lost": "no signal",
    "signals.FLAT": "no signal",
    "signals.CLIP": "cut off",
    "signals.LEAD": "electrode loose",
    "signals.MAR": "sensor moves",
    "signals.DROP": "samples lost",
    "signals.SITE": "wrong place?",
    "signals.XTALK": "as its neighbour",
    "signals.NOISE": "noise at rest",
    "signals.SNR": "hardly above noise",
    "signals.PLI": "mains hum",
    "signals.ECR": "heart beats",
    "signals.SHAPE": "unlike muscle",
    "signals.NORM": "peaks unlike muscle",
    "signals.MDF": "spectrum unlike muscle",
    "signals.hint": "Move the mouse over the signals to read time and value.",
    "signals.in": "Zoom in",
    "signals.out": "Zoom out",
    "signals.all": "Everything",
    "signals.save": "Save picture",
    "signals.on": "Go on",
    "signals.keys": "← → move   + − zoom   ↑ ↓ height   Shift ← → read   Home all   U raw   S save   Space go on",
    "signals.save.title": "Save the picture of the signals",
    "signals.save.kinds": "Picture (*.png);;Drawing that stays sharp (*.svg)",
    "signals.saved": "Saved: {path}",
    "signals.unsaved": "The picture could not be written to {path}: {reason}. Choose another folder.",
    "signals.caption": "{title}, {form}, {first:.2f} to {last:.2f} s of the session",
}
