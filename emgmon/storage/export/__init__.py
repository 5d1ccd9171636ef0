"""A recording in the formats of other programs.

A new format is one function here and one line in `FORMATS`: it writes `Signals` to a path that does not exist yet and
returns one line for each thing the user should know. Nothing heavy is imported before a format is chosen.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from emgmon.errors import ExportFailed

if TYPE_CHECKING:
    from emgmon.storage.signals import Signals

MARKERS = ("session.json", "dataset_description.json")
"""A folder that has one of these, written by emgmon, may be written over."""


class Format(NamedTuple):
    """One format.

    Attributes
    ----------
    name : str
        What ``--to`` takes.
    ending : str
        Of the file's name; empty for a folder.
    title : str
    function : str
        Module here and function in it: from `Signals` and a path to lines for the user.
    holds : tuple of str
        Which of ``raw``, ``processed`` and ``both`` it takes, the usual one first.
    """

    name: str
    ending: str
    title: str
    function: str
    holds: tuple[str, ...] = ("raw", "processed", "both")


FORMATS: tuple[Format, ...] = (
    Format("edf", ".edf", "EDF+, 16 bit: EDFbrowser, MNE, EEGLAB", "edf:write_edf"),
    Format("bdf", ".bdf", "BDF+, 24 bit", "edf:write_bdf"),
    Format("bids", "", "BIDS data set (EMG as BDF+, motion as tables)", "bids:write_bids", ("raw",)),
    Format("xdf", ".xdf", "XDF, as Lab Streaming Layer records it", "xdf:write_xdf"),
    Format("csv", "", "folder of CSV tables", "tables:write_csv"),
    Format("parquet", "", "folder of Parquet tables (needs pyarrow)", "tables:write_parquet"),
    Format("mat", ".mat", "MATLAB 5 file", "matlab:write_mat"),
    Format("sto", ".sto", "OpenSim storage: the excursion in degrees", "opensim:write_sto", ("processed",)),
    Format("mot", ".mot", "OpenSim motion: the excursion in degrees", "opensim:write_mot", ("processed",)),
)


def format_named(name: str) -> Format:
    """Return a format; raises `ExportFailed` that lists them."""
    for item in FORMATS:
        if item.name == name:
            return item
    raise ExportFailed(f"no format {name!r}; there are {', '.join(item.name for item in FORMATS)}")


def check_target(kind: Format, out: Path, *, force: bool) -> None:
    """Refuse early what could not be written in the end.

    Raises
    ------
    ExportFailed
        When `out` exists and `force` is not said, or is something that emgmon did not write.
    """
    if kind.ending and out.suffix != kind.ending:
        raise ExportFailed(f"{out}: the name of a file for --to {kind.name} ends in {kind.ending}")
    try:
        if not out.exists():
            return
        folder, ours = out.is_dir(), out.is_dir() and _is_export(out)
    except OSError as error:
        raise ExportFailed(f"{out}: cannot be looked at: {error.strerror or error}") from error
    if not force:
        raise ExportFailed(f"{out}: exists already; choose another name or say --force")
    if folder and (kind.ending or not ours):
        raise ExportFailed(f"{out}: is a folder that emgmon did not write; choose another name")
    if not folder and not kind.ending:
        raise ExportFailed(f"{out}: is a file, but --to {kind.name} writes a folder; choose another name")


def export(signals: Signals, kind: Format, out: Path, *, force: bool = False) -> list[str]:
    """Write signals in a format; under another name until it is complete.

    Parameters
    ----------
    signals : Signals
    kind : Format
    out : path
    force : bool
        Write over an earlier export.

    Returns
    -------
    list of str
        What the user should know: gaps that were filled, what was left out.

    Raises
    ------
    ExportFailed
        When it cannot be written; nothing is left behind then, and an earlier export is as it was.
    """
    check_target(kind, out, force=force)
    module, _, name = kind.function.partition(":")
    write: Callable[[Signals, Path], list[str]] = getattr(import_module(f"{__name__}.{module}"), name)
    part = out.with_name(f"{out.name}.part")
    try:
        _remove(part)
        out.parent.mkdir(parents=True, exist_ok=True)
        told = write(signals, part)
        if out.is_dir():
            _remove(out)
        part.replace(out)
    except OSError as error:
        with suppress(OSError):
            _remove(part)
        raise ExportFailed(f"{out}: cannot be written: {error.strerror or error}") from error
    except BaseException:
        with suppress(OSError):
            _remove(part)
        raise
    return told


def _is_export(folder: Path) -> bool:
    """Whether emgmon wrote a folder, or it is empty."""
    if not any(folder.iterdir()):
        return True
    return any((folder / name).is_file() and b'"emgmon' in (folder / name).read_bytes() for name in MARKERS)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
