"""Options of the commands on recordings as files."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgmon.cli.adding import Commands, command
from emgmon.cli.numbers import real, whole
from emgmon.storage.export import FORMATS


def add_import(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon import``."""
    parser = command(commands, "import", "bring_in:run", "turn someone else's file into a recording")
    parser.add_argument("file", type=Path, help="CSV, EDF, XDF, C3D, WAV, MAT, HDF5, NumPy, or a log of a known device")
    parser.add_argument("--map", type=Path, metavar="MAP.toml", help="says which column is which muscle")
    parser.add_argument("--guess", action="store_true", help="propose a map by the names; with -o import what is sure")
    parser.add_argument("--map-out", type=Path, metavar="MAP.toml", help="write the proposal, or the answers, there")
    parser.add_argument("-o", "--out", type=Path, metavar="OUT.mcap")
    parser.add_argument("--force", action="store_true", help="write over OUT")


def add_export(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon export``."""
    parser = command(commands, "export", "export:run", "write a recording for another program")
    parser.add_argument("recording", type=Path)
    listed = "; ".join(f"{item.name}: {item.title}" for item in FORMATS)
    names = tuple(item.name for item in FORMATS)
    parser.add_argument("--to", choices=names, required=True, metavar="FORMAT", help=listed)
    parser.add_argument("-o", "--out", type=Path, help="file or folder to write (default: beside the recording)")
    whats = ("raw", "processed", "both")
    parser.add_argument("--what", choices=whats, help="as recorded, filtered with envelope and angle, or both")
    parser.add_argument("--force", action="store_true", help="write over an earlier export")


def add_info(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon info``."""
    parser = command(commands, "info", "inspect:info", "tell what is in a recording")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def add_verify(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon verify``."""
    text = "check a recording: damage, loss, rates, clocks, clipping, hum; exit code 0 good, 3 with findings"
    parser = command(commands, "verify", "inspect:verify", text)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def add_trim(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon trim``."""
    parser = command(commands, "trim", "edit:trim", "cut a part out of a recording into a new one")
    parser.add_argument("recording", type=Path)
    length = real(0, 1e9)
    parser.add_argument("--from", type=length, default=0.0, dest="from_s", metavar="S", help="from here (default 0)")
    parser.add_argument(
        "--to", type=length, default=1e9, dest="to_s", metavar="S", help="up to here (default: the end)"
    )
    parser.add_argument("--no-references", action="store_true", help="leave out earlier baseline and references")
    _add_new_recording(parser)


def add_merge(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon merge``."""
    text = "put two recordings of one session, interrupted by a crash, behind each other"
    parser = command(commands, "merge", "edit:merge", text)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    _add_new_recording(parser)


def add_anonymise(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon anonymise``."""
    parser = command(commands, "anonymise", "edit:anonymise", "copy a recording without what may name a person")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--drop-date", action="store_true", help="remove the day too, not only the time of day")
    _add_new_recording(parser)


def add_batch(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon batch``."""
    text = "analyse many recordings, on all cores or many computers, into one data set of Parquet tables"
    parser = command(commands, "batch", "batch:run", text)
    parser.add_argument("place", nargs="+", help="recording or folder, as path or URL (s3://, sftp://, …)")
    parser.add_argument("--out", required=True, metavar="DATASET", help="folder or URL; an unfinished one goes on")
    parser.add_argument("--workers", type=whole(1, 1024), help="processes here (default: one for each core)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a running Dask scheduler, such as tcp://host:8786")


def _add_new_recording(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT.mcap")
