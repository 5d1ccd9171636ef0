"""Reads MAT files of MATLAB 4 to 7.2; with scipy, in a process of its own. Those of 7.3 are HDF5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from emgmon.storage.foreign.base import Foreign, Options, check_values, one_line
from emgmon.storage.foreign.isolated import isolated
from emgmon.storage.foreign.named import MAX_ITEMS, Tree, streams_of_tree

MAX_DEPTH = 8


def recognises(head: bytes, ending: str) -> bool:
    """Whether the first bytes are those of a MAT file; version 4 has no mark of its own."""
    return head.startswith(b"MATLAB 5.0 MAT-file") or ending == ".mat"


def read(path: Path, options: Options) -> Foreign:
    """Read a whole file; see `emgmon.storage.foreign`."""
    return isolated("mat", path, options)


def read_here(path: Path, options: Options) -> Foreign:
    """Do what `read` does, in this process."""
    from scipy import io  # noqa: PLC0415 - only where it is needed

    listed = io.whosmat(path)
    check_values(path, sum(int(np.prod(shape, dtype=object)) for _name, shape, _class in listed))
    found = io.loadmat(path, squeeze_me=True, struct_as_record=True)
    tree = Tree()
    for name, value in found.items():
        if not name.startswith("__"):
            _walk(tree, name, value, 0)
    return streams_of_tree(path, tree, options)


def _walk(tree: Tree, name: str, value: Any, depth: int) -> None:
    """Put a variable, and what is in it, into the tree."""
    if depth > MAX_DEPTH or len(tree.arrays) + len(tree.numbers) + len(tree.texts) > MAX_ITEMS:
        return
    array = np.asarray(value)
    if array.dtype.names:
        for k, record in enumerate(np.ravel(array)[:1000]):
            folder = name if array.size == 1 else f"{name}/{k + 1}"
            for key in array.dtype.names:
                _walk(tree, f"{folder}/{key}", record[key], depth + 1)
    elif array.dtype.kind == "O":
        items = list(np.ravel(array)[:1000])
        if all(isinstance(item, str) for item in items):
            tree.texts[name] = tuple(one_line(item) for item in items)
            return
        for k, item in enumerate(items):
            _walk(tree, f"{name}/{k + 1}" if len(items) > 1 else name, item, depth + 1)
    else:
        _keep(tree, name, array)


def _keep(tree: Tree, name: str, array: Any) -> None:
    if array.dtype.kind == "U":
        tree.texts[name] = tuple(one_line(item) for item in np.ravel(array)[:1000].tolist())
    elif array.dtype.kind in "iufb" and array.ndim <= 2 and array.size:
        if array.size == 1:
            tree.numbers[name] = float(np.ravel(array)[0])
        else:
            tree.arrays[name] = array
