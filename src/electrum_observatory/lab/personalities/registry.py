"""Every program that the lab can play, in one readable list: an id per build that answers differently."""

from collections.abc import Mapping
from types import MappingProxyType

from electrum_observatory.lab.personalities import electrumx_releases as electrumx
from electrum_observatory.lab.personalities.base import Personality
from electrum_observatory.lab.personalities.electrumx import ElectrumX
from electrum_observatory.lab.personalities.electrumx_releases import Release
from electrum_observatory.lab.personalities.esplora import Esplora
from electrum_observatory.lab.personalities.fulcrum import Fulcrum
from electrum_observatory.lab.personalities.romanz import Romanz


def _electrumx(personality_id: str, label: str, release: Release) -> ElectrumX:
    return ElectrumX(id=personality_id, default_version=label, release=release, versions=(label,))


_ELECTRUMX = (
    _electrumx("electrumx_1_15", "1.15.0", electrumx.RELEASE_1_15),
    _electrumx("electrumx_1_16", "1.16.0", electrumx.RELEASE_1_16),
    _electrumx("electrumx_1_16_git_2022_01", "1.16.0", electrumx.GIT_2022_01_28),
    _electrumx("electrumx_1_16_git", "1.16.0", electrumx.GIT_2022_03_29),
    _electrumx("electrumx_1_16_git_2025_02_19", "1.16.0", electrumx.GIT_2025_02_19),
    _electrumx("electrumx_1_16_git_2025_02_26", "1.16.0", electrumx.GIT_2025_02_26),
    _electrumx("electrumx_1_17", "1.17.0", electrumx.RELEASE_1_17),
    _electrumx("electrumx_1_17_git_2025_05", "1.17.0", electrumx.GIT_2025_05_29),
    _electrumx("electrumx_1_18", "1.18.0", electrumx.RELEASE_1_18),
    _electrumx("electrumx_1_18_git_2025_10_24", "1.18.0", electrumx.GIT_2025_10_24),
    _electrumx("electrumx_1_18_git_2025_10_27", "1.18.0", electrumx.GIT_2025_10_27),
    _electrumx("electrumx_1_18_git_2025_10_31", "1.18.0", electrumx.GIT_2025_10_31),
    _electrumx("electrumx_1_18_git_2025_11", "1.18.0", electrumx.GIT_2025_11_07),
    _electrumx("electrumx_1_19", "1.19.0", electrumx.RELEASE_1_19),
    _electrumx("electrumx_1_19_git_2025_11", "1.19.0", electrumx.GIT_2025_11_17),
    _electrumx("electrumx_1_20", "1.20.0", electrumx.RELEASE_1_20),
    _electrumx("electrumx_2_0_git_2026_06", "2.0b1", electrumx.GIT_2026_06_03),
    _electrumx("electrumx_2_0", "2.0.0", electrumx.RELEASE_2_0),
    _electrumx("bsv_electrumx", "1.20.2", electrumx.RELEASE_BSV),
)

_ALL: tuple[Personality, ...] = (
    *_ELECTRUMX,
    Fulcrum(id="fulcrum_1", default_version="1.12.0", since=(1, 0), before=(2,)),
    Fulcrum(id="fulcrum_2", default_version="2.1.1", since=(2,), before=(3,)),
    Romanz(id="electrs_romanz", default_version="0.10.10"),
    Esplora(id="electrs_esplora", default_version="0.4.1"),
)

PERSONALITIES: Mapping[str, Personality] = MappingProxyType({personality.id: personality for personality in _ALL})
"""Every personality, by id."""
