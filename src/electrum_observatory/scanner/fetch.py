"""Fetch a list of servers from the web: one GET in a thread, with a deadline and a size that no list exceeds.

The thread is no pool's: Python waits for the threads of a pool before it exits, and a list server that drips would hold
a finished scan for hours.
"""

import asyncio
import contextlib
import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import urlsplit

from electrum_observatory.model.endpoint import normalise_host
from electrum_observatory.model.errors import InputError
from electrum_observatory.scanner.optout import OptOutList

_CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFetcher:
    """Fetches texts; a call is what ``UrlList`` takes.

    Attributes:
        user_agent: What we call ourselves.
        timeout_s: For each wait on the network, and twice that for the whole.
        max_bytes: Longer answers are refused.
        opt_outs: Whom nothing is fetched from.
    """

    user_agent: str
    timeout_s: float = 20.0
    max_bytes: int = 5_000_000
    opt_outs: OptOutList = field(default_factory=OptOutList)

    async def __call__(self, url: str) -> str:
        """Return the text behind an http or https URL. Raises InputError.

        A redirection is followed on the same host only: that a stranger's server points elsewhere is no reason to go
        there, least of all into our own network.
        """
        given_up = threading.Event()
        try:
            if urlsplit(url).scheme not in ("http", "https"):
                raise InputError(f"{url}: not an http or https address")
            if self.opt_outs.covers_host(normalise_host(urlsplit(url).hostname or "")):
                raise InputError(f"{url}: its operator asked to be left out")
            async with asyncio.timeout(2 * self.timeout_s):
                data = await _in_thread(lambda: self._get(url, given_up))
        except TimeoutError as error:
            raise InputError(f"{url}: no answer within {2 * self.timeout_s:g} s") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise InputError(f"{url}: {_one_line(getattr(error, 'reason', error))}") from error
        finally:
            given_up.set()
        if len(data) > self.max_bytes:
            raise InputError(f"{url}: larger than {self.max_bytes:,} bytes, which no list of servers is")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{url}: not text: {error}") from error

    def _get(self, url: str, given_up: threading.Event) -> bytes:
        request = urllib.request.Request(url, headers={"User-Agent": self.user_agent})  # noqa: S310  scheme checked
        try:
            with urllib.request.build_opener(_SameHost).open(request, timeout=self.timeout_s) as response:
                return self._read(response, given_up)
        except urllib.error.HTTPError as error:
            error.close()
            raise InputError(f"{url}: HTTP {error.code} {error.reason}") from error

    def _read(self, response: http.client.HTTPResponse, given_up: threading.Event) -> bytes:
        """Read what comes as it comes: a read of the whole would wait for as long as somebody drips."""
        body = bytearray()
        while len(body) <= self.max_bytes and not given_up.is_set():
            chunk = response.read1(_CHUNK_BYTES)
            if not chunk:
                if response.length:
                    raise http.client.IncompleteRead(bytes(body), response.length)
                break
            body += chunk
        return bytes(body)


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirection unless it leads to another host."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        if after.hostname != before.hostname or (after.port or 0) not in (before.port or 0, 0, 80, 443):
            fp.close()
            raise InputError(f"{req.full_url}: leads to {newurl[:200]}, which was not asked for: name it yourself")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


async def _in_thread(work: Callable[[], bytes]) -> bytes:
    """Await what a thread of its own returns; nobody waits for the thread once the caller has gone."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[bytes] = loop.create_future()

    def finish(data: bytes, error: Exception | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(data)
        else:
            future.set_exception(error)

    def run() -> None:
        data, failure = b"", None
        try:
            data = work()
        except Exception as error:  # noqa: BLE001  whoever waits is told
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(finish, data, failure)

    try:
        threading.Thread(target=run, name="list fetcher", daemon=True).start()
    except RuntimeError as error:  # no thread to be had
        raise OSError(str(error)) from error
    return await future


def _one_line(words: object) -> str:
    text = " ".join(str(words).split())[:200]
    return text or type(words).__name__
