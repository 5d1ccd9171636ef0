"""Reads text files of OpenSignals (biosignalsplux, BITalino): a line of JSON, then a table for all devices.

Samples are digits of the device's converter. What they mean depends on the sensor, which the file does not say, so the
unit stays open; the map may give it with a factor of its own making only by converting the file before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from emgmon.errors import ImportFailed
from emgmon.storage.foreign.base import Foreign, ForeignStream, Index, Options, one_line, tidy
from emgmon.storage.foreign.clocks import counted
from emgmon.storage.foreign.layout import find_layout
from emgmon.storage.foreign.text import read_columns

FIRST_LINE = b"# OpenSignals Text File Format"


def recognises(head: bytes, _ending: str) -> bool:
    """Whether the first bytes are those of such a file."""
    return head.startswith(FIRST_LINE)


def read(path: Path, options: Options) -> Foreign:
    """Read a whole file; see `emgmon.storage.foreign`."""
    layout = find_layout(path, replace(options, delimiter="\t"))
    devices = _devices(path, layout.preamble)
    titles = [title for device in devices.values() for title in _columns(device)]
    width = len(layout.names)
    if not len(titles) <= width <= len(titles) + 1:
        raise ImportFailed(f"{path}: the table has {width} columns but its first lines name {len(titles)}")
    names = [f"{k}" for k in range(len(titles))] + [""] * (width - len(titles))
    columns = read_columns(path, replace(layout, names=tuple(names)))
    streams, told, at = [], [], 0
    for device_name, device in devices.items():
        own = _columns(device)
        samples = columns.samples[:, at : at + len(own)]
        at += len(own)
        index, line = _index(samples[:, 0] if own[0].lower() == "nseq" else None, len(samples))
        told += [f"{device_name}: {line}"] if line else []
        kept = [k for k, title in enumerate(own) if title not in {"nSeq", "DI"} and title[:1] not in {"I", "O"}]
        sensors, labels = _listed(device, "sensor"), _listed(device, "label")
        analog = dict(zip(labels, sensors, strict=False))
        rate_hz = device.get("sampling rate")
        streams.append(
            ForeignStream(
                one_line(device_name),
                tidy([own[k] for k in kept]),
                ("",) * len(kept),
                samples[:, kept],
                float(rate_hz) if isinstance(rate_hz, int | float) and rate_hz > 0 else options.rate_hz,
                index=index,
                hints=tuple(one_line(analog.get(own[k], "")) for k in kept),
            )
        )
    return Foreign(tuple(streams), (), tuple(told))


def _devices(path: Path, preamble: str) -> Mapping[str, Mapping[str, Any]]:
    text = next((line[1:] for line in preamble.splitlines() if line.startswith("#") and "{" in line), "")
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ImportFailed(f"{path}: the line of JSON at its head cannot be read: {one_line(error)}") from error
    if not isinstance(table, dict) or not table or not all(isinstance(device, dict) for device in table.values()):
        raise ImportFailed(f"{path}: the line of JSON at its head names no device")
    if not all(_columns(device) for device in table.values()):
        raise ImportFailed(f"{path}: the line of JSON at its head names no columns ('column')")
    return table


def _columns(device: Mapping[str, Any]) -> list[str]:
    return _listed(device, "column")


def _listed(device: Mapping[str, Any], key: str) -> list[str]:
    value = device.get(key)
    return [str(item) for item in value] if isinstance(value, list) else []


def _index(counter: Any, n_rows: int) -> tuple[Index | None, str]:
    index = counted(counter) if counter is not None else None
    if index is None or int(index[-1]) + 1 == n_rows:
        return None, ""
    return index, f"{int(index[-1]) + 1 - n_rows} rows are missing by the device's own counter"
