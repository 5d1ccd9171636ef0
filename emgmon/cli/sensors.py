"""``emgmon sensors``: the kinds of sensors that emgmon knows, what each can and cannot do, and on what it was tried."""

from __future__ import annotations

import argparse
import json
import textwrap
from dataclasses import asdict

from emgmon.cli import DONE
from emgmon.devices.facts import DeviceFacts, Signal, packaged
from emgmon.dsp.device_class import CLASSES, DeviceClass, device_class
from emgmon.errors import DeviceNotFound

WIDTH = 100
MUSCLE = ("emg", "envelope")
MOTION = ("acceleration", "angular_velocity", "quaternion")
OFFERS = (
    ("amplitude", "levels, shares and the index"),
    ("onset", "onsets"),
    ("spectrum", "fatigue by the spectrum"),
    ("shape", "spectral checks of the signal"),
    ("checks", "checks for hum, heart and movement"),
    ("microvolt", "microvolts"),
)
LOSS = {
    "index": "every lost sample is known by its number",
    "counter": "losses are known by a counter",
    "time": "losses are known by the sensor's clock",
    "none": "losses are seen only as a silence",
}
UNIT_TITLES = {"uv": "µV", "g": "g", "dps": "°/s", "ut": "µT", "1": "units", "a.u.": "counts"}
EVIDENCE = {"src": "read in source code", "doc": "documented", "inf": "computed", "?": "not certain, so not used"}


def run(options: argparse.Namespace) -> int:
    """List every kind of sensor, or explain one."""
    known = packaged()
    if options.json:
        print(json.dumps({name: asdict(item) for name, item in known.items()}, indent=1))
    elif options.markdown:
        print("\n".join(markdown()))
    elif options.name:
        if options.name not in known:
            raise DeviceNotFound(f"No sensor is called {options.name!r}; there are {', '.join(known)}.")
        print("\n".join(explained(known[options.name])))
    else:
        print("\n".join(table()))
    return DONE


def muscle_signal(item: DeviceFacts) -> Signal | None:
    """Return the signal that shows a muscle, None for a sensor of motion or heart alone."""
    return next((item.signals[name] for name in MUSCLE if name in item.signals), None)


def muscle_class(item: DeviceFacts) -> DeviceClass | None:
    """Class of the sensor in the table of `emgmon.dsp.device_class`; None without a muscle's signal."""
    signal = muscle_signal(item)
    return device_class(signal.rate_hz, signal.unit, raw=signal.name == "emg") if signal else None


def table() -> list[str]:
    """One line for each kind."""
    lines = [f"{'name':12} {'sensor':38} {'class':5} {'EMG':>8}  {'motion':7} {'loss by':8} tried on"]
    for name, item in packaged().items():
        signal, letter = muscle_signal(item), muscle_class(item)
        rate = f"{signal.rate_hz:.0f} Hz" if signal else "-"
        motion = "yes" if any(kind in item.signals for kind in MOTION) else "-"
        lines.append(
            f"{name:12} {item.title[:38]:38} {letter.letter if letter else '-':5} {rate:>8}  {motion:7} "
            f"{item.loss_evidence:8} {item.tried}"
        )
    lines += ["", *(f"{row.letter}  {row.title}: {_cannot(row)}" for row in CLASSES.values())]
    lines += ["", "'emgmon sensors NAME' tells more. No hardware has been tried yet: reports are welcome."]
    return lines


def _cannot(row: DeviceClass) -> str:
    missing = [text for key, text in OFFERS if key not in row.offers]
    return f"no {', no '.join(missing)}" if missing else "everything"


def explained(item: DeviceFacts) -> list[str]:
    """Tell all that is known about one kind."""
    letter = muscle_class(item)
    paragraphs = [item.title, f"{item.measures}.", item.placement, item.caveats]
    if letter:
        offers = [text for key, text in OFFERS if key in letter.offers]
        paragraphs.append(
            f"Class {letter.letter} ({letter.title}): gives {', '.join(offers)}"
            + (f"; {_cannot(letter)}. {letter.caveat}" if letter.caveat else ".")
        )
    paragraphs.append(f"Lost samples: {LOSS.get(item.loss_evidence, item.loss_evidence)}. Smallest MTU: {item.mtu}.")
    paragraphs += [_signal_said(signal) for signal in item.signals.values()]
    paragraphs.append(f"Tried on: {item.tried}.")
    return [line for text in paragraphs for line in textwrap.wrap(text, WIDTH) or [""]]


def _signal_said(signal: Signal) -> str:
    rates = ", ".join(f"{rate:g}" for rate in signal.rates_hz)
    if not signal.known:
        scale = "counts without a scale"
    elif signal.scale == 1.0:
        scale = f"values in {UNIT_TITLES[signal.declared_unit]}"
    else:
        scale = f"{signal.scale:g} {UNIT_TITLES[signal.declared_unit]} for one count"
    said = f"  {signal.name.replace('_', ' ')}: {rates} Hz; {scale} ({EVIDENCE[signal.evidence]})."
    return f"{said} {signal.note}" if signal.note else said


def markdown() -> list[str]:
    """Write the two tables of ``docs/devices.md``."""
    lines = ["| name | sensor | measures | class | lost samples | tried on |", "|---|---|---|---|---|---|"]
    for name, item in packaged().items():
        letter = muscle_class(item)
        loss, mark = LOSS.get(item.loss_evidence, item.loss_evidence), letter.letter if letter else "–"
        lines.append(f"| `{name}` | {item.title} | {item.measures} | {mark} | {loss} | {item.tried} |")
    lines += ["", "| class | sensors | gives | does not give |", "|---|---|---|---|"]
    for row in CLASSES.values():
        gives = ", ".join(text for key, text in OFFERS if key in row.offers)
        lacks = ", ".join(text for key, text in OFFERS if key not in row.offers) or "–"
        lines.append(f"| {row.letter} | {row.title} | {gives} | {lacks} |")
    lines.append("")
    for name, item in packaged().items():
        lines += [f"### {item.title} (`{name}`)", "", f"{item.placement} {item.caveats}", ""]
        lines += [f"- {_signal_said(signal).strip()}" for signal in item.signals.values()]
        lines.append("")
    return lines[:-1]
