"""SOCKS5: the way to onion services, and for who does not want to be seen asking.

The proxy resolves names, so that none is ever looked up here. Every host gets its own random user name and password:
Tor then gives each its own circuit (IsolateSOCKSAuth), and no exit sees two of our visits as one.
"""

import errno
import hashlib
import hmac
import secrets
import socket
from dataclasses import dataclass, field
from typing import Self

from python_socks import ProxyError, ProxyTimeoutError, ProxyType
from python_socks.async_.asyncio import Proxy

from electrum_observatory.model.endpoint import bracketed
from electrum_observatory.model.errors import UsageError, VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.errors import scrubbed, visit_error

TOR_HOST = "127.0.0.1"
TOR_PORT = 9050


@dataclass(frozen=True, slots=True, kw_only=True)
class SocksProxy:
    """A SOCKS5 proxy.

    Attributes:
        host: Where it listens.
        port: Where it listens.
    """

    host: str = TOR_HOST
    port: int = TOR_PORT
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``. Raises UsageError."""
        host, colon, port = text.rpartition(":")
        if not colon or text.endswith("]"):
            host, port = text, str(TOR_PORT)
        if not host or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
            raise UsageError(f"{text!r} is not the HOST:PORT of a SOCKS5 proxy")
        return cls(host=host.removeprefix("[").removesuffix("]"), port=int(port))

    def __str__(self) -> str:
        """``host:port``."""
        return f"{bracketed(self.host)}:{self.port}"

    async def open(self, host: str, port: int, *, seconds: float) -> socket.socket:
        """Return a socket that the proxy has connected to a host, which may be a name.

        Raises:
            VisitError: proxy_unreachable, where there is no SOCKS5 proxy; proxy_refused, where it could not or would
                not reach the host; connect_timeout.
        """
        user, password = self._credentials(host)
        proxy = Proxy(ProxyType.SOCKS5, self.host, self.port, username=user, password=password, rdns=True)
        try:
            return await proxy.connect(host, port, timeout=seconds)
        except ProxyTimeoutError as error:
            raise visit_error(Stage.PROXY, TimeoutError(f"not within {seconds:g} s")) from error
        except ProxyError as error:
            # A code is the proxy's answer about the host; without one, what listens there does not speak SOCKS5.
            known = error.error_code is not None
            raise _failure(FailureKind.PROXY_REFUSED if known else FailureKind.PROXY_UNREACHABLE, error) from error
        except OSError as error:  # ProxyConnectionError is one
            if error.errno in (errno.EMFILE, errno.ENFILE):
                raise visit_error(Stage.PROXY, OSError(error.errno, "")) from error
            raise _failure(FailureKind.PROXY_UNREACHABLE, error) from error

    def _credentials(self, host: str) -> tuple[str, str]:
        digest = hmac.new(self._secret, host.encode(), hashlib.sha256).hexdigest()
        return digest[:32], digest[32:]


def _failure(kind: FailureKind, error: Exception) -> VisitError:
    return VisitError(Stage.PROXY, kind, scrubbed(str(error)))
