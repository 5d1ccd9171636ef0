"""Other people's files: one module for each format, `READERS` the list of them.

A reader takes a path and `Options` and gives a `Foreign`: streams, marks, and what the user should know. It says
nothing about muscles; that is the map's task (`emgmon.storage.importing`). A new format is a module and a line here.
"""

from __future__ import annotations

import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from emgmon.errors import ImportFailed
from emgmon.storage.foreign import (
    arrays,
    base,
    c3d,
    delsys,
    edf,
    hdf5,
    mat,
    openbci,
    opensignals,
    parquet,
    text,
    wav,
    xdf,
)
from emgmon.storage.foreign.base import Foreign, ForeignMark, ForeignStream, Options, one_line

__all__ = ["READERS", "Foreign", "ForeignMark", "ForeignStream", "Options", "read_foreign", "recognise"]

HEAD_BYTES = 4096
IMPOSSIBLE = 1e15
TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".dat", ".asc", ".sto", ".mot")

DAMAGED = (
    *(ArithmeticError, LookupError, ValueError, EOFError, RuntimeError, MemoryError, AttributeError, TypeError),
    *(struct.error, zlib.error, zipfile.BadZipFile, SyntaxError, tokenize.TokenError),
)
"""What a damaged file may raise inside a reader or the library that it uses."""


class Reader(NamedTuple):
    """One format.

    Attributes
    ----------
    title : str
    endings : tuple of str
        For messages, and for files whose content tells nothing.
    recognises : callable
        From the first bytes and the ending, in lower case, to whether the file is of this format.
    read : callable
    """

    title: str
    endings: tuple[str, ...]
    recognises: Callable[[bytes, str], bool]
    read: Callable[[Path, Options], Foreign]


READERS: tuple[Reader, ...] = (
    Reader("NumPy streams", (".npz",), lambda head, end: head[:2] == b"PK" and end == ".npz", arrays.read_npz),
    Reader("NumPy array", (".npy",), lambda head, _: head.startswith(b"\x93NUMPY"), arrays.read_npy),
    Reader("EDF or BDF", (".edf", ".bdf"), edf.recognises, edf.read),
    Reader("XDF", (".xdf",), xdf.recognises, xdf.read),
    Reader("C3D", (".c3d",), c3d.recognises, c3d.read),
    Reader("HDF5", (".h5", ".hdf5"), hdf5.recognises, hdf5.read),
    Reader("MAT", (".mat",), mat.recognises, mat.read),
    Reader("Parquet", (".parquet",), parquet.recognises, parquet.read),
    Reader("WAV", (".wav",), wav.recognises, wav.read),
    Reader("OpenBCI log", (), openbci.recognises, openbci.read),
    Reader("OpenSignals text", (), opensignals.recognises, opensignals.read),
    Reader("Delsys export", (), delsys.recognises, delsys.read),
    Reader("text table", TEXT_ENDINGS[:3], lambda head, end: end in TEXT_ENDINGS and _is_text(head), text.read),
)
"""All formats; the first that recognises a file reads it."""

REFUSED: dict[str, str] = {
    ".xlsx": "a spreadsheet; save its sheet as CSV",
    ".xls": "a spreadsheet; save its sheet as CSV",
    ".ods": "a spreadsheet; save its sheet as CSV",
    ".rdata": "an R workspace; in R, write the table with write.csv()",
    ".rds": "an R object; in R, write the table with write.csv()",
    ".trc": "marker positions of a motion capture, which emgmon has no use for",
    ".mcap": "a recording already; emgmon analyse reads it",
    ".pkl": "a pickle, which is never opened because it can run a program; save the table as CSV or .npz",
    ".pickle": "a pickle, which is never opened because it can run a program; save the table as CSV or .npz",
    ".zip": "an archive; unpack it first",
}
"""Why a file with such an ending is not read, and what to do."""


def recognise(path: Path) -> Reader:
    """Find the reader of a file by what it begins with and by its ending.

    Raises
    ------
    ImportFailed
        When there is none, or the file is empty or too large.
    """
    ending = path.suffix.lower()
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as error:
        raise ImportFailed(f"{path}: cannot be read: {error.strerror or error}") from error
    if size > base.MAX_BYTES:
        raise ImportFailed(f"{path}: {size >> 20} MB is more than can be imported ({base.MAX_BYTES >> 20} MB)")
    if not size:
        raise ImportFailed(f"{path}: the file is empty")
    for reader in READERS:
        if reader.recognises(head, ending):
            return reader
    endings = " ".join(dict.fromkeys(ending for reader in READERS[::-1] for ending in reader.endings))
    why = REFUSED.get(ending, f"no reader for {ending or 'files without an ending'}")
    raise ImportFailed(f"{path}: {why}; readable are {endings}")


def read_foreign(path: Path, options: Options | None = None) -> Foreign:
    """Read any foreign file.

    Raises
    ------
    ImportFailed
        Naming the file, the place and what to do; nothing else leaves a reader, whatever the file holds.
    """
    reader = recognise(path)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numbers that cannot be are looked for in the result
            foreign = reader.read(path, options or Options())
    except ImportFailed:
        raise
    except OSError as error:
        raise ImportFailed(f"{path}: cannot be read: {one_line(error.strerror or error)}") from error
    except DAMAGED as error:
        what = one_line(error) or type(error).__name__
        raise ImportFailed(f"{path}: not a readable file of the kind {reader.title}: {what}") from error
    streams = tuple(stream for stream in foreign.streams if stream.samples.size)
    if not streams:
        raise ImportFailed(f"{path}: holds no samples")
    possible = tuple(_without_impossible(stream) for stream in streams)
    told = tuple(
        f"{stream.name or 'samples'}: numbers beyond ±{IMPOSSIBLE:g} are taken as missing"
        for stream, checked in zip(streams, possible, strict=True)
        if stream is not checked
    )
    return Foreign(possible, foreign.marks, foreign.told + told)


def _without_impossible(stream: ForeignStream) -> ForeignStream:
    """Return the stream, with NaN where its numbers are infinite or can be nothing that was measured."""
    with np.errstate(invalid="ignore"):
        bad = [column for column in stream.samples.T if (np.abs(column) > IMPOSSIBLE).any()]
        if not bad:
            return stream
        return replace(stream, samples=np.where(np.abs(stream.samples) > IMPOSSIBLE, np.nan, stream.samples))


def _is_text(head: bytes) -> bool:
    return b"\0" not in head or head[:2] in {b"\xff\xfe", b"\xfe\xff"}
