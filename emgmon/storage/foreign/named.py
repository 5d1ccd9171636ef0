"""From a tree of named arrays, as MAT and HDF5 files hold them, to streams.

Arrays of the same length in the same folder are one stream; a number called like a rate is its rate, a column called
like a time its clock, a list of as many words as there are columns their names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from emgmon.errors import ImportFailed
from emgmon.model import Array
from emgmon.storage.foreign.arrays import as_samples
from emgmon.storage.foreign.base import Foreign, ForeignStream, Options, one_line, tidy
from emgmon.storage.foreign.clocks import on_clock
from emgmon.storage.foreign.columns import TIME_NAMES, seconds

RATE_NAMES = re.compile(
    r"(?:fs|sr|srate|f_?sample|freq|frequency|rate|samp\w*_?(?:rate|freq\w*))(?:_?hz)?", re.IGNORECASE
)
LABEL_NAMES = re.compile(r"(?:chan\w*|labels?|names?|muscles?|emg_?(?:names|labels))\w*", re.IGNORECASE)
UNIT_NAMES = re.compile(r"\w*units?", re.IGNORECASE)
MIN_ROWS = 20
MAX_ITEMS = 10_000


@dataclass(slots=True)
class Tree:
    """What a file holds, by path with ``/`` between folders."""

    arrays: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)


def streams_of_tree(path: Path, tree: Tree, options: Options) -> Foreign:
    """Make streams of all arrays that are long enough to be signals."""
    groups: dict[tuple[str, int], dict[str, Array]] = {}
    for name, array in tree.arrays.items():
        if max(array.shape, default=0) >= MIN_ROWS:
            samples = as_samples(path, name, array)
            folder = name.rpartition("/")[0]
            groups.setdefault((folder, len(samples)), {})[name] = samples
    if not groups:
        raise ImportFailed(f"{path}: holds no array of at least {MIN_ROWS} samples")
    streams, told = [], []
    for (folder, _n), parts in groups.items():
        rate_hz = _rate(tree.numbers, folder) or options.rate_hz
        clock = next((name for name in parts if _last(name).lower() in TIME_NAMES and parts[name].shape[1] == 1), "")
        if clock and len(parts) == 1:
            continue
        names: list[str] = []
        units: list[str] = []
        for name, samples in parts.items():
            if name != clock:
                names += _labels(tree.texts, folder, name, samples.shape[1])
                units += _of(tree.texts, UNIT_NAMES, folder, samples.shape[1]) or [""] * samples.shape[1]
        data = np.column_stack([samples for name, samples in parts.items() if name != clock])
        title = one_line(folder, 80) if len(groups) > 1 or folder else ""
        stream = ForeignStream(title, tidy(names), tuple(units), data, rate_hz)
        if clock:
            times = seconds(parts[clock][:, 0], _last(clock), "", of_day=False)
            grid = on_clock(f"{path}: {clock}", times, rate_hz)
            told += [f"{clock}: {text}" for text in grid.told]
            stream = ForeignStream(title, stream.names, stream.units, data, grid.fs_hz, grid.start_s, grid.index)
        streams.append(stream)
    return Foreign(tuple(_differently(streams)), told=tuple(told))


def _differently(streams: list[ForeignStream]) -> list[ForeignStream]:
    titles = tidy([stream.name or "all" for stream in streams]) if len(streams) > 1 else ("",)
    return [
        ForeignStream(title, one.names, one.units, one.samples, one.fs_hz, one.start_s, one.index, one.hints)
        for title, one in zip(titles, streams, strict=True)
    ]


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _rate(numbers: Mapping[str, float], folder: str) -> float | None:
    """Rate that stands in the folder or, going up, nearest to it; None where two differ."""
    while True:
        found = {
            value
            for name, value in numbers.items()
            if name.rpartition("/")[0] == folder and RATE_NAMES.fullmatch(_last(name).replace(" ", "_")) and value > 0
        }
        if found or not folder:
            return found.pop() if len(found) == 1 else None
        folder = folder.rpartition("/")[0]


def _of(texts: Mapping[str, tuple[str, ...]], pattern: re.Pattern[str], folder: str, n: int) -> list[str]:
    for name, words in texts.items():
        if name.rpartition("/")[0] in {folder, ""} and pattern.fullmatch(_last(name)) and len(words) == n:
            return list(words)
    return []


def _labels(texts: Mapping[str, tuple[str, ...]], folder: str, name: str, n: int) -> list[str]:
    own = _of(texts, LABEL_NAMES, folder, n)
    if own and (n > 1 or _last(name).lower() in {"data", "samples", "values", "signal"}):
        return own
    if n == 1:
        return [_last(name)]
    return [f"{_last(name)}_{axis}" for axis in ("xyz" if n == 3 else range(1, n + 1))]
