"""The overlay as a file: what is written is read back, and other versions are refused in words."""

import pytest

from electrum_observatory.bitcoin.reference import ChainReference
from electrum_observatory.net.overlay import Overlay

OVERLAY = Overlay(
    name="small",
    sockets={("5.9.1.2", 50001): ("127.0.0.1", 40001)},
    silent=frozenset({"5.9.1.3"}),
    names={"electrum.example.org": ("5.9.1.2",)},
    pointers={"5.9.1.2": ("electrum.example.org",)},
    time_scale=2.0,
    reference=ChainReference(
        network_id="regtest", checkpoint_height=0, checkpoint_hash="00", checkpoints={0: "00"}, easiest_bits=0x207FFFFF
    ),
)


def test_an_overlay_is_written_with_its_version_and_read_back() -> None:
    written = OVERLAY.to_json()

    assert written["schema_version"] == 1
    assert Overlay.from_json(written) == OVERLAY


def test_an_overlay_from_before_references_is_still_read() -> None:
    older = {key: value for key, value in OVERLAY.to_json().items() if key != "reference"}

    assert Overlay.from_json(older).reference is None


@pytest.mark.parametrize(
    ("version", "complaint"),
    [
        ({}, "it names no schema_version; this release reads version 1"),
        ({"schema_version": 2}, "its schema_version is 2; this release reads version 1"),
        ({"schema_version": "1"}, "its schema_version is '1'; this release reads version 1"),
    ],
)
def test_other_versions_are_refused_in_words(version: dict[str, object], complaint: str) -> None:
    unversioned = {key: value for key, value in OVERLAY.to_json().items() if key != "schema_version"}

    with pytest.raises(ValueError, match=f"^{complaint}$"):
        Overlay.from_json(unversioned | version)
