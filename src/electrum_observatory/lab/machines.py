"""A machine of a world: all that is fixed about it before time starts to run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from electrum_observatory.lab.programs import HOSTILE_PREFIX
from electrum_observatory.lab.world_options import Backend, Fault, Modification, Recipe
from electrum_observatory.model.endpoint import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePlan:
    """A certificate before it is made; equal plans are one certificate.

    Attributes:
        recipe: How it is made.
        common_name: Subject's CN; "" for none.
        names: Subject alternative names, for recipes that have them.
        key: Number of its key in the world; see lab/keys.py.
        valid_from: First instant of validity, UTC.
        valid_to: Last instant of validity, UTC.
        serial: Its serial number.
    """

    recipe: Recipe
    common_name: str
    names: tuple[str, ...]
    key: int
    valid_from: datetime
    valid_to: datetime
    serial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One machine.

    Attributes:
        machine_id: Unique in its world.
        operator: Who runs it.
        family: Deployment family it belongs to; None for none.
        personality: Program, or ``hostile_<act>``.
        version: What the program calls itself; None for the personality's default.
        node: Id of the bitcoind behind it.
        foreign: Whether that bitcoind is on another chain than the world's.
        addresses: Identity addresses, the first is the one peers give.
        names: Host names that resolve to all of them.
        announced: Hosts it goes by in ``server.features`` and in others' peer lists.
        ports: What it listens on.
        banner: None for the program's default.
        donation_address: None for the program's default.
        certificate: None where it has no TLS port.
        old_tls: Whether it speaks TLS 1.0 and nothing newer.
        fault: What is wrong with it; None for nothing.
        delay_s: How late it answers, world seconds.
        announce: Whether ``server.features`` tells hosts and ports.
        listed: Whether others list it.
        local_address: Address its sockets are bound to, as it sees it.
        pointers: Identity address to its reverse DNS names.
        round_trip_ms: Path delay from the world's vantage, real milliseconds.
        provider: Where its addresses come from; "" where they were spelled out.
        loopback: The 127.x.y.z behind its identity.
        modified: How it differs from its program, the modification nearest to the program first.
        balanced: Further servers behind the same address, dealt out in turn.
        just_started: Whether its program starts with the world and still has to learn everything.
    """

    machine_id: str
    operator: str
    family: str | None
    personality: str
    version: str | None
    node: str
    foreign: bool
    addresses: tuple[str, ...]
    names: tuple[str, ...]
    announced: tuple[str, ...]
    ports: Mapping[Transport, int]
    banner: str | None
    donation_address: str | None
    certificate: CertificatePlan | None
    old_tls: bool
    fault: Fault | None
    delay_s: float
    announce: bool
    listed: bool
    local_address: str
    pointers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    round_trip_ms: float = 0.0
    provider: str = ""
    loopback: str = ""
    modified: tuple[Modification, ...] = ()
    balanced: tuple[Backend, ...] = ()
    just_started: bool = False

    @property
    def behind(self) -> "tuple[Machine, ...]":
        """The machine itself, then what each further server behind its address is."""
        return (
            self,
            *(
                replace(
                    self,
                    personality=one.personality,
                    version=one.version,
                    node=self.node if one.node is None else f"{one.node}/{self.machine_id}/{number}",
                )
                for number, one in enumerate(self.balanced, start=1)
            ),
        )

    @property
    def hostile(self) -> bool:
        """Whether it plays foul instead of running a server program."""
        return self.personality.startswith(HOSTILE_PREFIX)

    @property
    def healthy(self) -> bool:
        """Whether a visitor that keeps to the protocol gets answers about the world's own chain."""
        return self.fault in (None, Fault.SLOW) and not self.foreign and not self.hostile
