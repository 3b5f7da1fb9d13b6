import contextlib
import http.server
import ipaddress
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from electrum_observatory.model.errors import InputError
from electrum_observatory.net.policy import OWN_NETWORKS, AddressPolicy
from electrum_observatory.scanner.fetch import ListFetcher
from electrum_observatory.scanner.optout import OptOutList
from tests.unit.scanner.scripted import ScriptedResolver


def fetcher(**overrides: Any) -> ListFetcher:
    """A fetcher that may reach this machine and knows its names."""
    values = {
        "user_agent": "x",
        "resolver": ScriptedResolver({"127.0.0.1": ["127.0.0.1"], "list.example.org": ["127.0.0.1"]}),
        "policy": AddressPolicy(allow=OWN_NETWORKS),
    }
    return ListFetcher(**(values | overrides))


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(301)
            self.send_header("Location", "/list")
            self.end_headers()
            return
        body = {"/list": b"a.example.org\n", "/long": b"x" * 2_000, "/binary": b"\xff\xfe"}.get(self.path)
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")
        self.server.agents.append(self.headers["User-Agent"])  # type: ignore[attr-defined]

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[http.server.ThreadingHTTPServer]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.agents = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def url(web: http.server.ThreadingHTTPServer, path: str) -> str:
    return f"http://127.0.0.1:{web.server_port}{path}"


async def test_a_list_is_fetched_under_our_own_name(web) -> None:
    fetch = fetcher(user_agent="electrum-observatory/0.1.0")

    assert await fetch(url(web, "/list")) == "a.example.org\n"
    assert web.agents == ["electrum-observatory/0.1.0"]


@pytest.mark.parametrize(
    ("path", "words"),
    [("/missing", "HTTP 404"), ("/long", "larger than 1,000 bytes"), ("/binary", "not text")],
)
async def test_whatever_goes_wrong_is_one_line_that_names_the_address(web, path: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        await fetcher(max_bytes=1_000)(url(web, path))

    assert path in str(caught.value)
    assert "\n" not in str(caught.value)


class _RawServer(socketserver.ThreadingTCPServer):
    """Answers every request with ``head``, then drips for at most half a minute."""

    daemon_threads = True
    head = b""
    drip = b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _RawHandler)
        self.stop = threading.Event()
        self.dripped_out = threading.Event()
        self.asked: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/list"


class _RawHandler(socketserver.BaseRequestHandler):
    server: _RawServer

    def handle(self) -> None:
        self.server.asked.append(self.request.recv(65_536))
        with contextlib.suppress(OSError):
            self.request.sendall(self.server.head)
            for _ in range(600 if self.server.drip else 0):
                if self.server.stop.wait(0.05):
                    return
                self.request.sendall(self.server.drip)
            if self.server.drip:
                self.server.dripped_out.set()


@pytest.fixture
def raw() -> Iterator[_RawServer]:
    with _RawServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.stop.set()
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "head",
    [
        b"hello garbage\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n",
        b"",
    ],
    ids=["garbage", "not yet", "cut short", "no chunk", "too short", "long header", "to ftp", "nothing"],
)
async def test_whatever_is_no_proper_reply_is_an_input_error_of_one_line(raw: _RawServer, head: bytes) -> None:
    raw.head = head

    with pytest.raises(InputError) as caught:
        await fetcher()(raw.url)

    assert str(caught.value).startswith(raw.url)
    assert "\n" not in str(caught.value)


_FETCH = """
import asyncio, sys
from electrum_observatory.model.errors import InputError
from tests.unit.scanner.test_fetch import fetcher
try:
    asyncio.run(fetcher(timeout_s=0.3)(sys.argv[1]))
except InputError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("head", "drip"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"#"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    ],
    ids=["body", "headers"],
)
def test_a_process_ends_although_a_list_server_still_drips(raw: _RawServer, head: bytes, drip: bytes) -> None:
    raw.head, raw.drip = head, drip

    ended = subprocess.run(
        [sys.executable, "-c", _FETCH, raw.url], capture_output=True, text=True, timeout=60, check=True
    )

    assert ended.stdout == f"{raw.url}: no answer within 0.3 s\n"
    assert not raw.dripped_out.is_set(), "it ended while the server still dripped"


async def test_nobody_listening_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"http://127\.0\.0\.1:1/x: "):
        await fetcher()("http://127.0.0.1:1/x")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/x", "data:,x"])
async def test_only_the_web_is_fetched_from(address: str) -> None:
    with pytest.raises(InputError, match="not an http or https address"):
        await fetcher()(address)


@pytest.mark.parametrize("address", ["http://[/", "http://exa mple.org/", "http://a.example.org:port/"])
async def test_what_is_no_address_is_an_input_error(address: str) -> None:
    with pytest.raises(InputError) as caught:
        await fetcher()(address)

    assert str(caught.value).startswith(f"{address}: ")


async def test_nothing_is_fetched_from_who_opted_out(web) -> None:
    fetch = fetcher(opt_outs=OptOutList.parse(["127.0.0.0/8"]))

    with pytest.raises(InputError, match="asked to be left out"):
        await fetch(url(web, "/list"))

    assert web.agents == []


async def test_nor_from_an_address_that_did_whatever_its_name(web) -> None:
    fetch = fetcher(opt_outs=OptOutList.parse(["127.0.0.0/8"]))

    with pytest.raises(InputError, match="asked to be left out"):
        await fetch(f"http://list.example.org:{web.server_port}/list")

    assert web.agents == []


async def test_a_name_is_looked_up_once_and_dialled_where_it_was_checked(web) -> None:
    fetch = fetcher()

    text = await fetch(f"http://list.example.org:{web.server_port}/moved")

    assert text == "a.example.org\n"
    assert fetch.resolver.asked == ["list.example.org"]


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        (["127.0.0.1"], "address refused: loopback; --allow-private NETWORK allows one of your own"),
        (["169.254.169.254"], "address refused: link_local; --allow-private NETWORK allows one of your own"),
        (["::ffff:7f00:1"], "address refused: ipv4_mapped"),
        ([], "address refused: no address was resolved"),
        (None, "name not found"),
    ],
)
async def test_an_address_that_is_no_public_one_is_not_dialled(web, addresses: list[str] | None, words: str) -> None:
    resolver = ScriptedResolver({"list.example.org": addresses})

    with pytest.raises(InputError) as caught:
        await fetcher(resolver=resolver, policy=AddressPolicy())(f"http://list.example.org:{web.server_port}/list")

    assert str(caught.value).endswith(f": {words}")
    assert web.agents == []


async def test_of_a_name_s_addresses_the_refused_and_the_dead_are_passed_over(web) -> None:
    policy = AddressPolicy(allow=(ipaddress.ip_network("127.0.0.0/30"),))
    resolver = ScriptedResolver({"list.example.org": ["127.0.0.9", "127.0.0.2", "127.0.0.1"]})

    text = await fetcher(resolver=resolver, policy=policy)(f"http://list.example.org:{web.server_port}/list")

    assert text == "a.example.org\n"


async def test_ports_of_other_services_are_not_asked_for_lists() -> None:
    resolver = ScriptedResolver({"list.example.org": ["5.9.1.2"]})

    with pytest.raises(InputError, match="port refused: SMTP"):
        await fetcher(resolver=resolver, policy=AddressPolicy())("http://list.example.org:25/list")


async def test_no_proxy_of_the_environment_is_asked(web, monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert await fetcher()(url(web, "/list")) == "a.example.org\n"


async def test_endless_redirections_end(raw) -> None:
    raw.head = b"HTTP/1.1 302 Found\r\nLocation: /list\r\nContent-Length: 0\r\n\r\n"

    with pytest.raises(InputError, match="more than 5 redirections"):
        await fetcher()(raw.url)


async def test_an_answer_is_whole_where_its_announced_length_is_though_the_connection_stays(raw) -> None:
    raw.head = b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\na.example.org\n"
    raw.drip = b"#"

    assert await fetcher()(raw.url) == "a.example.org\n"


async def test_what_a_path_holds_is_spelled_for_the_web(raw) -> None:
    raw.head = b"HTTP/1.1 200 OK\r\n\r\n"

    assert await fetcher()(f"{raw.url}/bücher 1?q=%41") == ""
    assert raw.asked[0].startswith(b"GET /list/b%C3%BCcher%201?q=%41 HTTP/1.0\r\n")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://localhost:{port}/list",
        "http://127.0.0.2/x",
        "http://127.0.0.1:22/x",
        "ftp://127.0.0.1/x",
        "//127.0.0.2/x",
    ],
)
async def test_a_redirection_to_another_host_is_named_and_not_followed(raw, web, elsewhere: str) -> None:
    leads_to = elsewhere.format(port=web.server_port)
    raw.head = f"HTTP/1.1 302 Found\r\nLocation: {leads_to}\r\nContent-Length: 0\r\n\r\n".encode()

    with pytest.raises(InputError, match=leads_to):
        await fetcher()(raw.url)

    assert web.agents == []


async def test_a_redirection_on_the_same_host_is_followed(web) -> None:
    assert await fetcher()(url(web, "/moved")) == "a.example.org\n"
