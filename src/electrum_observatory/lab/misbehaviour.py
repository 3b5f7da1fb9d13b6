"""Servers that are no Electrum servers, or not today: what stands behind a faulty machine's sockets."""

from electrum_observatory.net.listener import Link

BAD_REQUEST = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 39\r\nConnection: close\r\n\r\n"
    b"<html><h1>400 Bad Request</h1></html>\r\n"
)
PLAIN_GREETING = b'{"jsonrpc":"2.0","error":{"code":-32700,"message":"invalid JSON"},"id":null}\n'


class Mute:
    """Accepts and never says a word."""

    def opened(self, link: Link) -> None:
        """Say nothing."""

    def line_received(self, data: bytes) -> None:
        """Say nothing."""

    def closed(self) -> None:
        """Nothing to forget."""


class WebServer(Mute):
    """Takes everything for a bad HTTP request."""

    def opened(self, link: Link) -> None:
        """Remember whom to answer."""
        self._link = link

    def line_received(self, data: bytes) -> None:  # noqa: ARG002
        """Answer once and hang up."""
        self._link.send(BAD_REQUEST)
        self._link.close()


class Resetter(Mute):
    """Drops whoever comes."""

    def opened(self, link: Link) -> None:
        """Drop."""
        link.abort()


class PlainSpeaker(Mute):
    """Speaks plain text where TLS is expected.

    A real one answers once the bytes of a TLS hello happen to hold a newline; this one always answers, so that worlds
    stay the same from run to run.
    """

    def opened(self, link: Link) -> None:
        """Complain about what has not been said yet."""
        link.send(PLAIN_GREETING)
