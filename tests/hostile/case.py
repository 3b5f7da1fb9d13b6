"""What is expected of a scan of one hostile act, and the judgement that the tests and the mutation run share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from electrum_observatory.model.endpoint import Transport
from tests.hostile.orders import Record, Seen
from tests.hostile.places import NEIGHBOUR, host_of

MOST_GROWTH_MB = 60.0
"""Half of it is the memory of the fork's parent, which counts anew as it is touched."""
HURRY: Mapping[str, Any] = {
    "scan": {"deadlines": {"dial_s": 5.0, "request_s": 3.0, "probe_s": 4.0, "session_s": 5.0}},
    "dialling": {"tls": 3.0, "websocket": 3.0},
}
"""Settings for acts whose defence is a deadline: it will be waited out, beside a neighbour on a busy machine."""
_WHOLE = {"completed", "not_applicable"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One act and its judge.

    Attributes:
        act: Its id in HOSTILE.
        recorded: What a person finds in the store afterwards, in words.
        judge: Asserts it, given the record and what was seen of the act's machine. What holds for every act
            (see :func:`judged`) is asserted beside it.
        defences: Ids in DEFENCES. With any one of them switched off, the judgement must fail.
        transports: Those to visit; () for all that the act is played on.
        settings: What the scan's settings have beside the stage's own (scanning.PATIENT).
        names: Names that resolve to these lists of addresses, one list for each lookup in turn.
        pointers: Names that reverse DNS gives the address of the act's machine.
        targets: Lines of ``host:port:letter`` beside those of the act's machine.
        crowd: Further machines that play the same act and are visited in the same scan.
        growth_mb: The most memory that the scan may take.
        seconds: The scan's deadline: the child is killed after so long.
        room: Bytes of address space that the child may take beyond those it starts with.
    """

    act: str
    recorded: str
    judge: Callable[[Record, Sequence[Seen]], None]
    defences: tuple[str, ...]
    transports: tuple[Transport, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    pointers: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    crowd: int = 0
    growth_mb: float = MOST_GROWTH_MB
    seconds: int = 20
    room: int = 1_000_000_000


def judged(case: Case, record: Record) -> None:
    """Assert what holds for every act, then what is expected of this one.

    The scan ended by itself before its deadline, the campaign is complete, nothing outside of the lab was dialled, no
    connection was left open, the honest neighbour in the same scan was measured whole, memory stayed under the cap, and
    no failure is a bug of ours.
    """
    assert not record.died, f"the scan did not end by itself: {record.died}"
    assert record.state == "complete"
    assert record.growth_mb <= case.growth_mb, f"the scan took {record.growth_mb:.0f} MB"
    assert all(address.startswith("127.") for address, _ in record.dialled), record.dialled
    assert record.left_open == 0, "connections were still open at the end"
    neighbour = record.of(NEIGHBOUR)
    assert {one.endpoint.partition(":")[0] for one in neighbour} == {"tcp", "ssl"}
    assert {one.status for one in neighbour} <= _WHOLE, [one for one in neighbour if one.status not in _WHOLE]
    assert all(one.kind != "bug_in_observatory" for one in record.seen), [one.detail for one in record.seen]
    assert record.counts.get("bugs", 0) == 0
    case.judge(record, record.of(host_of(case.act)))
