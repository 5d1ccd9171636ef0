"""What every reader of foreign files gives back, and the limits that each keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emgmon.errors import ImportFailed
from emgmon.model import Array

MAX_BYTES = 4 << 30
"""Larger files are refused, and so is what unpacks to more."""

MAX_VALUES = 512 << 20
"""At most so many numbers are held at once, 4 GiB as float64: 10 h of 7 channels at 2000 Hz."""

MAX_MARKS = 100_000

Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Options:
    """What of a map concerns the reading of the file; empty where it is to be found.

    Attributes
    ----------
    delimiter, decimal, time : str
        Of a text table: what stands between columns, the decimal sign, the name of the column with times.
    rate_hz : float or None
        Rate of a file that does not say it.
    """

    delimiter: str = ""
    decimal: str = ""
    time: str = ""
    rate_hz: float | None = None


@dataclass(frozen=True, slots=True)
class ForeignStream:
    """Channels that were sampled together.

    Attributes
    ----------
    name : str
        As the file calls it, ``""`` where it has only one.
    names, units : tuple of str
        Of each channel; a unit is empty where the file does not say it.
    samples : (n_samples, n_channels) array
        As the file has them, in its units; missing ones NaN.
    fs_hz : float or None
        None where the file has neither times nor a rate.
    start_s : float
        Time of index 0 on the file's clock.
    index : (n_samples,) integer array or None
        Position of each sample on the even grid of `fs_hz`; a jump means missing samples. None: all are there.
    hints : tuple of str
        What else the file says of each channel (kind of sensor, transducer), for the guess.
    """

    name: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    samples: Array = field(repr=False)
    fs_hz: float | None
    start_s: float = 0.0
    index: Index | None = field(default=None, repr=False)
    hints: tuple[str, ...] = ()

    def positions(self) -> Index:
        """Return `index`, counted where it is None."""
        return np.arange(len(self.samples), dtype=np.int64) if self.index is None else self.index


@dataclass(frozen=True, slots=True)
class ForeignMark:
    """A note that stands in the file, at `time_s` of the file's clock."""

    time_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """A foreign file. `told` has one line for each thing the user should know."""

    streams: tuple[ForeignStream, ...]
    marks: tuple[ForeignMark, ...] = ()
    told: tuple[str, ...] = ()


def check_values(path: Path, count: int) -> None:
    """Raise `ImportFailed` when `count` numbers are more than can be held; to be called before they are allocated."""
    if not 0 <= count <= MAX_VALUES:
        raise ImportFailed(f"{path}: holds {count} numbers, more than can be imported ({MAX_VALUES}); cut it in parts")


def one_line(text: object, longest: int = 200) -> str:
    """Make what came from a file fit into a message: one line, printable, not long."""
    shown = "".join(letter if letter.isprintable() else " " for letter in str(text))
    shown = " ".join(shown.split())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def tidy(names: list[str]) -> tuple[str, ...]:
    """Make channel names printable and different: the second ``EMG`` becomes ``EMG (2)``."""
    seen: dict[str, int] = {}
    out = []
    for k, raw in enumerate(names):
        name = one_line(raw, 100) or f"channel{k + 1}"
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(out)
