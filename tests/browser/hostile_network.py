"""A campaign whose servers put every hostile text wherever a server can put one, and more of it than fits anywhere."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from electrum_observatory.lab.hostile.texts import TEXTS, all_in_one, huge
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.place import Place
from tests.factories import (
    GENESIS,
    make_campaign,
    make_failed_observation,
    make_observation,
    make_seal,
    make_sighting,
)
from tests.unit.report.campaigns import Places, Stored, hostile_answers

PER_SERVER = 16
LONG_HOST = ".".join(("a" * 63, "b" * 63, "c" * 63, "d" * 61))


def hostile_network() -> tuple[Stored, Places]:
    """Servers with some of the texts each, one with all, one with megabytes, one with long and many names."""
    texts = list(TEXTS.values())
    observations: list[Observation] = []
    for number, start in enumerate(range(0, len(texts), PER_SERVER), 1):
        some = texts[start : start + PER_SERVER]
        observations += _visit(f"h{number}.example.org", f"198.51.100.{number}", " ".join(some), some)
    observations += _visit("all.example.org", "198.51.100.101", all_in_one(), texts)
    observations += _visit("huge.example.org", "198.51.100.102", huge(), [huge()])
    observations += _visit(LONG_HOST, "198.51.100.103", "W" * 300, ["W" * 300] * 50)
    for number in range(40):
        name = Endpoint(host=f"{number}.{LONG_HOST[8:]}", port=50002, transport=Transport.SSL, address="198.51.100.103")
        observations.append(make_failed_observation(detail=all_in_one(), endpoint=name))
    told = [
        make_sighting(host="all.example.org", source=text, address_claimed=text, protocol_claimed=text)
        for text in texts
    ]
    bad = all_in_one()
    place = Place(country="DE", city=bad, latitude=50.1, longitude=8.7, asn=1, org=bad, cloud_provider=bad, source=bad)
    campaign = make_campaign(note=bad, config={"profile": bad, bad: texts})
    seal = make_seal(state=CampaignState.CANCELLED)
    return Stored([(campaign, seal, observations, told)]), Places(default=place)


def _visit(host: str, address: str, text: str, several: Sequence[str]) -> Iterator[Observation]:
    endpoint = Endpoint(host=host, port=50002, transport=Transport.SSL, address=address)
    answers: dict[str, dict[str, Any]] = hostile_answers(text, GENESIS, several)
    answers["tls_certificate"] |= {"sha256": sha256(host.encode()).hexdigest(), "spki_sha256": host}
    return (make_observation(probe, result, endpoint=endpoint) for probe, result in answers.items())
