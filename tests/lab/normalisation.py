"""All that may differ between a recording and a personality. This list is closed; whatever is not in it must be equal.

Compared: every byte of every step (lines, error texts, key order, float texts, padding, terminators), which steps get
no reply, and whether the server closes. Chain and mempool need no entry: the state of a replay is the recording's own.

1. *Reads.* What arrived in one step is joined, because TCP decides where one read ends and the next begins. Padding
   still shows where packets end.
2. *Arrival.* The last byte of each recorded read must arrive within ``TOLERANCE_SECONDS`` of the recorded time: enough
   for a busy machine, far from the one second of a delayed packet.
3. *Completion order.* Field reference §2.5: ElectrumX and Fulcrum answer in completion order, what the disk or
   bitcoind must be asked for comes late. In the probes of ``ANSWERED_IN_COMPLETION_ORDER`` slow answers race each other
   (an estimate and a banner; five balances, in another order in each recording); their lines are compared sorted, and
   padding is compared as a whole, because it goes to whichever answer ends a packet. That the quick answers come first
   is compared: the first ``QUICK_ONES_FIRST`` lines are not sorted.
"""

import re

from tests.lab.recorded_servers import RecordedProbe
from tests.lab.replay import ReplayedProbe

TOLERANCE_SECONDS = 0.15
ANSWERED_IN_COMPLETION_ORDER = frozenset(
    {
        ("fulc", "pipeline-slow-then-fast"),
        *((server, "pipeline-10") for server in ("ex116", "ex118", "ex120", "fulc")),
    }
)
QUICK_ONES_FIRST = {"pipeline-10": 5}
_PADDING = re.compile(rb" +(?=[}\]]$)")


def differences(server: str, recorded: RecordedProbe, replayed: ReplayedProbe) -> list[str]:
    """Say in words what differs; empty where nothing does."""
    found: list[str] = []
    if recorded.closed_by_server != replayed.closed_by_server:
        found.append(f"{recorded.name}: recorded closed={recorded.closed_by_server}")
    for number, (theirs, ours) in enumerate(zip(recorded.steps, replayed.steps, strict=True)):
        expected = b"".join(data for _, data in theirs.received)
        actual = b"".join(data for _, data in ours.received)
        if (server, probe_base(recorded.name)) in ANSWERED_IN_COMPLETION_ORDER:
            quick = QUICK_ONES_FIRST.get(probe_base(recorded.name), 0)
            expected, actual = (_in_no_order(data, quick) for data in (expected, actual))
        if expected != actual:
            found.append(f"{recorded.name}, step {number}:\n  recorded {expected!r}\n  replayed {actual!r}")
        elif (late := _worst_arrival(theirs.received, ours.received)) > TOLERANCE_SECONDS:
            found.append(f"{recorded.name}, step {number}: arrives {late:.3f} s off")
    return found


def _in_no_order(data: bytes, quick: int) -> bytes:
    lines = [_PADDING.sub(b"", line) for line in data.splitlines()]
    return b"\n".join([*lines[:quick], *sorted(lines[quick:]), f"{len(data)} bytes".encode()])


def probe_base(name: str) -> str:
    """The name without its handshake group."""
    return name.partition("] ")[2] if name.startswith("[") else name


def _worst_arrival(theirs: tuple[tuple[float, bytes], ...], ours: tuple[tuple[float, bytes], ...]) -> float:
    """Largest distance between the recorded arrival of a read's last byte and the replayed arrival of that byte."""
    arrivals: list[tuple[int, float]] = []
    position = 0
    for after, data in ours:
        position += len(data)
        arrivals.append((position, after))
    worst, position = 0.0, 0
    for after_ms, data in theirs:
        position += len(data)
        arrived = next(after for end, after in arrivals if end >= position)
        worst = max(worst, abs(arrived - after_ms / 1000))
    return worst
