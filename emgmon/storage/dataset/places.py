"""Where recordings and data sets lie: paths and URLs, through fsspec."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from emgmon.errors import EmgmonError, RecordingError
from emgmon.storage.recording import PART_SUFFIX, SUFFIX

FAILURES = (OSError, ValueError, ImportError, EOFError)
"""What file systems raise: of the disk, of a URL that makes no sense, of a scheme whose package is not installed."""


def file_system(url: str) -> tuple[Any, str]:
    """Return the file system of a path or URL, and the path in it.

    Raises
    ------
    EmgmonError
        When there is no such kind of place, or its package is not installed.
    """
    try:
        found: tuple[Any, str] = import_module("fsspec.core").url_to_fs(url)
    except ImportError as error:
        raise EmgmonError(f"{url}: {error}; pip install '.[batch]' brings what a data set needs") from error
    except FAILURES as error:
        raise EmgmonError(f"{url}: no such place: {error}") from error
    return found


def recordings_in(places: Iterable[str]) -> list[str]:
    """List the recordings below paths and URLs, each once, in order; files that still grow are left out.

    Raises
    ------
    EmgmonError
        When a place is not there or holds no recording.
    """
    found: dict[str, None] = {}
    for place in places:
        files, path = file_system(place)
        try:
            if files.isdir(path):
                inside = sorted(name for name in files.find(path) if name.endswith(SUFFIX))
                here = [name for name in inside if not name.endswith(PART_SUFFIX)]
            else:
                here = [path] if files.exists(path) else []
        except FAILURES as error:
            raise EmgmonError(f"{place}: cannot be read: {error}") from error
        if not here:
            raise EmgmonError(f"{place}: no recording (*{SUFFIX}) is there")
        found |= {files.unstrip_protocol(name): None for name in here}
    return list(found)


@contextmanager
def local_copy(url: str) -> Iterator[tuple[Path, str]]:
    """Give a recording as a file on this computer, and its SHA-256; one that lies here is not copied.

    Raises
    ------
    RecordingError
        When it cannot be read.
    """
    files, path = file_system(url)
    try:
        if "file" in files.protocol:
            here = Path(path)
            with here.open("rb") as stream:
                yield here, _digest(stream)
            return
        with tempfile.TemporaryDirectory(prefix="emgmon-") as folder:
            here = Path(folder) / f"recording{SUFFIX}"
            with files.open(path, "rb") as source, here.open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
            with here.open("rb") as stream:
                digest = _digest(stream)
            yield here, digest
    except FAILURES as error:
        raise RecordingError(f"{url}: cannot be read: {error}") from error


def put(url: str, data: bytes) -> None:
    """Write a whole file or none: under another name first, then renamed."""
    files, path = file_system(url)
    files.makedirs(path.rpartition("/")[0], exist_ok=True)
    files.pipe_file(f"{path}.part", data)
    files.mv(f"{path}.part", path)


def _digest(stream: IO[bytes]) -> str:
    return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
