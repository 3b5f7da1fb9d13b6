import http.server
import threading
from collections.abc import Iterator

import pytest

from electrum_observatory.model.errors import InputError
from electrum_observatory.scanner.fetch import ListFetcher


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
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
    fetch = ListFetcher(user_agent="electrum-observatory/0.1.0")

    assert await fetch(url(web, "/list")) == "a.example.org\n"
    assert web.agents == ["electrum-observatory/0.1.0"]


@pytest.mark.parametrize(
    ("path", "words"),
    [("/missing", "HTTP 404"), ("/long", "larger than 1,000 bytes"), ("/binary", "not text")],
)
async def test_whatever_goes_wrong_is_one_line_that_names_the_address(web, path: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        await ListFetcher(user_agent="x", max_bytes=1_000)(url(web, path))

    assert path in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_nobody_listening_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"http://127\.0\.0\.1:1/x: "):
        await ListFetcher(user_agent="x")("http://127.0.0.1:1/x")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/x", "data:,x"])
async def test_only_the_web_is_fetched_from(address: str) -> None:
    with pytest.raises(InputError, match="not an http or https address"):
        await ListFetcher(user_agent="x")(address)
