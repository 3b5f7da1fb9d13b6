"""Fetch a list of servers from the web: one GET in a thread, with a deadline and a size that no list exceeds."""

import asyncio
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

from electrum_observatory.model.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFetcher:
    """Fetches texts; a call is what ``UrlList`` takes.

    Attributes:
        user_agent: What we call ourselves.
        timeout_s: For each wait on the network, and twice that for the whole.
        max_bytes: Longer answers are refused.
    """

    user_agent: str
    timeout_s: float = 20.0
    max_bytes: int = 5_000_000

    async def __call__(self, url: str) -> str:
        """Return the text behind an http or https URL. Raises InputError."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise InputError(f"{url}: not an http or https address")
        try:
            async with asyncio.timeout(2 * self.timeout_s):
                data = await asyncio.to_thread(self._get, url)
        except TimeoutError as error:
            raise InputError(f"{url}: no answer within {2 * self.timeout_s:g} s") from error
        except (OSError, ValueError) as error:
            raise InputError(f"{url}: {getattr(error, 'reason', error)}") from error
        if len(data) > self.max_bytes:
            raise InputError(f"{url}: larger than {self.max_bytes:,} bytes, which no list of servers is")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{url}: not text: {error}") from error

    def _get(self, url: str) -> bytes:
        request = urllib.request.Request(url, headers={"User-Agent": self.user_agent})  # noqa: S310  scheme checked
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s) as response:  # noqa: S310
                body: bytes = response.read(self.max_bytes + 1)
        except urllib.error.HTTPError as error:
            error.close()
            raise InputError(f"{url}: HTTP {error.code} {error.reason}") from error
        return body
