"""Every program that the lab can play, in one readable list."""

from collections.abc import Mapping
from types import MappingProxyType

from electrum_observatory.lab.personalities.base import Personality
from electrum_observatory.lab.personalities.electrumx import ElectrumX
from electrum_observatory.lab.personalities.electrumx_releases import (
    RELEASE_1_16,
    RELEASE_1_16_GIT,
    RELEASE_1_18,
    RELEASE_1_20,
)
from electrum_observatory.lab.personalities.esplora import Esplora
from electrum_observatory.lab.personalities.fulcrum import Fulcrum
from electrum_observatory.lab.personalities.romanz import Romanz

_ALL: tuple[Personality, ...] = (
    ElectrumX(id="electrumx_1_16", default_version="1.16.0", release=RELEASE_1_16, versions=("1.16.0",)),
    ElectrumX(id="electrumx_1_16_git", default_version="1.16.0", release=RELEASE_1_16_GIT, versions=("1.16.0",)),
    ElectrumX(id="electrumx_1_18", default_version="1.18.0", release=RELEASE_1_18, versions=("1.18.0",)),
    ElectrumX(id="electrumx_1_20", default_version="1.20.0", release=RELEASE_1_20, versions=("1.20.0",)),
    Fulcrum(id="fulcrum_1", default_version="1.12.0", since=(1, 0), before=(2,)),
    Fulcrum(id="fulcrum_2", default_version="2.1.1", since=(2,), before=(3,)),
    Romanz(id="electrs_romanz", default_version="0.10.10"),
    Esplora(id="electrs_esplora", default_version="0.4.1"),
)

PERSONALITIES: Mapping[str, Personality] = MappingProxyType({personality.id: personality for personality in _ALL})
"""Every personality, by id."""
