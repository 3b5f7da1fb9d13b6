"""One GET: the address that was checked, a certificate that is verified, and answers that break off."""

import asyncio
import ssl
from urllib.parse import urlsplit

import pytest

from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.policy import OWN_NETWORKS, AddressPolicy
from electrum_observatory.net.web import WebAnswer, get
from tests.unit.net.certificates import make_valid
from tests.unit.net.conftest import context_of, failure_of
from tests.unit.net.servers import answering, bare_server, resetting

HOST = "list.example.org"
OK = b"HTTP/1.1 200 OK\r\n\r\nhello"


async def fetch(url: str) -> WebAnswer:
    """Ask 127.0.0.1, which nobody resolved."""
    parts = urlsplit(url)
    policy = AddressPolicy(allow=OWN_NETWORKS)
    async with asyncio.timeout(20):
        return await get(
            parts, host=parts.hostname, addresses=["127.0.0.1"], policy=policy, user_agent="x", max_bytes=1_000
        )


@pytest.fixture
def trusted(tmp_path, monkeypatch) -> ssl.SSLContext:
    """A server's context whose certificate this machine takes for HOST's."""
    files = make_valid(tmp_path, HOST)
    monkeypatch.setenv("SSL_CERT_FILE", str(files.chain_file))
    return context_of(files)


async def test_over_tls_the_host_is_named_and_its_certificate_verified(trusted):
    named = []
    trusted.sni_callback = lambda _socket, name, _context: named.append(name)

    async with bare_server(answering(OK, then_wait=False), context=trusted) as port:
        answer = await fetch(f"https://{HOST}:{port}/")
        failure = await failure_of(fetch(f"https://other.example.org:{port}/"))

    assert (answer.status, answer.reason, answer.body) == (200, "OK", b"hello")
    assert named == [HOST, "other.example.org"]
    assert (failure.stage, failure.kind) == (Stage.CONNECT, FailureKind.TLS_HANDSHAKE)
    assert "certificate verify failed" in failure.detail


async def test_a_certificate_that_nobody_vouches_for_is_none(server_context):
    async with bare_server(answering(OK), context=server_context) as port:
        failure = await failure_of(fetch(f"https://{HOST}:{port}/"))

    assert failure.kind is FailureKind.TLS_HANDSHAKE


@pytest.mark.parametrize(
    ("behave", "kind"),
    [
        (resetting, FailureKind.CONNECTION_RESET),
        (answering(b"HTTP/1.1 200 OK\r\n", then_wait=False), FailureKind.EOF),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", then_wait=False), FailureKind.EOF),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"), FailureKind.TOO_MANY_BYTES),
        (answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_001), FailureKind.TOO_MANY_BYTES),
        (answering(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000), FailureKind.LINE_TOO_LONG),
        (answering(b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n"), FailureKind.BAD_MESSAGE),
        (answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"), FailureKind.BAD_MESSAGE),
    ],
    ids=["reset", "half a head", "too short", "too long", "too much", "endless head", "ssh", "chunks"],
)
async def test_answers_that_break_off_or_do_not_end_are_failures(behave, kind):
    async with bare_server(behave) as port:
        failure = await failure_of(fetch(f"http://{HOST}:{port}/"))

    assert (failure.stage, failure.kind) == (Stage.REQUEST, kind)
