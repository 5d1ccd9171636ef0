"""The server of the phone view, over real sockets: who is answered, who is not, and that nobody holds up the rest."""

import json
import socket
import threading
import time
from contextlib import closing, contextmanager, suppress

import pytest
from live.scenes import scenes

from emgmon.errors import EmgmonError
from emgmon.live import phone_server
from emgmon.live.phone import HERE, Phone, PhoneSettings, seen, usual_address
from emgmon.live.phone_server import MOST_CONNECTIONS, MOST_VIEWERS, PhoneServer
from emgmon.live.phone_view import files
from emgmon.live.state import TrainState

TOKEN = "abcdefghij234567"  # noqa: S105 - of a server that lives for one test
PATIENCE_S = 10.0


@contextmanager
def serving(port=0):
    server = PhoneServer([HERE], port, TOKEN, files("emgmon"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server():
    with serving() as server:
        yield server


def ask(server, target=f"/{TOKEN}/", method="GET", hosts=None, rest=""):
    """Send one request and return status, head and body of its answer."""
    hosts = [f"{HERE}:{server.port}"] if hosts is None else hosts
    head = "".join(f"Host: {host}\r\n" for host in hosts)
    return raw(server, f"{method} {target} HTTP/1.1\r\n{head}{rest}\r\n".encode())


def raw(server, sent):
    with closing(socket.create_connection((HERE, server.port), PATIENCE_S)) as link:
        link.sendall(sent)
        got = b""
        while part := link.recv(65536):
            got += part
    head, _, body = got.partition(b"\r\n\r\n")
    return int(head.split()[1]) if head else 0, head.decode(), body


@contextmanager
def watching(server, settle=True):
    """Open the stream of events, without reading it."""
    with closing(socket.create_connection((HERE, server.port), PATIENCE_S)) as link:
        before = server.viewers
        link.sendall(f"GET /{TOKEN}/events HTTP/1.1\r\nHost: localhost:{server.port}\r\n\r\n".encode())
        if settle:
            until(lambda: server.viewers > before)
        yield link


def until(done):
    end_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def read_until(link, what):
    got = b""
    while what not in got:
        part = link.recv(65536)
        assert part, got[-200:]
        got += part
    return got


def test_the_page_and_its_parts_are_served_with_a_policy_that_forbids_all_else(server):
    for name, (kind, body) in files("emgmon").items():
        status, head, got = ask(server, f"/{TOKEN}/{name}")
        assert (status, got) == (200, body)
        assert f"Content-Type: {kind}" in head
        for line in ("default-src 'none'", "frame-ancestors 'none'", "no-store", "no-referrer", "nosniff"):
            assert line in head
        assert "unsafe" not in head
        assert "Access-Control" not in head


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/phone.js",
        "/events",
        "/favicon.ico",
        "/abcdefghij234568/",
        f"/{TOKEN}x/",
        f"/{TOKEN[:-1]}/",
        "/%61/",
        "//",
    ],
)
def test_without_the_token_nothing_is_there(server, target):
    status, _, body = ask(server, target)
    assert (status, body) == (404, b"")


@pytest.mark.parametrize("name", ["../phone.py", "phone.py", "..%2f", "phone.js?x=1", "/etc/passwd", "inter.woff2/"])
def test_with_the_token_nothing_but_the_page_is_there(server, name):
    assert ask(server, f"/{TOKEN}/{name}")[0] == 404


@pytest.mark.parametrize(
    "hosts", [[], ["evil.example"], ["evil.example:{}"], ["127.0.0.1"], ["{0}", "{0}"], ["127.0.0.1:1"]]
)
def test_another_host_is_refused_even_with_the_token(server, hosts):
    hosts = [host.format(f"{HERE}:{server.port}" if host == "{0}" else server.port) for host in hosts]
    status, _, body = ask(server, hosts=hosts)
    assert status in {400, 421}
    assert body == b""


def test_the_host_may_be_named_as_a_person_types_it(server):
    assert ask(server, hosts=[f"LocalHost:{server.port}"])[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "CONNECT", "PATCH", "TRACE"])
def test_only_get_is_answered(server, method):
    status, head, body = ask(server, method=method, rest="Content-Length: 0\r\n")
    assert (status, body) == (405, b"")
    assert "Allow: GET" in head


@pytest.mark.parametrize(
    "sent",
    [b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x00" * 99 + b"\r\n\r\n"],
)
def test_what_is_no_request_is_refused(server, sent):
    assert raw(server, sent)[0] in {400, 421, 505}
    assert ask(server)[0] == 200


def test_a_head_without_end_is_cut_off(server):
    sent = b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 20_000
    with suppress(ConnectionResetError):  # cut off before all of it was sent
        assert raw(server, sent)[0] in {400, 431}
    assert ask(server)[0] == 200


def test_who_says_nothing_is_let_go(server, monkeypatch):
    monkeypatch.setattr(phone_server, "HEADER_S", 0.05)
    with closing(socket.create_connection((HERE, server.port), PATIENCE_S)) as link:
        link.sendall(b"GET / HT")
        assert link.recv(100) == b""


def test_a_forgotten_slash_is_mended(server):
    status, head, _ = ask(server, f"/{TOKEN}")
    assert status == 308
    assert f"Location: /{TOKEN}/" in head


def test_the_newest_picture_is_sent_first_to_who_comes_later(server):
    for number in range(100):
        server.show(json.dumps({"n": number}))
    with watching(server) as link:
        assert read_until(link, b'{"n": 99}').count(b"data: {") == 1
        server.show('{"n": 100}')
        read_until(link, b'{"n": 100}')


def test_there_is_a_beat_while_nothing_changes(server, monkeypatch):
    monkeypatch.setattr(phone_server, "BEAT_S", 0.02)
    with watching(server) as link:
        read_until(link, b"event: beat\ndata:\n\n")


def test_a_viewer_who_does_not_read_holds_up_nobody_and_gets_no_backlog(server):
    frame = "x" * 1000
    with watching(server) as slow, watching(server) as quick:
        for number in range(3000):
            server.show(f"{number:06} {frame}")
            if number % 100 == 0:
                read_until(quick, f"data: {number:06}".encode())
        read_until(quick, b"data: 002999")
        got = read_until(slow, b"data: 002999")
        assert 1 <= got.count(b"data: ") < 1500  # of 3 MB that were shown, less than what the system keeps
        assert server.viewers == 2


def test_who_leaves_is_counted_no_more(server, monkeypatch):
    monkeypatch.setattr(phone_server, "BEAT_S", 0.02)
    with watching(server):
        assert server.viewers == 1
    until(lambda: server.viewers == 0)


def test_more_viewers_than_there_is_room_for_are_told_so(server):
    links = [socket.create_connection((HERE, server.port), PATIENCE_S) for _ in range(MOST_VIEWERS)]
    for link in links:
        link.sendall(f"GET /{TOKEN}/events HTTP/1.1\r\nHost: localhost:{server.port}\r\n\r\n".encode())
    until(lambda: server.viewers == MOST_VIEWERS)
    status, head, _ = ask(server, f"/{TOKEN}/events")
    assert status == 503
    assert "Retry-After" in head
    for link in links:
        link.close()


def test_a_crowd_without_token_is_cut_off_and_forgotten(server):
    links = [socket.create_connection((HERE, server.port), PATIENCE_S) for _ in range(MOST_CONNECTIONS)]
    until(lambda: len(server._writers) == MOST_CONNECTIONS)
    with closing(socket.create_connection((HERE, server.port), PATIENCE_S)) as link:
        assert link.recv(10) == b""
    for link in links:
        link.close()
    until(lambda: not server._writers)
    assert ask(server)[0] == 200


def test_a_stopped_server_lets_all_go_and_its_port_can_be_had_again():
    with serving() as server, watching(server) as link:
        read_until(link, b"retry")
        server.stop()
        while link.recv(65536):
            pass
        assert not server._thread.is_alive()
        server.show("nobody hears this")
        with serving(server.port) as again:
            assert ask(again)[0] == 200
        server.stop = lambda: None


def test_a_port_that_is_taken_is_said(server):
    with pytest.raises(EmgmonError, match=f"port {server.port}"):
        PhoneServer([HERE], server.port, TOKEN, {}).start()


def test_the_view_is_off_until_it_is_asked_for():
    phone = Phone("emgmon")
    assert (phone.address, phone.viewers) == ("", 0)
    phone.show(TrainState())
    phone.stop()
    names = {thread.name for thread in threading.enumerate()}
    assert "emgmon-phone" not in names


def test_each_start_has_a_secret_of_its_own():
    phone = Phone("emgmon")
    try:
        phone.start()
        first = phone.address
        phone.start()
        tokens = {address.split("/")[3] for address in (first, phone.address)}
        assert len(tokens) == 2
        assert all(len(token) == 26 for token in tokens)
        assert phone.address.startswith(f"http://{HERE}:")
        assert not phone.lan
    finally:
        phone.stop()


def outside():
    try:
        return usual_address()
    except EmgmonError:
        pytest.skip("this computer is in no network")


def test_the_network_sees_it_only_when_that_is_asked_for():
    address, phone = outside(), Phone("emgmon")
    try:
        phone.start()
        port = phone._server.port
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address, port), 1.0).close()
        phone.start("auto")
        assert phone.lan
        assert phone.address.startswith(f"http://{address}:")
        socket.create_connection((address, phone._server.port), PATIENCE_S).close()
    finally:
        phone.stop()


def test_an_address_that_is_not_ours_is_said():
    with pytest.raises(EmgmonError, match=r"192\.0\.2\.77"):
        Phone("emgmon").start("192.0.2.77")


def test_an_address_that_is_none_is_said():
    with pytest.raises(EmgmonError, match="kitchen"):
        Phone("emgmon").start("kitchen.invalid")


def test_a_session_without_window_is_seen_too():
    said, taken = [], []
    with seen(taken.append, PhoneSettings(wanted=True), "emgmon", said.append) as sink:
        address = said[0].split()[-1]
        port, token = int(address.split(":")[2].split("/")[0]), address.split("/")[3]
        with closing(socket.create_connection((HERE, port), PATIENCE_S)) as link:
            link.sendall(f"GET /{token}/events HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
            read_until(link, b"retry")
            time.sleep(0.05)
            events = scenes()["on-target"]
            sink(events)
            read_until(link, b'"GLUTE SHARE"')
    assert taken == [events]


def test_a_session_that_is_not_to_be_seen_has_its_sink_unchanged():
    with seen(print, PhoneSettings(), "emgmon", print) as sink:
        assert sink is print
