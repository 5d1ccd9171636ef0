"""The phone view's server: one folder whose name is a secret, to be read only, for a few viewers. No Qt.

The HTTP itself is h11's. Every request has one answer and its connection is closed; the stream of events is the one
long answer. A viewer who reads slowly is sent the newest picture when there is room for it again: nothing waits in a
queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence

import h11

from emgmon.errors import EmgmonError

MOST_VIEWERS, MOST_CONNECTIONS = 8, 32
HEADER_S = 5.0
"""Who has not asked by then is not listened to."""
BEAT_S = 1.0
"""Longest silence; the page takes a longer one for a lost connection."""
STALLED_S = 20.0
"""Who has not read for so long is let go; the page connects again."""
SOON_S = 0.01
LONGEST_HEADER, CHUNK, WAITING = 8192, 4096, 16_384
"""Bytes: of a request's head, of one read, and of what may wait for one viewer here and again in the system."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", POLICY),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Connection", "close"),
)
Files = Mapping[str, tuple[str, bytes]]


class PhoneServer:
    """Serves from a thread of its own between `start` and `stop`.

    Parameters
    ----------
    addresses : sequence of str
        IPv4 addresses to listen at.
    port : int
        0 for any that is free.
    token : str
        Name of the only folder.
    files : mapping of str to (str, bytes)
        Type and content of each file in it.

    Attributes
    ----------
    port : int
        The one that it is, once started.
    viewers : int
        How many take the stream now.
    """

    def __init__(self, addresses: Sequence[str], port: int, token: str, files: Files) -> None:
        self.port, self.viewers = port, 0
        self._addresses, self._token, self._files = addresses, token, files
        self._hosts: frozenset[str] = frozenset()
        self._latest = ""
        self._writers: set[asyncio.StreamWriter] = set()
        self._waiting: set[asyncio.Event] = set()
        self._loop = asyncio.new_event_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, name="emgmon-phone", daemon=True)
        self._sockets: list[socket.socket] = []

    def start(self) -> None:
        """Begin to listen; raises `EmgmonError` when the port is taken or an address is not this computer's."""
        try:
            for address in self._addresses:
                self._sockets.append(_listening(address, self.port))
                self.port = self._sockets[-1].getsockname()[1]
        except OSError as error:
            for opened in self._sockets:
                opened.close()
            self._loop.close()
            why = error.strerror or str(error)
            raise EmgmonError(f"The phone view cannot listen at {address}, port {self.port}: {why}.") from error
        names = (*self._addresses, "localhost")
        self._hosts = frozenset(f"{name}:{self.port}" for name in names)
        self._thread.start()

    def stop(self) -> None:
        """Let all viewers go; nobody is listened to any more."""
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join()

    def show(self, text: str) -> None:
        """Make this the newest picture; from any thread, returns at once."""
        self._latest = text
        with contextlib.suppress(RuntimeError):  # it has ended
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for waiting in self._waiting:
            waiting.set()

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        servers = [await asyncio.start_server(self._take, sock=opened) for opened in self._sockets]
        await self._ended
        for server in servers:
            server.close()
        me, others = asyncio.current_task(), True  # a connection may just have been taken
        while others:
            others = bool(asyncio.all_tasks() - {me})
            for writer in self._writers:
                writer.transport.abort()
            self._wake()
            await asyncio.sleep(SOON_S)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        self._writers.add(writer)
        try:
            if len(self._writers) <= MOST_CONNECTIONS:
                await self._answer(reader, writer)
        except (OSError, TimeoutError, h11.ProtocolError):
            pass  # the other side is gone, or speaks something else
        finally:
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(STALLED_S):
                    await writer.wait_closed()
            writer.transport.abort()
            self._writers.discard(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = h11.Connection(h11.SERVER, LONGEST_HEADER)
        try:
            async with asyncio.timeout(HEADER_S):
                request = await _request(talk, reader)
        except h11.RemoteProtocolError as error:
            _send(talk, writer, error.error_status_hint)
            request = None
        if request is not None and (refused := self._refused(request)):
            _send(talk, writer, *refused)
        elif request is not None:
            name = request.target.decode("ascii").partition(self._token)[2]
            if name == "/events":
                await self._stream(talk, writer)
            else:
                kind, body = self._files[name[1:]]
                _send(talk, writer, 200, [("Content-Type", kind)], body)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STALLED_S):
                await writer.drain()

    def _refused(self, request: h11.Request) -> tuple[int, list[tuple[str, str]]] | None:
        """Return why a request is not for us, and what to say about it; None when it is."""
        hosts = [value.decode("latin-1").lower() for name, value in request.headers if name == b"host"]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return 421, []
        if request.method != b"GET":
            return 405, [("Allow", "GET")]
        folder, slash, name = request.target.lstrip(b"/").partition(b"/")
        if not hmac.compare_digest(folder, self._token.encode()):
            return 404, []
        if not slash:
            return 308, [("Location", f"/{self._token}/")]
        if name != b"events" and name.decode("latin-1") not in self._files:
            return 404, []
        return (503, [("Retry-After", "2")]) if name == b"events" and self.viewers >= MOST_VIEWERS else None

    async def _stream(self, talk: h11.Connection, writer: asyncio.StreamWriter) -> None:
        """Send each picture that is new by the time there is room for it, until the viewer leaves."""
        writer.transport.set_write_buffer_limits(high=WAITING)
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, WAITING)
        headers = [*HEADERS, ("Content-Type", "text/event-stream; charset=utf-8")]
        _write(talk, writer, h11.Response(status_code=200, headers=headers))
        _write(talk, writer, h11.Data(data=b"retry: 1000\n\n"))
        sent = ""
        with self._viewing() as news:
            while not writer.transport.is_closing():
                news.clear()
                text = self._latest
                beat = text == sent
                sent = text
                _write(talk, writer, h11.Data(data=b"event: beat\ndata:\n\n" if beat else f"data: {text}\n\n".encode()))
                async with asyncio.timeout(STALLED_S):
                    await writer.drain()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(BEAT_S):
                        await news.wait()

    @contextlib.contextmanager
    def _viewing(self) -> Iterator[asyncio.Event]:
        """Count a viewer, and hand out what is set when there is something new."""
        news = asyncio.Event()
        self._waiting.add(news)
        self.viewers += 1
        try:
            yield news
        finally:
            self.viewers -= 1
            self._waiting.discard(news)


def _listening(address: str, port: int) -> socket.socket:
    """Open a socket; a port that was ours a moment ago may be taken again at once."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let others take the port too
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((address, port))
        opened.listen(MOST_CONNECTIONS)
    except OSError:
        opened.close()
        raise
    return opened


async def _request(talk: h11.Connection, reader: asyncio.StreamReader) -> h11.Request | None:
    """Return what is asked for; None when the other side leaves instead."""
    while (event := talk.next_event()) is h11.NEED_DATA:
        talk.receive_data(await reader.read(CHUNK))
    return event if isinstance(event, h11.Request) else None


def _send(
    talk: h11.Connection,
    writer: asyncio.StreamWriter,
    status: int,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
) -> None:
    """Send a whole answer."""
    every = [*HEADERS, *headers, ("Content-Length", str(len(body)))]
    _write(talk, writer, h11.Response(status_code=status, headers=every))
    _write(talk, writer, h11.Data(data=body))
    _write(talk, writer, h11.EndOfMessage())


def _write(talk: h11.Connection, writer: asyncio.StreamWriter, event: h11.Event) -> None:
    writer.write(talk.send(event) or b"")
