"""Reads HDF5 files: those of OpenSignals, MATLAB 7.3, and any tree of arrays; with h5py, in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from emgmon.storage.foreign.base import Foreign, ForeignStream, Options, check_values, one_line, tidy
from emgmon.storage.foreign.clocks import counted
from emgmon.storage.foreign.isolated import isolated
from emgmon.storage.foreign.named import MAX_ITEMS, Tree, streams_of_tree

SIGNATURE = b"\x89HDF\r\n\x1a\n"
HIDDEN = ("#refs#", "#subsystem#")
MAX_TEXT = 1 << 16


def recognises(head: bytes, _ending: str) -> bool:
    """Whether the first bytes are those of HDF5, perhaps after MATLAB's own block."""
    return head.startswith(SIGNATURE) or head[512:520] == SIGNATURE


def read(path: Path, options: Options) -> Foreign:
    """Read a whole file; see `emgmon.storage.foreign`."""
    return isolated("hdf5", path, options)


def read_here(path: Path, options: Options) -> Foreign:
    """Do what `read` does, in this process."""
    import h5py  # noqa: PLC0415 - only where it is needed

    with h5py.File(path, "r") as file:
        devices = [name for name, item in file.items() if "sampling rate" in item.attrs and "raw" in item]
        if devices:
            return _opensignals(path, file, devices)
        return streams_of_tree(path, _tree(path, file), options)


def _opensignals(path: Path, file: Any, devices: list[str]) -> Foreign:
    """Read the layout of OpenSignals: a folder for each device, its channels under ``raw``, as digits."""
    streams, told = [], []
    for name in devices:
        raw = file[name]["raw"]
        keys = sorted((key for key in raw if key.startswith("channel")), key=lambda key: (len(key), key))
        if not keys:
            continue
        check_values(path, sum(raw[key].size for key in keys))
        samples = np.column_stack([np.asarray(raw[key], np.float64).reshape(-1) for key in keys])
        index = counted(np.asarray(raw["nSeq"], np.float64).reshape(-1)) if "nSeq" in raw else None
        if index is not None and (len(index) != len(samples) or int(index[-1]) + 1 == len(index)):
            index = None
        if index is not None:
            told.append(f"{name}: {int(index[-1]) + 1 - len(index)} rows are missing by the device's own counter")
        rate_hz = float(np.ravel(file[name].attrs["sampling rate"])[0])
        labels = [_text(raw[key].attrs.get("label")) or key for key in keys]
        hints = tuple(_text(raw[key].attrs.get("sensor")) for key in keys)
        streams.append(
            ForeignStream(one_line(name), tidy(labels), ("",) * len(keys), samples, rate_hz, index=index, hints=hints)
        )
    return Foreign(tuple(streams), told=tuple(told))


def _tree(path: Path, file: Any) -> Tree:
    """Everything in a file. Links are not followed, and no data outside the file is read."""
    import h5py  # noqa: PLC0415

    tree = Tree()
    total = 0
    count = 0
    _attributes(tree, "", file)

    def visit(name: str, item: Any) -> bool | None:
        nonlocal total, count
        count += 1
        if count > MAX_ITEMS:
            return True
        if name.startswith(HIDDEN):
            return None
        _attributes(tree, name, item)
        if not isinstance(item, h5py.Dataset) or item.is_virtual or item.external or not item.size:
            return None
        if item.dtype.kind == "O" or item.attrs.get("MATLAB_class") == b"char":
            tree.texts[name] = _texts(file, item)
        elif item.dtype.kind in "iufb" and item.ndim <= 2:
            total += item.size
            check_values(path, total)
            if item.size == 1:
                tree.numbers[name] = float(np.ravel(item[()])[0])
            else:
                tree.arrays[name] = np.asarray(item, np.float64)
        return None

    file.visititems(visit)
    return tree


def _attributes(tree: Tree, name: str, item: Any) -> None:
    folder = name if hasattr(item, "keys") else name.rpartition("/")[0]
    for key, value in list(item.attrs.items())[:100]:
        if np.size(value) == 1 and np.asarray(value).dtype.kind in "iuf":
            tree.numbers[f"{folder}/{key}".lstrip("/")] = float(np.ravel(value)[0])


def _texts(file: Any, item: Any) -> tuple[str, ...]:
    """Words of a text, a list of texts, or MATLAB's cells of texts."""
    import h5py  # noqa: PLC0415

    if item.size > MAX_TEXT:
        return ()
    values = np.ravel(item[()])
    if h5py.check_ref_dtype(item.dtype) is not None:
        cells = [file[reference] for reference in values[:1000].tolist() if reference]
        return tuple(_chars(cell[()]) for cell in cells if isinstance(cell, h5py.Dataset) and cell.size <= MAX_TEXT)
    if item.dtype.kind == "O":
        return tuple(_text(value) for value in values[:1000].tolist())
    return (_chars(item[()]),)


def _chars(codes: Any) -> str:
    return one_line("".join(chr(int(code)) for code in np.ravel(codes) if 0 < int(code) < 0xD800))


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return one_line(value.decode("utf-8", "replace"))
    return one_line(value) if isinstance(value, str) else ""
