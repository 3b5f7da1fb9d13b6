"""Every program that the lab can play, in one readable list: an id per build that answers differently."""

from collections.abc import Mapping
from types import MappingProxyType

from electrum_observatory.lab import histograms
from electrum_observatory.lab.personalities import bwt, eps, floresta, frigate
from electrum_observatory.lab.personalities import electrumx_releases as electrumx
from electrum_observatory.lab.personalities import esplora_builds as esplora
from electrum_observatory.lab.personalities.base import Personality
from electrum_observatory.lab.personalities.electrumx import ElectrumX
from electrum_observatory.lab.personalities.electrumx_releases import Release
from electrum_observatory.lab.personalities.esplora import Esplora
from electrum_observatory.lab.personalities.fulcrum import Fulcrum
from electrum_observatory.lab.personalities.personal_servers import PersonalServer, Refreshing
from electrum_observatory.lab.personalities.romanz import Romanz


def _electrumx(personality_id: str, label: str, release: Release, checkout: str | None = None) -> ElectrumX:
    return ElectrumX(
        id=personality_id, implementation="electrumx", default_version=label, release=release, checkout=checkout
    )


_ELECTRUMX = (
    _electrumx("electrumx_1_15", "1.15.0", electrumx.RELEASE_1_15),
    _electrumx("electrumx_1_16", "1.16.0", electrumx.RELEASE_1_16),
    _electrumx("electrumx_1_16_git_2022_01", "1.16.0", electrumx.GIT_2022_01_28, "2022-01-28"),
    _electrumx("electrumx_1_16_git", "1.16.0", electrumx.GIT_2022_03_29, "2022-03-29"),
    _electrumx("electrumx_1_16_git_2025_02_19", "1.16.0", electrumx.GIT_2025_02_19, "2025-02-19"),
    _electrumx("electrumx_1_16_git_2025_02_26", "1.16.0", electrumx.GIT_2025_02_26, "2025-02-26"),
    _electrumx("electrumx_1_17", "1.17.0", electrumx.RELEASE_1_17),
    _electrumx("electrumx_1_17_git_2025_05", "1.17.0", electrumx.GIT_2025_05_29, "2025-05-29"),
    _electrumx("electrumx_1_18", "1.18.0", electrumx.RELEASE_1_18),
    _electrumx("electrumx_1_18_git_2025_10_24", "1.18.0", electrumx.GIT_2025_10_24, "2025-10-24"),
    _electrumx("electrumx_1_18_git_2025_10_27", "1.18.0", electrumx.GIT_2025_10_27, "2025-10-27"),
    _electrumx("electrumx_1_18_git_2025_10_31", "1.18.0", electrumx.GIT_2025_10_31, "2025-10-31"),
    _electrumx("electrumx_1_18_git_2025_11", "1.18.0", electrumx.GIT_2025_11_07, "2025-11-07"),
    _electrumx("electrumx_1_19", "1.19.0", electrumx.RELEASE_1_19),
    _electrumx("electrumx_1_19_git_2025_11", "1.19.0", electrumx.GIT_2025_11_17, "2025-11-17"),
    _electrumx("electrumx_1_20", "1.20.0", electrumx.RELEASE_1_20),
    _electrumx("electrumx_2_0_git_2026_06", "2.0b1", electrumx.GIT_2026_06_03, "2026-06-03"),
    _electrumx("electrumx_2_0", "2.0.0", electrumx.RELEASE_2_0),
    ElectrumX(
        id="bsv_electrumx", implementation="bsv_electrumx", default_version="1.20.2", release=electrumx.RELEASE_BSV
    ),
)
_FULCRUM = (
    Fulcrum(id="fulcrum_1", default_version="1.12.0", since=(1, 0), before=(2,)),
    Fulcrum(id="fulcrum_1_2", default_version="1.2.0", since=(1, 0), before=(1, 3)),
    Fulcrum(id="fulcrum_1_3", default_version="1.3.0", since=(1, 3), before=(1, 6)),
    Fulcrum(id="fulcrum_1_6", default_version="1.6.0", since=(1, 6), before=(1, 9)),
    Fulcrum(id="fulcrum_1_9", default_version="1.9.1", since=(1, 9), before=(1, 9, 2)),
    Fulcrum(id="fulcrum_1_9_2", default_version="1.9.2", since=(1, 9, 2), before=(1, 9, 7)),
    Fulcrum(id="fulcrum_1_9_7", default_version="1.9.7", since=(1, 9, 7), before=(1, 9, 8)),
    Fulcrum(id="fulcrum_1_9_8", default_version="1.9.8", since=(1, 9, 8), before=(1, 10)),
    Fulcrum(id="fulcrum_1_10", default_version="1.10.0", since=(1, 10), before=(1, 11)),
    Fulcrum(id="fulcrum_1_11", default_version="1.11.1", since=(1, 11), before=(1, 12)),
    Fulcrum(id="fulcrum_1_12", default_version="1.12.0", since=(1, 12), before=(2,)),
    Fulcrum(id="fulcrum_2", default_version="2.1.1", since=(2,), before=(3,)),
    Fulcrum(id="fulcrum_2_0", default_version="2.0.0", since=(2,), before=(2, 1)),
    Fulcrum(id="fulcrum_2_1_0", default_version="2.1.0", since=(2, 1), before=(2, 1, 1)),
    Fulcrum(id="fulcrum_2_1_1", default_version="2.1.1", since=(2, 1, 1), before=(3,)),
)
_ROMANZ = (
    Romanz(id="electrs_romanz", default_version="0.10.10", since=(0, 9), before=(0, 12)),
    Romanz(id="electrs_romanz_0_9_0", default_version="0.9.0", since=(0, 9), before=(0, 9, 12)),
    Romanz(id="electrs_romanz_0_9_12", default_version="0.9.13", since=(0, 9, 12), before=(0, 9, 14)),
    Romanz(id="electrs_romanz_0_9_14", default_version="0.9.14", since=(0, 9, 14), before=(0, 10)),
    Romanz(id="electrs_romanz_0_10", default_version="0.10.5", since=(0, 10), before=(0, 10, 6)),
    Romanz(id="electrs_romanz_0_10_6", default_version="0.10.10", since=(0, 10, 6), before=(0, 11)),
    Romanz(id="electrs_romanz_0_11", default_version="0.11.0", since=(0, 11), before=(0, 11, 1)),
    Romanz(id="electrs_romanz_0_11_1", default_version="0.11.1", since=(0, 11, 1), before=(0, 12)),
)
_ESPLORA = (
    Esplora(
        id="electrs_esplora",
        implementation="blockstream_electrs",
        default_version="0.4.1",
        build=esplora.BLOCKSTREAM_STRINGS,
    ),
    Esplora(
        id="electrs_esplora_coded",
        implementation="blockstream_electrs",
        default_version="0.4.1",
        build=esplora.BLOCKSTREAM_CODED,
    ),
    Esplora(
        id="mempool_electrs",
        implementation="mempool_electrs",
        default_version="3.1.0-dev",
        build=esplora.MEMPOOL_STRINGS,
    ),
    Esplora(
        id="mempool_electrs_coded",
        implementation="mempool_electrs",
        default_version="3.2.0",
        build=esplora.MEMPOOL_CODED,
    ),
)

_PERSONAL = (
    PersonalServer(
        id="eps",
        implementation="eps",
        default_version="0.2.4",
        session=eps.Session,
        histogram=Refreshing(cut=histograms.eps, seconds=60.0),
    ),
    PersonalServer(
        id="bwt",
        implementation="bwt",
        default_version="0.2.4",
        session=bwt.Session,
        histogram=Refreshing(cut=histograms.bwt, seconds=120.0),
    ),
    PersonalServer(id="floresta", implementation="floresta", default_version="0.8.0", session=floresta.Session),
    PersonalServer(id="frigate", implementation="frigate", default_version="1.0.0", session=frigate.Session),
)

_ALL: tuple[Personality, ...] = (
    *_ELECTRUMX,
    *_FULCRUM,
    *_ROMANZ,
    *_ESPLORA,
    *_PERSONAL,
)

PERSONALITIES: Mapping[str, Personality] = MappingProxyType({personality.id: personality for personality in _ALL})
"""Every personality, by id."""
