"""Why endpoints did not answer, in words, and what a person can do about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from electrum_observatory.model.failure import Failure, FailureKind, Side
from electrum_observatory.model.observation import Observation
from electrum_observatory.report.words import failure_words, many

_MOST_LINES = 8
_WHAT_TO_DO = {
    FailureKind.NAME_NOT_FOUND: "check the spelling, and `observatory doctor` for the resolver",
    FailureKind.DNS_TIMEOUT: "`observatory doctor` looks at the resolver",
    FailureKind.DNS_FAILURE: "`observatory doctor` looks at the resolver",
    FailureKind.ADDRESS_REFUSED: "not a public address; --allow-private NETWORK dials your own",
    FailureKind.PORT_REFUSED: "an unusual one is dialled if you name it; those of mail, SSH and the like never are",
    FailureKind.OPTED_OUT: "its operator asked to be left out",
    FailureKind.TOO_SOON: "--again asks all the same",
    FailureKind.BACKED_OFF: "--again asks all the same",
    FailureKind.OTHER_NAMES_FAILED: "name it yourself, in a scan of its own, if it has more to say under this name",
    FailureKind.NOT_IN_OVERLAY: "outside the lab; leave out --overlay to dial real servers",
    FailureKind.NEEDS_TOR: "an onion server; --tor dials it",
    FailureKind.CONNECT_REFUSED: "nothing listens there",
    FailureKind.CONNECT_TIMEOUT: "no answer; `observatory doctor` looks at the network",
    FailureKind.NETWORK_UNREACHABLE: "no route; `observatory doctor` looks at the network",
    FailureKind.PROXY_UNREACHABLE: "is Tor (or the proxy) running where --tor points?",
    FailureKind.PROXY_REFUSED: "the proxy could not reach it",
    FailureKind.PLAIN_TEXT_ON_TLS: "speaks no TLS there; try :t instead of :s",
    FailureKind.TLS_HANDSHAKE: "the TLS handshake failed; is it the ssl port?",
    FailureKind.HTTP_REPLY: "a web server answers there",
    FailureKind.NOT_JSON: "something else than Electrum answers there",
    FailureKind.OUT_OF_DESCRIPTORS: "raise ulimit -n",
    FailureKind.BUG_IN_OBSERVATORY: "a bug of ours: please report it with the output of `observatory show`",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Endpoints that failed in one way.

    Attributes:
        kind: How.
        endpoints: How many.
        first: One of them, canonical.
        detail: What was said of it.
    """

    kind: FailureKind
    endpoints: int
    first: str
    detail: str

    @property
    def line(self) -> str:
        """One line for a person."""
        what = failure_words(self.kind)
        which = self.first if self.endpoints == 1 else f"{many(self.endpoints, 'endpoint')}, such as {self.first}"
        reason = f" ({self.detail})" if self.detail else ""
        advice = _WHAT_TO_DO.get(self.kind)
        return f"{what}: {which}{reason}" + (f" – {advice}" if advice else "")


def unanswered(observations: Iterable[Observation]) -> tuple[Unanswered, ...]:
    """Group the failed dials and handshakes of a campaign by kind, the most frequent first."""
    failures: dict[FailureKind, list[tuple[str, Failure]]] = {}
    for one in observations:
        if one.attempt.failure is not None:
            failures.setdefault(one.attempt.failure.kind, []).append((one.endpoint.canonical, one.attempt.failure))
    found = (
        Unanswered(kind=kind, endpoints=len(those), first=those[0][0], detail=those[0][1].detail)
        for kind, those in failures.items()
    )
    return tuple(sorted(found, key=lambda one: -one.endpoints))


def lines(found: tuple[Unanswered, ...]) -> list[str]:
    """Return what to print: the most frequent kinds, each in a line."""
    shown = [one.line for one in found[:_MOST_LINES]]
    rest = sum(one.endpoints for one in found[_MOST_LINES:])
    return [*shown, f"and {many(rest, 'endpoint')} in other ways"] if rest else shown


def network_is_gone(found: tuple[Unanswered, ...]) -> bool:
    """Whether everything that failed failed on the way: then it is our network rather than their servers."""
    return bool(found) and all(one.kind.side is Side.NETWORK for one in found)
