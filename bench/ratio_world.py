"""The world of the ratio row: servers that only speak TLS, with peer lists as long as the real network's.

The numbers come from a crawl of the public network in December 2025. Its file of peers is a chain of replies; cut
wherever a host occurs again it falls into 21 replies of 61 to 267 rows (median 182, mean 182) with 69 bytes a row,
289 hosts in all, of which 125 have a name, 34 are onions, 184 offer both ports and 87 only the TLS one. Of 98 hosts
that named their software, 79 ran ElectrumX up to 1.18, 3 a later one and 14 Fulcrum; 2 esplora are left out here, since
they close on ``server.features`` and every server of this row is to answer everything. How certificates are divided is
not known from it: half are self-signed on RSA-2048 as ElectrumX's documentation makes them, half a short chain of an
authority on P-256 as Let's Encrypt makes it.
"""

from typing import Any

from electrum_observatory.lab.world_file import WORLD_FILE, WorldFile

_LISTED = 200
_SOFTWARE = (
    ("electrumx_1_18", 51),
    ("electrumx_1_16_git", 28),
    ("electrumx_1_20", 3),
    ("fulcrum_1", 10),
    ("fulcrum_2", 4),
)
_BLOCKS = ("5.0.0.0/8", "45.0.0.0/8", "78.0.0.0/8", "93.0.0.0/8", "176.0.0.0/8")
_BOTH_PORTS, _TLS_ONLY = 184, 87


def ratio_world(endpoints: int, seed: int, *, time_scale: float) -> WorldFile:
    """Return a world with this many TLS endpoints, of which at most 200 are what everybody's peer list is made of.

    More endpoints therefore do not lengthen the lists, which would be another network than the real one.
    """
    listed = min(_LISTED, endpoints)
    groups = [_group("listed", listed, listed=True)]
    if endpoints > listed:
        groups.append(_group("unlisted", endpoints - listed, listed=False))
    return WORLD_FILE.validate_python(
        {
            "schema_version": 1,
            "name": "ratio",
            "description": "TLS servers with peer lists as long as the real network's",
            "seed": seed,
            "time_scale": time_scale,
            "chain": {"height": 3000},
            "mempool": {"initial": 1500, "transactions_per_s": 1.5},
            "groups": groups,
            "gossip": {"known_share": 0.85, "onions": 34},
            "bootstrap": {"servers": 0},
        }
    )


def _group(name: str, machines: int, *, listed: bool) -> dict[str, Any]:
    """Return a group; only listed machines need a plain port, which nobody dials but peer lists name."""
    both = {"tcp": 50001, "ssl": 50002, "weight": _BOTH_PORTS}
    only = {"ssl": 50002, "weight": _TLS_ONLY}
    return {
        "id": name,
        "machines": machines,
        "software": [{"personality": personality, "weight": weight} for personality, weight in _SOFTWARE],
        "providers": [{"provider": f"block-{number}", "ipv4": block} for number, block in enumerate(_BLOCKS)],
        "names": {"pattern": "electrum.{word}.example", "share": 0.49},
        "listen": [both, only] if listed else [only],
        "certificates": [{"recipe": "electrumx"}, {"recipe": "ca"}],
        "listed": listed,
    }
