"""Who wears which sensor where: what the person says, what is remembered, and what of it cannot be.

A sensor's places are a tuple with one `Placement` or None for each channel of its main quantity: muscle before heart
before motion. A motion sensor in the same housing goes where the first muscle is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from emgmon.errors import PlacementError
from emgmon.model import MOTION_WIDTH, MUSCLE_QUANTITIES, PLACES, SIDES, Placement, Stream
from emgmon.storage.whole import write_whole

Places = tuple[Placement | None, ...]

NOWHERE = "-"
"""Stands for a channel that is not worn."""

MAIN = (*MUSCLE_QUANTITIES, "ecg", *MOTION_WIDTH)
"""Quantities in the order in which one of them speaks for the sensor."""


def parse_places(text: str, where: str) -> Places:
    """Read ``muscle/side,muscle/side``, ``-`` for a channel that is not worn.

    Raises
    ------
    PlacementError
        Naming what is wrong, and what is allowed.
    """
    return tuple(_place(part.strip(), where) for part in text.split(","))


def _place(text: str, where: str) -> Placement | None:
    if text == NOWHERE:
        return None
    place = Placement.parse(text)
    if place is None:
        muscle, _, side = text.partition("/")
        wrong = f"no place is called {muscle!r}; there are {', '.join(PLACES)}"
        if muscle in PLACES:
            wrong = f"{side!r} is no side; there are {', '.join(SIDES)}"
        raise PlacementError(f"{where}: {text!r}: {wrong}. Write MUSCLE/SIDE, as in gluteus_maximus/left.")
    return place


def parse_option(text: str) -> tuple[str, Places]:
    """Read ``NAME=muscle/side,…`` of the command line; raises `PlacementError`."""
    name, equals, places = text.rpartition("=")
    if not equals or not name.strip():
        raise PlacementError(f"--place {text}: write NAME=MUSCLE/SIDE, with the name that 'emgmon scan' lists.")
    return name.strip(), parse_places(places, f"--place {text}")


def read_places(path: Path) -> dict[str, Places]:
    """Read a file of placements, ``"NAME" = ["muscle/side", …]`` for each sensor; empty where there is no file.

    Raises
    ------
    PlacementError
        Naming file, sensor and what is wrong.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise PlacementError(f"{path}: cannot be read: {reason}") from error
    except (ValueError, RecursionError) as error:  # a number of 4300 digits is a mere ValueError
        raise PlacementError(f"{path}: not valid TOML: {error}. Mend the file or remove it.") from error
    return {name: _row(value, f"{path}: sensor {name!r}") for name, value in tables.items()}


def _row(value: Any, where: str) -> Places:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise PlacementError(f'{where}: {value!r} is no list of places; write ["gluteus_maximus/left"].')
    return tuple(_place(text, where) for text in texts)


def write_places(path: Path, places: Mapping[str, Places]) -> None:
    """Remember placements; those of sensors that are not named stay.

    Raises
    ------
    PlacementError
        When the file cannot be read or written.
    """
    kept = {**read_places(path), **places}
    lines = [f"{_quoted(name)} = [{', '.join(_quoted(_word(p)) for p in row)}]" for name, row in sorted(kept.items())]
    text = "# Where each sensor was worn last; emgmon proposes it again.\n" + "\n".join(lines) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        raise PlacementError(f"{path}: cannot be written: {error.strerror or error}") from error


def _word(place: Placement | None) -> str:
    return str(place) if place else NOWHERE


def _quoted(text: str) -> str:
    """Write a TOML basic string."""
    escaped = (c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08X}" for c in text)
    return f'"{"".join(escaped)}"'


def main_stream(streams: Iterable[Stream], device: str) -> Stream | None:
    """Return the stream that speaks for a sensor, None while it said nothing."""
    mine = [stream for stream in streams if stream.device == device]
    return min(mine, key=lambda stream: MAIN.index(stream.quantity), default=None)


def mark_of(device: str, places: Places, streams: Sequence[Stream]) -> dict[str, Any] | None:
    """Return the data of the ``placement`` mark that says where a sensor sits; None while it said nothing."""
    main = main_stream(streams, device)
    if main is None:
        return None
    row = [str(place) if place else None for place in places]
    row += [None] * (len(main.placements) - len(row))
    quantities = [s.quantity for s in streams if s.device == device and s.quantity in MOTION_WIDTH]
    if main.quantity in MOTION_WIDTH:
        return {"device": device, "channels": dict.fromkeys(quantities, row[:1])}
    first = next((place for place in row if place), None)
    return {"device": device, "channels": {main.quantity: row} | {quantity: [first] for quantity in quantities}}


def doubles(streams: Iterable[Stream]) -> dict[Placement, list[str]]:
    """Return each muscle that two channels claim, with the sensors that do."""
    claims: dict[Placement, list[str]] = {}
    for stream in streams:
        if stream.quantity in MUSCLE_QUANTITIES:
            for place in stream.placements:
                if place is not None:
                    claims.setdefault(place, []).append(stream.device)
    return {place: names for place, names in claims.items() if len(names) > 1}


def unplaced(streams: Iterable[Stream]) -> list[str]:
    """Return the sensors of which no channel has a place."""
    named: dict[str, bool] = {}
    for stream in streams:
        named[stream.device] = named.get(stream.device, False) or any(stream.placements)
    return [name for name, placed in named.items() if not placed]
