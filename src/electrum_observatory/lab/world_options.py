"""The parts that machines of a world file are made of: programs, ports, texts, certificates, addresses, nodes, faults.

Every option has a ``weight`` where several stand together; :func:`electrum_observatory.lab.chance.deal` deals them out.
Reference: docs/lab/world-files.md.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field

Port = Annotated[int, Field(ge=1, le=65535)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(gt=0)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
CLOSED = ConfigDict(extra="forbid")


class Fault(StrEnum):
    """What is wrong with a machine. Ids never change their meaning."""

    DEAD = "dead"  # nothing listens: connections are refused
    SILENT = "silent"  # drops every packet
    MUTE = "mute"  # accepts connections, and TLS, and never says a word
    SLOW = "slow"  # answers, but late: see delay_s
    PLAIN_ON_SSL = "plain_on_ssl"  # the TLS ports speak plain text
    HTTP = "http"  # answers every line as a web server answers nonsense
    RESET = "reset"  # drops a connection right after accepting it


class Placement(StrEnum):
    """How the addresses of a group lie in its providers' blocks."""

    SPREAD = "spread"
    CONSECUTIVE = "consecutive"


class Recipe(StrEnum):
    """How a certificate was made; see docs/lab/world-files.md."""

    ELECTRUMX = "electrumx"  # self-signed as ElectrumX's documentation says: RSA, five years, CN = the host
    BLANK = "blank"  # self-signed, RSA, ten years, every question of openssl left at its default, no CN
    EC = "ec"  # self-signed on P-256, ten years, CN and SAN = the host
    CA = "ca"  # 90 days from the lab's authority, P-256, SAN = the names, chain sent along
    IMAGE = "image"  # made while a public container image was built: CN=electrumx, the same for all its users
    EXPIRED = "expired"  # as ``electrumx``, but it ran out a year before the world starts
    MISMATCHED = "mismatched"  # as ``ca``, but for another name


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """A server program.

    Attributes:
        personality: Id of a personality ("electrumx_1_20").
        version: What it calls itself; None for the personality's own default.
        weight: Share among the options it stands with.
    """

    __pydantic_config__ = CLOSED
    personality: str
    version: str | None = None
    weight: Weight = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A further server behind one address, where a load balancer gives each connection the next one.

    Attributes:
        personality: Id of a personality.
        version: What it calls itself; None for the personality's own default.
        node: Id in ``nodes``; each machine's backend has a node of its own of that policy. None: the machine's node.
    """

    __pydantic_config__ = CLOSED
    personality: str
    version: str | None = None
    node: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """A port template: the port per transport, None where it is not offered."""

    __pydantic_config__ = CLOSED
    tcp: Port | None = None
    ssl: Port | None = None
    ws: Port | None = None
    wss: Port | None = None
    weight: Weight = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text an operator chose, or None for the program's default."""

    __pydantic_config__ = CLOSED
    text: str | None = None
    weight: Weight = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """How machines came by their certificates.

    Attributes:
        recipe: See :class:`Recipe`.
        shared: One certificate and key for all machines of the group that have this option.
        common_name: Stands instead of the recipe's own, and as the only alternative name; may hold ``{host}``.
        minted_days_ago: When, before the world's start, the first was made; the others of the group follow seconds
            apart. None: each on a day of its own.
        old_tls: The server speaks TLS 1.0 and nothing newer.
        weight: Share among the options it stands with.
    """

    __pydantic_config__ = CLOSED
    recipe: Recipe = Recipe.ELECTRUMX
    shared: bool = False
    common_name: str | None = None
    minted_days_ago: Annotated[float, Field(ge=0, le=4000)] | None = None
    old_tls: bool = False
    weight: Weight = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Where addresses are drawn from: a provider of lab/providers.py, or address blocks of your own."""

    __pydantic_config__ = CLOSED
    provider: str
    ipv4: str | None = None
    ipv6: str | None = None
    weight: Weight = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeChoice:
    """Which bitcoind a machine stands on.

    Attributes:
        node: Id in ``nodes``.
        own: Each machine runs its own node of that policy, instead of all standing on one.
        weight: Share among the options it stands with.
    """

    __pydantic_config__ = CLOSED
    node: str
    own: bool = False
    weight: Weight = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultShare:
    """A fault, and the share of the group's machines that have it."""

    __pydantic_config__ = CLOSED
    fault: Fault
    share: Share
    delay_s: Annotated[float, Field(ge=0, le=3600)] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Modification:
    """A way in which a machine differs from the program that it runs; docs/lab/mutators.md has them all.

    Attributes:
        mutator: Id of a mutator ("alter_fee").
        dose: How much of it there is; each mutator says what that means.
        text: What it says, or in which manner; None for its own words.
    """

    __pydantic_config__ = CLOSED
    mutator: str
    dose: Share = 1.0
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How the machines of a group are called.

    Attributes:
        pattern: May hold {number}, {word}, {group}, {provider}, {country}; "" where they go by their bare addresses.
        share: Share of the machines that have a name.
        second: Pattern of a second name; "" for none.
        second_share: Share of the named machines that have it.
        announce_addresses: Named machines announce their bare addresses too.
    """

    __pydantic_config__ = CLOSED
    pattern: str = ""
    share: Share = 1.0
    second: str = ""
    second_share: Share = 1.0
    announce_addresses: bool = False


USUAL_PORTS = Listen(tcp=50001, ssl=50002)
"""What nearly everybody listens on."""

SELF_SIGNED = Certificate()
"""What ElectrumX's documentation says to make."""

BARE_ADDRESSES = Names()
"""No names at all."""
