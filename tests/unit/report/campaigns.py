"""Campaigns built by hand: a plausible network, a hostile server, a silent one, and nothing at all."""

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from electrum_observatory.lab.hostile.texts import TEXTS, all_in_one
from electrum_observatory.model.campaign import Campaign, CampaignSeal
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.place import Place
from electrum_observatory.model.sighting import Sighting
from tests.factories import (
    GENESIS,
    STARTED_AT_US,
    make_campaign,
    make_connection_result,
    make_failed_observation,
    make_observation,
    make_seal,
    make_sighting,
)


class Places:
    """A place book of a few lines."""

    attribution = ("City data: a test table of 2026-06 (https://db-ip.com)", "Networks: the same test table")
    data_date = "2026-06-05"

    def __init__(self, known: Mapping[str, Place] | None = None, default: Place | None = None) -> None:
        self._known = dict(known or {})
        self._default = default or Place()

    def look_up(self, address: str) -> Place:
        return self._known.get(address, self._default)


@dataclass(frozen=True)
class StoredCampaign:
    campaign: Campaign
    seal: CampaignSeal | None


class Stored:
    """A store in memory with the reading side that tables and pages use."""

    def __init__(self, content: list[tuple[Campaign, CampaignSeal | None, list[Observation], list[Sighting]]]) -> None:
        self._content = content

    def campaigns(self) -> list[StoredCampaign]:
        return [StoredCampaign(campaign, seal) for campaign, seal, _, _ in self._content]

    def campaign(self, wanted: str) -> StoredCampaign:
        campaign, seal, _, _ = self._find(wanted)
        return StoredCampaign(campaign, seal)

    def observations(self, campaign_id: str, probes: Any = None) -> Iterator[Observation]:
        return (seen for seen in self._find(campaign_id)[2] if probes is None or seen.probe in probes)

    def hosts(self, campaign_id: str) -> dict[str, list[int]]:
        seen = self._find(campaign_id)[2]
        found: dict[str, list[int]] = {}
        for key, endpoint in enumerate(dict.fromkeys(one.endpoint for one in seen)):
            found.setdefault(endpoint.host, []).append(key)
        return found

    def observations_of(self, campaign_id: str, endpoints: Sequence[int]) -> Iterator[Observation]:
        seen = self._find(campaign_id)[2]
        wanted = list(dict.fromkeys(one.endpoint for one in seen))
        chosen = {wanted[key] for key in endpoints}
        return (one for one in seen if one.endpoint in chosen)

    def sightings(self, campaign_id: str) -> Iterator[Sighting]:
        return iter(self._find(campaign_id)[3])

    def _find(self, wanted: str) -> Any:
        return next(entry for entry in self._content if wanted in (entry[0].campaign_id, "latest"))


_CITIES = (
    ("DE", "Falkenstein", 50.48, 12.37, 24940, "Hetzner Online GmbH", "Hetzner", 24),
    ("US", "Ashburn", 39.04, -77.49, 16509, "Amazon.com, Inc.", "Amazon Web Services", 9),
    ("US", "Santa Clara", 37.35, -121.96, 14061, "DigitalOcean, LLC", "DigitalOcean", 11),
    ("US", "Seattle", 47.61, -122.33, 7922, "Comcast Cable Communications, LLC", None, 7),
    ("FR", "Roubaix", 50.69, 3.17, 16276, "OVH SAS", "OVHcloud", 12),
    ("FI", "Helsinki", 60.17, 24.94, 24940, "Hetzner Online GmbH", "Hetzner", 8),
    ("NL", "Amsterdam", 52.37, 4.89, 60781, "LeaseWeb Netherlands B.V.", "Leaseweb", 6),
    ("CA", "Montréal", 45.50, -73.57, 16276, "OVH SAS", "OVHcloud", 5),
    ("ID", "Jakarta", -6.21, 106.85, 396982, "Google LLC", "Google Cloud", 10),
    ("JP", "Tokyo", 35.68, 139.69, 2497, "Internet Initiative Japan Inc.", None, 4),
    ("AU", "Sydney", -33.87, 151.21, 1221, "Telstra Limited", None, 3),
    ("BR", "São Paulo", -23.55, -46.63, 28573, "Claro NXT Telecomunicacoes Ltda", None, 3),
    ("CH", "Zürich", 47.38, 8.54, 13030, "Init7 (Switzerland) Ltd.", None, 4),
    ("ZA", "Cape Town", -33.92, 18.42, 37680, "COOL IDEAS SERVICE PROVIDER (PTY) LTD", None, 1),
)
_SOFTWARE = (
    ("ElectrumX 1.16.0", "1.4.2", 26),
    ("Fulcrum 1.12.0", "1.5.2", 22),
    ("Fulcrum 2.1.0", "1.6", 12),
    ("electrs/0.10.5", "1.4", 9),
    ("ElectrumX 1.18.0", "1.4.3", 14),
    ("electrs-esplora 0.4.1", "1.4", 5),
    ("ElectrumX 1.20.0", "1.6", 6),
)
_SILENCES = (
    (Stage.CONNECT, FailureKind.CONNECT_TIMEOUT, 10),
    (Stage.CONNECT, FailureKind.CONNECT_REFUSED, 6),
    (Stage.RESOLVE, FailureKind.NAME_NOT_FOUND, 4),
    (Stage.TLS, FailureKind.PLAIN_TEXT_ON_TLS, 1),
    (Stage.NEGOTIATE, FailureKind.EOF, 2),
    (Stage.POLICY, FailureKind.ADDRESS_REFUSED, 1),
)


def network_campaign(machines: int = 120, seed: int = 7) -> tuple[Stored, Places]:
    """A network of about the size and mixture of the public one, in store and place book. All of it is invented."""
    rng = random.Random(seed)
    observations: list[Observation] = []
    sightings: list[Sighting] = []
    known: dict[str, Place] = {}
    for number in range(machines):
        address = f"198.51.{number // 250}.{number % 250 + 1}"
        city = rng.choices(_CITIES, [entry[-1] for entry in _CITIES])[0]
        known[address] = _place(city, rng)
        host = f"electrum{number}.example.org" if rng.random() < 0.75 else address
        silence = rng.choices(_SILENCES, [entry[-1] for entry in _SILENCES])[0] if rng.random() < 0.28 else None
        unresolved = silence is not None and silence[0] is Stage.RESOLVE
        if unresolved:
            host = f"electrum{number}.example.org"
        ports = [(50002, Transport.SSL)] + ([(50001, Transport.TCP)] if rng.random() < 0.6 else [])
        software = rng.choices(_SOFTWARE, [entry[-1] for entry in _SOFTWARE])[0]
        key = f"image {software[0]}" if rng.random() < 0.06 else host
        latency = rng.lognormvariate(4.2, 0.7)
        for port, transport in ports:
            endpoint = Endpoint(host=host, port=port, transport=transport, address=None if unresolved else address)
            at = STARTED_AT_US + number * 400_000
            sightings.append(make_sighting(host=host, port=port, transport=transport, source="peers_subscribe"))
            if silence is not None:
                observations.append(
                    make_failed_observation("connection", *silence[:2], endpoint=endpoint, started_at_us=at)
                )
                continue
            observations += [
                make_observation(probe, result, endpoint=endpoint, started_at_us=at)
                for probe, result in _answers(rng, software, transport, key, latency).items()
            ]
    sightings += [make_sighting(host=f"gone{n}.example.net", source="bundled_list") for n in range(machines // 4)]
    return Stored([(make_campaign(), make_seal(), observations, sightings)]), Places(known)


def empty_campaign() -> Stored:
    """A campaign that dialled nobody."""
    return Stored([(make_campaign(), make_seal(counts={}), [], [])])


def silent_campaign() -> Stored:
    """A campaign that nobody answered."""
    return Stored([(make_campaign(), None, [make_failed_observation()], [make_sighting()])])


HOSTILE = tuple(TEXTS.values())


def hostile_campaign() -> tuple[Stored, Places]:
    """Two servers that put everything of :data:`HOSTILE` wherever they can; one of them keeps its chain's name."""
    bad = all_in_one()
    observations = [
        make_observation(
            probe, result, endpoint=Endpoint(host=host, port=50002, transport=Transport.SSL, address=address)
        )
        for host, address, genesis in (
            ("hostile.example.org", "198.51.100.66", GENESIS),
            ("nowhere.example.org", "198.51.100.68", bad),
        )
        for probe, result in hostile_answers(bad, genesis).items()
    ]
    silent = Endpoint(host="silent.example.org", port=50001, transport=Transport.TCP, address="198.51.100.67")
    observations.append(make_failed_observation(detail=bad, endpoint=silent))
    place = Place(
        country="DE", city=bad, latitude=-6.2, longitude=-77.4, asn=1, org=bad, cloud_provider=bad, source=bad
    )
    sighting = make_sighting(host="hostile.example.org", protocol_claimed=bad)
    campaign = make_campaign(vantage="local", note=bad, config={"profile": bad, bad: [bad]})
    return Stored([(campaign, make_seal(), observations, [sighting])]), Places(default=place)


def every_answer() -> dict[str, dict[str, Any]]:
    """What one server says to every question, by probe."""
    return _answers(random.Random(1), ("ElectrumX 1.16.0", "1.4.2", 1), Transport.SSL, "a name", 50.0)


def hostile_answers(bad: str, genesis: str, several: Sequence[str] = HOSTILE) -> dict[str, dict[str, Any]]:
    """A server's answers with one text wherever it can put one, and several where it can put a list."""
    results = _answers(random.Random(1), ("", "1.4", 1), Transport.SSL, "k", 50.0)
    results["server_version"] |= {"software": bad, "protocol": bad}
    results["features"] |= {
        **dict.fromkeys(("server_version", "protocol_min", "protocol_max", "hash_function"), bad),
        "genesis_hash": genesis,
        "keys": list(several),
        "hosts": {bad: {"tcp_port": bad}},
        "pruning": bad,
    }
    results["banner"] |= {"text": bad}
    results["donation_address"] |= {"address": bad}
    results["relay_fee"] |= {"text": bad}
    results["mempool_info"] |= {"fields": {bad: bad}}
    results["tls_certificate"] |= {
        **dict.fromkeys(("subject", "subject_cn", "issuer", "issuer_cn", "valid_from", "valid_to", "serial_hex"), bad),
        "san_dns": list(several),
        "san_ip": list(several),
        "warnings": list(several),
    }
    results["reverse_dns"] |= {"names": list(several), "forward_confirmed": list(several)}
    return results


def _place(city: Any, rng: random.Random) -> Place:
    country, name, latitude, longitude, asn, org, cloud, _ = city
    return Place(
        country=country,
        city=name,
        latitude=latitude + rng.uniform(-0.3, 0.3),
        longitude=longitude + rng.uniform(-0.3, 0.3),
        asn=asn,
        org=org,
        cloud_provider=cloud,
        source="a test table of 2026-06",
    )


def _answers(
    rng: random.Random, software: Any, transport: Transport, key: str, latency: float
) -> dict[str, dict[str, Any]]:
    claimed, protocol, _ = software
    pings = [round(latency * rng.uniform(1.0, 1.3), 3) for _ in range(5)]
    digest = hashlib.sha256(key.encode()).hexdigest()
    results: dict[str, dict[str, Any]] = {
        "connection": make_connection_result(connect_ms=round(latency, 3), tls_ms=round(latency * 2.1, 3)),
        "server_version": {
            "software": claimed,
            "protocol": protocol,
            "offered": ["1.4", "1.6"],
            "retried_plain": False,
            "error": None,
        },
        "features": {
            "genesis_hash": GENESIS,
            "hash_function": "sha256",
            "server_version": claimed,
            "protocol_min": "1.4",
            "protocol_max": protocol,
            "pruning": None,
            "hosts": {},
            "services": None,
            "keys": ["hosts", "pruning", "server_version", "protocol_min", "protocol_max", "genesis_hash"],
            "raw": {},
            "error": None,
        },
        "banner": {"text": f"Welcome to Electrum!\n\nThis server runs {claimed}.\nBe kind.", "error": None},
        "donation_address": {"address": "", "error": None},
        "peers": {"peers": [], "rows": rng.randint(20, 90), "malformed": 0, "error": None},
        "chain_tip": {
            "height": 924_611 - (rng.random() < 0.05),
            "header_hex": None,
            "block_hash": "00" * 12 + "ab" * 20,
            "previous_hash": None,
            "timestamp": 1_795_212_000,
            "error": None,
        },
        "genesis": {"block_hash": GENESIS, "error": None},
        "relay_fee": {"btc_per_kvb": 1e-05, "text": "1e-05", "error": None},
        "mempool_info": {"fields": None, "error": {"code": -32601, "message": "unknown method", "bare_string": False}},
        "fee_estimates": {
            "estimates": [{"target": 2, "btc_per_kvb": 2e-05, "text": "2e-05", "error": None}],
            "error": None,
        },
        "fee_histogram": {
            "bins": [[1, 100_000 + rng.randint(0, 9)]],
            "texts": ["1"],
            "total_vsize": 100_000,
            "error": None,
        },
        "latency": {"pings_ms": pings, "min_ms": min(pings), "median_ms": sorted(pings)[2]},
        "reverse_dns": {"names": ["static.example.net"], "forward_confirmed": []},
    }
    if transport.encrypted:
        results["tls_certificate"] = {
            "sha256": digest,
            "spki_sha256": digest[::-1],
            "subject": f"CN={key}",
            "subject_cn": key,
            "issuer": f"CN={key}",
            "issuer_cn": key,
            "valid_from": "2024-03-01T00:00:00Z",
            "valid_to": "2034-02-27T00:00:00Z",
            "san_dns": [key],
            "san_ip": [],
            "serial_hex": "01",
            "signature_algorithm": "sha256WithRSAEncryption",
            "key_type": "RSA",
            "key_bits": 2048,
            "curve": None,
            "x509_version": 3,
            "self_signed": rng.random() < 0.7,
            "is_ca": None,
            "chain_sha256": [digest],
            "chain_truncated": False,
            "tls_version": rng.choice(["TLSv1.3", "TLSv1.3", "TLSv1.2"]),
            "cipher": "TLS_AES_256_GCM_SHA384",
            "legacy": False,
            "warnings": [],
        }
    return results
