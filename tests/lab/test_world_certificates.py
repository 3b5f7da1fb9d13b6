"""Certificates are what their recipes say, and nobody shares a key by accident."""

import collections
import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from electrum_observatory.lab.keys import rsa_key
from electrum_observatory.lab.scenarios import Scenario, load_scenario
from electrum_observatory.lab.world import World
from tests.lab.world_files import NOON, small_world


def leaf(world: World, machine: str) -> x509.Certificate:
    minted = world.certificate(machine)
    assert minted is not None
    return x509.load_der_x509_certificate(minted.chain[0])


def spki(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture(scope="module")
def world() -> World:
    return small_world()


def test_a_company_s_machines_share_one_chain(world: World) -> None:
    chains = {world.certificate(f"company-{i}") for i in (1, 2, 3)}

    assert len(chains) == 1
    certificate = leaf(world, "company-1")
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["*.company.example"]
    assert certificate.issuer != certificate.subject
    assert len(next(iter(chains)).chain) == 2


def test_the_lab_s_authority_signed_it(world: World) -> None:
    minted = world.certificate("company-1")
    assert minted is not None
    child, authority = map(x509.load_der_x509_certificate, minted.chain)

    child.verify_directly_issued_by(authority)
    assert isinstance(child.public_key(), ec.EllipticCurvePublicKey)


def test_a_farm_minted_its_certificates_seconds_apart_with_keys_of_their_own(world: World) -> None:
    farm = [leaf(world, f"farm-{i}") for i in range(1, 6)]
    births = sorted(certificate.not_valid_before_utc for certificate in farm)

    assert births[-1] - births[0] < datetime.timedelta(minutes=1)
    assert len({spki(certificate) for certificate in farm}) == 5


def test_users_of_a_public_image_share_its_certificate(world: World) -> None:
    assert world.certificate("image-1") == world.certificate("image-2") == small_world(9).certificate("image-1")
    assert leaf(world, "image-1").subject.rfc4514_string() == "CN=electrumx"


def test_the_odd_recipes_are_odd() -> None:
    world = World.build(load_scenario(Scenario.DEMO), now=NOON)
    found = collections.defaultdict(list)
    for machine in world.machines:
        if machine.certificate is not None:
            found[machine.certificate.recipe].append(machine.machine_id)

    assert all(leaf(world, one).not_valid_after_utc < world.start for one in found["expired"])
    assert all("elsewhere" in leaf(world, one).subject.rfc4514_string() for one in found["mismatched"])
    assert all(leaf(world, one).not_valid_after_utc > world.start for one in found["ca"])
    assert all(leaf(world, one).not_valid_before_utc < world.start for one in found["ca"])


def test_unrelated_servers_never_share_a_key() -> None:
    world = World.build(load_scenario(Scenario.NETWORK_300), now=NOON)
    holders = collections.defaultdict(set)
    for machine in world.machines:
        if machine.certificate is not None:
            holders[spki(leaf(world, machine.machine_id))].add(machine.machine_id.partition("-")[0])

    shared = [groups for key, groups in holders.items() if len(groups) > 1]
    assert shared == []
    assert len(holders) > 200


def test_rsa_keys_differ_beyond_the_pool_s_pairs() -> None:
    keys = [rsa_key(number) for number in (0, 1, 945, 946, 947)]

    assert len({key.public_key().public_numbers() for key in keys}) == 5
    assert all(key.key_size == 2048 for key in keys)
