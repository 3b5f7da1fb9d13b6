"""Where a world's public identities are drawn from: real address blocks of real providers, as data only.

Nothing is ever sent to them: they stand in front of loopback sockets (net/overlay.py), so that a world has a geography
and a policy for addresses has something to check. The blocks were checked against the project's own place tables
(tests/lab/test_world_identities.py), which know IPv6 by country of registration only. Path delays are assumed: typical
round trips from central Europe.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One piece of a provider's address space.

    Attributes:
        ipv4: CIDR.
        ipv6: CIDR of /48 or wider in the same place; None where the provider gives none.
        country: ISO code of the place.
    """

    ipv4: str
    ipv6: str | None
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProvider:
    """A provider that world files may name.

    Attributes:
        provider_id: Its name in world files.
        asns: Autonomous systems that announce the blocks.
        blocks: Its address blocks; a group's machines are spread over them.
        residential: Whether these are lines into homes, whose reverse DNS is the provider's.
    """

    provider_id: str
    asns: tuple[int, ...]
    blocks: tuple[Block, ...]
    residential: bool = False


def _provider(
    provider_id: str, asns: tuple[int, ...], *blocks: tuple[str, str | None, str], residential: bool = False
) -> KnownProvider:
    made = tuple(Block(ipv4=ipv4, ipv6=ipv6, country=country) for ipv4, ipv6, country in blocks)
    return KnownProvider(provider_id=provider_id, asns=asns, blocks=made, residential=residential)


_ALL = (
    _provider(
        "hetzner",
        (24940,),
        ("159.69.0.0/16", "2a01:4f8:c0c::/46", "DE"),
        ("167.235.0.0/17", "2a01:4f8:1c00::/40", "DE"),
        ("65.108.0.0/17", "2a01:4f9:c010::/44", "FI"),
        ("95.216.0.0/16", "2a01:4f9:b010::/44", "FI"),
    ),
    _provider(
        "ovh",
        (16276,),
        ("91.121.0.0/17", "2001:41d0:300::/40", "FR"),
        ("51.75.112.0/20", "2001:41d0:200::/40", "FR"),
        ("158.69.64.0/19", "2607:5300:200::/40", "CA"),
        ("147.135.0.0/19", None, "US"),
    ),
    _provider(
        "digitalocean",
        (14061,),
        ("178.62.0.0/18", "2a03:b0c0:3::/48", "GB"),
        ("188.166.0.0/17", "2a03:b0c0:2::/48", "NL"),
        ("128.199.64.0/18", "2400:6180:0::/48", "SG"),
        ("139.59.0.0/18", "2400:6180:100::/48", "IN"),
        ("159.203.64.0/18", None, "US"),
        ("46.101.128.0/18", "2a03:b0c0:3::/48", "DE"),
    ),
    _provider(
        "aws",
        (16509, 14618),
        ("18.194.0.0/15", "2a05:d014::/36", "DE"),
        ("13.236.0.0/15", "2406:da1c::/36", "AU"),
        ("54.232.0.0/17", "2600:1f1e::/36", "BR"),
        ("54.64.0.0/16", "2406:da14::/36", "JP"),
        ("52.0.0.0/15", "2600:1f18::/36", "US"),
    ),
    _provider(
        "google",
        (396982,),
        ("34.101.128.0/18", "2600:1900:4080::/44", "ID"),
        ("34.101.192.0/18", "2600:1900:4080::/44", "ID"),
        ("34.128.64.0/18", "2600:1900:4080::/44", "ID"),
        ("35.198.64.0/18", "2600:1901::/36", "DE"),
        ("34.64.64.0/18", "2600:1900:4080::/44", "KR"),
    ),
    _provider(
        "contabo",
        (51167,),
        ("213.199.32.0/19", "2a02:c202::/33", "DE"),
        ("161.97.112.0/20", "2a02:c207::/33", "DE"),
        ("144.91.112.0/20", "2a02:c207:8000::/33", "DE"),
    ),
    _provider(
        "vultr",
        (20473,),
        ("45.76.96.0/20", "2001:19f0:7000::/40", "JP"),
        ("45.76.112.0/20", "2001:19f0:5800::/40", "AU"),
        ("45.63.0.0/20", "2001:19f0:0::/38", "US"),
    ),
    _provider(
        "linode",
        (63949,),
        ("139.162.128.0/18", "2a01:7e01::/32", "DE"),
        ("139.162.0.0/18", "2400:8901::/32", "SG"),
        ("172.104.16.0/20", "2600:3c03::/32", "US"),
    ),
    _provider("leaseweb", (60781,), ("85.17.0.0/16", "2001:1af8:4000::/36", "NL")),
    _provider(
        "scaleway",
        (12876,),
        ("51.15.128.0/17", "2001:bc8::/36", "FR"),
        ("163.172.0.0/17", "2001:bc8:2000::/36", "FR"),
    ),
    _provider("comcast", (7922,), ("73.0.0.0/9", "2601:0::/24", "US"), residential=True),
    _provider("telekom", (3320,), ("87.128.0.0/11", "2003:c0::/27", "DE"), residential=True),
    _provider("free", (12322,), ("82.64.0.0/14", "2a01:e00::/32", "FR"), residential=True),
    _provider("telia", (3301,), ("81.224.0.0/13", "2001:2040::/32", "SE"), residential=True),
    _provider("telstra", (1221,), ("101.160.0.0/11", "2001:8000::/24", "AU"), residential=True),
    _provider("bell", (577,), ("70.48.0.0/13", None, "CA"), residential=True),
    _provider("kpn", (1136,), ("86.80.0.0/14", "2a02:a440::/27", "NL"), residential=True),
    _provider("swisscom", (3303,), ("85.0.0.0/13", "2a02:1200::/27", "CH"), residential=True),
)

PROVIDERS: Mapping[str, KnownProvider] = MappingProxyType({provider.provider_id: provider for provider in _ALL})
"""Every provider that world files may name."""

ROUND_TRIP_MS: Mapping[str, float] = MappingProxyType(
    {
        "DE": 9,
        "NL": 14,
        "FR": 18,
        "CH": 13,
        "GB": 22,
        "SE": 28,
        "FI": 33,
        "US": 115,
        "CA": 105,
        "BR": 205,
        "IN": 150,
        "SG": 172,
        "ID": 185,
        "JP": 240,
        "KR": 255,
        "AU": 275,
    }
)
"""Assumed round trip from central Europe, by country; machines differ around it."""
