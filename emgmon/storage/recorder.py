"""Appends entries to a recording as they arrive, so that a crash loses at most half a second.

The container is MCAP, laid out as ``docs/recording-format.md`` says: one channel for the marks, one for each sensor and
port, a message for each entry. A chunk is closed, with its checksum, each half second of entries.
"""

from __future__ import annotations

import contextlib
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
from emgmon.storage.chunk_rows import with_rows
from emgmon.storage.container import FORMAT, LIBRARY, PROFILE
from emgmon.storage.copies import SEQUENCE_RANGE, Copies
from emgmon.storage.messages import CHANNEL_TABLE, KEPT, MARK_TOPIC
from emgmon.storage.recording import PART_SUFFIX, SUFFIX

FLUSH_NS = 500_000_000
CHUNK_BYTES = 8 << 20
MAX_ENTRY_BYTES = 32 << 20
MAX_CHANNELS = 60_000
IDLE_S = 0.5


class EntryWriter:
    """Writes entries into an open binary file; no thread, no fsync.

    Parameters
    ----------
    stream : binary file
        Written from its present position; not closed.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._writer = with_rows(
            Writer(stream, chunk_size=CHUNK_BYTES, compression=CompressionType.ZSTD, index_types=IndexType.CHUNK)
        )
        self._writer.start(profile=PROFILE, library=LIBRARY)
        self._channels: dict[tuple[str, str], int] = {}
        self._mark_channel = self._writer.register_channel(MARK_TOPIC, "json", 0, {"format": str(FORMAT)})
        self._sequence = 0
        self._chunks = 0
        self._open = False
        self._flushed_ns: int | None = None
        self._copies = Copies()

    def append(self, entry: Entry) -> bool:
        """Write one entry; returns true when that closed a chunk.

        Raises
        ------
        RecordingError
            When the entry cannot be written: it is too large, its time is no unsigned 64-bit number, its data no JSON.
        """
        payload = entry.payload if isinstance(entry, Packet) else _mark_payload(entry.kind, entry.data)
        if len(payload) > MAX_ENTRY_BYTES or not 0 <= entry.host_ns < 1 << 64:
            raise RecordingError(
                f"an entry of {len(payload)} bytes at {entry.host_ns} ns does not fit into a recording"
            )
        channel = self._channel(entry.device, entry.port) if isinstance(entry, Packet) else self._mark_channel
        self._copies.note(self._sequence, channel, entry, len(payload))
        self._message(channel, entry.host_ns, payload)
        if self._flushed_ns is None:
            self._flushed_ns = entry.host_ns
        if 0 <= entry.host_ns - self._flushed_ns < FLUSH_NS:
            return False
        self.flush(entry.host_ns)
        return True

    def flush(self, host_ns: int | None = None) -> None:
        """Close the present chunk and hand everything to the file."""
        if self._open:
            if self._copies.due(self._chunks):
                self._write_copies(host_ns or self._flushed_ns or 0)
            self._chunks += 1
            self._open = False
        self._writer.flush()  # type: ignore[no-untyped-call]
        self._flushed_ns = host_ns or self._flushed_ns

    def finish(self) -> None:
        """Write the copies once more, index and footer."""
        if self._sequence:
            self._write_copies(self._flushed_ns or 0)
        self._writer.flush()  # type: ignore[no-untyped-call]
        self._writer.finish()  # type: ignore[no-untyped-call]

    def _write_copies(self, host_ns: int) -> None:
        table = {str(number): list(key) for key, number in self._channels.items()}
        copies = _mark_payload(KEPT, {"entries": self._copies.lines()})
        self._message(self._mark_channel, host_ns, _mark_payload(CHANNEL_TABLE, table))
        self._message(self._mark_channel, host_ns, copies)
        self._copies.written(self._chunks, len(copies))

    def _message(self, channel: int, host_ns: int, payload: bytes) -> None:
        self._writer.add_message(channel, host_ns, payload, host_ns, self._sequence % SEQUENCE_RANGE)
        self._sequence += 1
        self._open = True

    def _channel(self, device: str, port: str) -> int:
        key = (device, port)
        if key not in self._channels:
            if len(self._channels) >= MAX_CHANNELS:
                raise RecordingError(f"more than {MAX_CHANNELS} sensors and ports do not fit into a recording")
            metadata = {"device": device, "port": port}
            self._channels[key] = self._writer.register_channel(f"packet/{device}/{port}", "raw", 0, metadata)
        return self._channels[key]


def _mark_payload(kind: str, data: object) -> bytes:
    try:
        content = data if isinstance(data, dict) else dict(data)  # type: ignore[call-overload]
        return json.dumps({"kind": kind, "data": content}, sort_keys=True, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise RecordingError(f"the data of a mark {kind!r} are not JSON: {error}") from error


class Recorder:
    """A recording that grows while a session runs; written by a thread of its own, synced by another.

    A disk that takes long to sync holds back no writing: a process that ends loses half a second whatever the disk
    does, and a power cut what the disk was still busy with.

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
        self.path = path
        self.part_path = path.with_suffix(PART_SUFFIX)
        try:
            if path.exists():
                raise RecordingError(f"{path}: exists already; choose another name")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self.part_path.open("xb")
        except OSError as error:
            why = f"cannot be written: {error.strerror or error}"
            if isinstance(error, FileExistsError) and self.part_path.exists():
                why = "is being recorded, or was when a program ended early; choose another name"
            raise RecordingError(f"{self.part_path}: {why}") from error
        self._queue: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._failure: Exception | None = None
        self._closed = False
        _sync_folder(self.part_path)
        self._due, self._written = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=False)
        self._syncer = threading.Thread(target=self._sync_when_due, name="recorder's disk", daemon=False)
        self._thread.start()
        self._syncer.start()

    def append(self, entry: Entry) -> None:
        """Take one entry; returns at once. Within a second the system has it, and the disk as soon as it can."""
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
        self._syncer.join()
        try:
            with contextlib.closing(self._stream):
                self._stream.flush()
                os.fsync(self._stream.fileno())
        except OSError as error:
            self._failure = self._failure or error
        if self._failure is not None:
            raise self._error()
        try:
            if self.path.exists():
                raise RecordingError(f"{self.path}: exists by now; the recording is complete in {self.part_path}")
            self.part_path.rename(self.path)
        except OSError as error:
            why = f"cannot be named so: {error.strerror or error}; the recording is complete in {self.part_path}"
            raise RecordingError(f"{self.path}: {why}") from error
        _sync_folder(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _error(self) -> RecordingError:
        why = getattr(self._failure, "strerror", None) or str(self._failure)
        return RecordingError(f"{self.part_path}: writing failed: {why}; what was written before is kept there")

    def _run(self) -> None:
        try:
            self._write()
        except Exception as error:  # noqa: BLE001 - whoever records must hear of it
            self._failure = error
        finally:
            self._written = True
            self._due.set()

    def _write(self) -> None:
        writer = EntryWriter(self._stream)
        while True:
            try:
                entry = self._queue.get(timeout=IDLE_S)
            except queue.Empty:
                writer.flush()
                self._hand_over()
                continue
            if entry is None:
                break
            try:
                closed_chunk = writer.append(entry)
            except RecordingError as error:  # one entry that does not fit; the others are still written
                self._failure = error
                continue
            if closed_chunk:
                self._hand_over()
        writer.finish()
        self._hand_over()

    def _hand_over(self) -> None:
        """Give all that is written to the system, and let the disk take it."""
        self._stream.flush()
        self._due.set()

    def _sync_when_due(self) -> None:
        try:
            while not self._written:
                self._due.wait()
                self._due.clear()
                os.fsync(self._stream.fileno())
        except OSError as error:
            self._failure = self._failure or error


def _sync_folder(path: Path) -> None:
    """Make the name of a file survive a power cut, where the system can open folders."""
    with contextlib.suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_recording(path: Path, entries: Iterable[Entry]) -> None:
    """Write a whole recording at once, under another name until it is complete.

    Raises
    ------
    RecordingError
        When the file or an entry cannot be written; nothing is left behind then.
    """
    part = path.with_suffix(PART_SUFFIX)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream:
            writer = EntryWriter(stream)
            for entry in entries:
                writer.append(entry)
            writer.finish()
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        _sync_folder(path)
    except OSError as error:
        _forgotten(part)
        raise RecordingError(f"{path}: cannot be written: {error.strerror or error}") from error
    except BaseException:
        _forgotten(part)
        raise


def _forgotten(part: Path) -> None:
    """Remove what was begun, where the disk lets us."""
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)
