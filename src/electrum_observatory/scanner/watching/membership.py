"""Who joins the watch and who leaves it when a new list of servers comes."""

from collections.abc import Callable, Iterable

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.watching.roster import Roster, Server

LARGEST_SHARE_DROPPED = 10
"""A list drops at most one server in so many, of few servers one: a scan that went wrong must not end a watch."""
_SECOND_NS = 1_000_000_000


class Membership:
    """Keeps a roster in step with lists."""

    def __init__(
        self, roster: Roster, *, rules: Rules, forget_after_s: float, left_out: Callable[[Endpoint, str], None]
    ) -> None:
        """Take the roster, who may be asked at all, after what time somebody is forgotten, and whom to tell."""
        self._roster = roster
        self._rules = rules
        self._forget_after_ns = round(forget_after_s * _SECOND_NS)
        self._left_out = left_out

    def update(self, endpoints: Iterable[Endpoint], now_ns: int) -> tuple[list[Server], list[Server]]:
        """Take a list; return who joined and who left. Those who left are off the roster already."""
        unwanted = [server for server in self._roster if not self._rules.may_be_asked(server.endpoint)]
        for server in unwanted:
            self._roster.remove(server)
            self._left_out(server.endpoint, "opted out or excluded")
        joined: list[Server] = []
        named: set[str] = set()
        for endpoint in endpoints:
            named.add(endpoint.canonical)
            if self._roster.get(endpoint) is None and self._admits(endpoint):
                joined.append(self._roster.add(endpoint, now_ns))
        return joined, unwanted + self._forgotten(named, now_ns)

    def _admits(self, endpoint: Endpoint) -> bool:
        if not self._rules.may_be_asked(endpoint):
            self._left_out(endpoint, "opted out or excluded")
        elif not self._roster.has_room_for(endpoint):
            self._left_out(endpoint, "as many connections with its machine are held as may be")
        else:
            return True
        return False

    def _forgotten(self, named: set[str], now_ns: int) -> list[Server]:
        """Note who is missing, and drop those that have been so, and were not up, for long enough."""
        gone: list[Server] = []
        for server in self._roster:
            if server.endpoint.canonical in named:
                server.missing_since_ns = None
            elif server.missing_since_ns is None:
                server.missing_since_ns = now_ns
            elif now_ns - max(server.missing_since_ns, server.last_up_ns) >= self._forget_after_ns:
                gone.append(server)
        gone.sort(key=lambda server: server.last_up_ns)
        gone = gone[: max(1, len(self._roster) // LARGEST_SHARE_DROPPED)]
        for server in gone:
            self._roster.remove(server)
        return gone
