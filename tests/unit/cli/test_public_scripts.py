"""Public scripts as a person names them: by address or hash, in a file, the environment or a flag."""

from pathlib import Path

import pytest

from electrum_observatory.cli.public_scripts import with_script_hashes
from electrum_observatory.cli.settings import load_settings
from electrum_observatory.model.errors import UsageError

GENESIS_ADDRESS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
GENESIS_HASH = "8b01df4e368ea28f8dc0423bcf7a4923e3a12d307c875e47a0cfbf90b5c39161"  # protocol page, "Script Hashes"
OTHER_HASH = "ab" * 32


def hashes(*named: str, profile: str = "default", network: str = "bitcoin") -> tuple[str, ...]:
    flags = {"monitor": {"scripts": named}} if named else {}
    return with_script_hashes(load_settings(profile, scan={"network": network}, **flags)).monitor.watching.scripts


def test_an_address_and_its_hash_are_one_script_and_the_order_stays() -> None:
    assert hashes(OTHER_HASH, GENESIS_ADDRESS, GENESIS_HASH.upper(), f" {GENESIS_ADDRESS}\n") == (
        OTHER_HASH,
        GENESIS_HASH,
    )


def test_nobody_is_asked_where_none_is_named() -> None:
    assert hashes() == ()


def test_a_file_and_the_environment_name_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = tmp_path / "mine.yaml"
    profile.write_text(f"monitor:\n  scripts:\n    - {GENESIS_ADDRESS}\n")

    assert hashes(profile=str(profile)) == (GENESIS_HASH,)
    monkeypatch.setenv("OBSERVATORY_MONITOR__SCRIPTS", f"{OTHER_HASH},{GENESIS_ADDRESS}")
    assert hashes(profile=str(profile)) == (OTHER_HASH, GENESIS_HASH)


@pytest.mark.parametrize(
    ("named", "network", "why"),
    [
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "bitcoin", "no address of bitcoin, or a mistyped one"),
        (GENESIS_ADDRESS, "testnet4", "no address of testnet4"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "bitcoin", "a mistyped address"),
        ("ab" * 31, "bitcoin", "64 digits of hexadecimal"),
        ("", "bitcoin", "name a public address of bitcoin"),
    ],
)
def test_what_is_no_script_is_refused_and_said_what_would_be(named: str, network: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        hashes(named, network=network)


def test_a_secret_that_slipped_in_is_not_repeated() -> None:
    with pytest.raises(UsageError) as refused:
        hashes(
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yu"
        )

    assert "LXw2F7" not in str(refused.value)


def test_more_than_eight_are_too_many() -> None:
    with pytest.raises(UsageError, match="9 public scripts: name at most 8"):
        hashes(*(f"{number:064x}" for number in range(9)))


def test_scripts_cannot_be_asked_for_more_often_than_rounds_can_be() -> None:
    often = {"monitor": {"scripts": (OTHER_HASH,), "watching": {"cadences": {"pending_s": 10.0}}}}

    with pytest.raises(UsageError, match="rounds every 10 s may need"):
        with_script_hashes(load_settings("default", **often))
