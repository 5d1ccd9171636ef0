"""Appends entries to a recording as they arrive, so that a crash loses at most half a second.

The container is MCAP, laid out as ``docs/recording-format.md`` says: one channel for the marks, one for each sensor and
port, a message for each entry. A chunk is closed, with its checksum, each half second of entries.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from mcap.writer import CompressionType, IndexType, Writer

from emgmon.errors import RecordingError
from emgmon.model import Entry, Packet
from emgmon.storage.recording import CHANNEL_TABLE, LIBRARY, MARK_TOPIC, PART_SUFFIX, PROFILE, SUFFIX

FLUSH_NS = 500_000_000
TABLE_EVERY = 20
"""The table of channels is repeated in every so many chunks, so that a damaged first chunk costs only itself."""

IDLE_S = 0.5


class EntryWriter:
    """Writes entries into an open binary file; no thread, no fsync.

    Parameters
    ----------
    stream : binary file
        Written from its present position; not closed.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._writer = Writer(stream, chunk_size=8 << 20, compression=CompressionType.ZSTD, index_types=IndexType.CHUNK)
        self._writer.start(profile=PROFILE, library=LIBRARY)
        self._channels: dict[tuple[str, str], int] = {}
        self._marks = self._writer.register_channel(MARK_TOPIC, "json", 0)
        self._sequence = 0
        self._chunks = 0
        self._flushed_ns: int | None = None

    def append(self, entry: Entry) -> bool:
        """Write one entry; returns true when that closed a chunk."""
        if isinstance(entry, Packet):
            self._message(self._channel(entry.device, entry.port), entry.host_ns, entry.payload)
        else:
            data = {"kind": entry.kind, "data": dict(entry.data)}
            self._message(self._marks, entry.host_ns, json.dumps(data, sort_keys=True).encode())
        if self._flushed_ns is None:
            self._flushed_ns = entry.host_ns
        if entry.host_ns - self._flushed_ns < FLUSH_NS:
            return False
        self.flush(entry.host_ns)
        return True

    def flush(self, host_ns: int | None = None) -> None:
        """Close the present chunk and hand everything to the file."""
        if self._chunks % TABLE_EVERY == 0 and self._sequence:
            table = {str(number): list(key) for key, number in self._channels.items()}
            data = json.dumps({"kind": CHANNEL_TABLE, "data": table}).encode()
            self._message(self._marks, host_ns or self._flushed_ns or 0, data)
        self._chunks += 1
        self._writer.flush()  # type: ignore[no-untyped-call]
        self._flushed_ns = host_ns or self._flushed_ns

    def finish(self) -> None:
        """Write index and footer."""
        self.flush()
        self._writer.finish()  # type: ignore[no-untyped-call]

    def _message(self, channel: int, host_ns: int, payload: bytes) -> None:
        self._writer.add_message(channel, host_ns, payload, host_ns, self._sequence & 0xFFFFFFFF)
        self._sequence += 1

    def _channel(self, device: str, port: str) -> int:
        key = (device, port)
        if key not in self._channels:
            metadata = {"device": device, "port": port}
            self._channels[key] = self._writer.register_channel(f"packet/{device}/{port}", "raw", 0, metadata)
        return self._channels[key]


class Recorder:
    """A recording that grows while a session runs; written and synced by a thread of its own.

    The file is called ``NAME.part.mcap`` until it is closed; reading it before that is possible. Use as a context
    manager, or call `close`.

    Parameters
    ----------
    path : path
        Where the closed recording shall be; must end in ``.mcap`` and not exist.

    Raises
    ------
    RecordingError
        When the file cannot be made, and from `append` or `close` when it could not be written.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix != SUFFIX:
            raise RecordingError(f"{path}: a recording's name ends in {SUFFIX}")
        if path.exists():
            raise RecordingError(f"{path}: exists already; choose another name")
        self.path = path
        self.part_path = path.with_suffix(PART_SUFFIX)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self.part_path.open("xb")
        except OSError as error:
            raise RecordingError(f"{self.part_path}: cannot be written: {error.strerror or error}") from error
        self._queue: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._failure: OSError | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=False)
        self._thread.start()

    def append(self, entry: Entry) -> None:
        """Take one entry; returns at once. It is safe on disk within a second."""
        if self._failure is not None:
            raise self._error()
        self._queue.put(entry)

    def close(self) -> None:
        """Write what is left, close and rename the file; does nothing the second time."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        self._thread.join()
        try:
            self._stream.close()
        except OSError as error:
            self._failure = self._failure or error
        if self._failure is not None:
            raise self._error()
        self.part_path.rename(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _error(self) -> RecordingError:
        why = (self._failure.strerror or str(self._failure)) if self._failure else "unknown"
        return RecordingError(f"{self.part_path}: writing failed: {why}; what was written before is kept there")

    def _run(self) -> None:
        try:
            writer = EntryWriter(self._stream)
            while True:
                try:
                    entry = self._queue.get(timeout=IDLE_S)
                except queue.Empty:
                    writer.flush()
                    self._sync()
                    continue
                if entry is None:
                    break
                if writer.append(entry):
                    self._sync()
            writer.finish()
            self._sync()
        except OSError as error:
            self._failure = error

    def _sync(self) -> None:
        self._stream.flush()
        os.fsync(self._stream.fileno())


def write_recording(path: Path, entries: Iterable[Entry]) -> None:
    """Write a whole recording at once, under another name until it is complete.

    Raises
    ------
    RecordingError
        When the file cannot be written; nothing is left behind then.
    """
    part = path.with_suffix(PART_SUFFIX)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream:
            writer = EntryWriter(stream)
            for entry in entries:
                writer.append(entry)
            writer.finish()
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RecordingError(f"{path}: cannot be written: {error.strerror or error}") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
