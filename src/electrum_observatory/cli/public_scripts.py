"""The public scripts of a watch, as a person names them: an address of the network, or a script hash.

Whoever is named here is named to every watched server. That suits a script that everybody knows and that is busy, and
nothing else; docs/monitor.md says so in plain words.
"""

import dataclasses
import re

from electrum_observatory.bitcoin.address import decode_address
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.scripthash import scripthash
from electrum_observatory.cli.settings import Settings
from electrum_observatory.model.errors import UsageError
from electrum_observatory.protocol.watch_questions import PENDING_IDS

_SCRIPT_HASH = re.compile("[0-9a-fA-F]{64}")
_LONGEST = 100
_SHOWN = 16


def with_script_hashes(settings: Settings) -> Settings:
    """Return the settings with the hashes of the scripts that they name.

    Raises:
        UsageError: One cannot be read, there are too many, or they would be asked for more often than rounds can be.
    """
    named = settings.monitor.scripts
    if not named:
        return settings
    network = settings.scan.network
    hashes = tuple(dict.fromkeys(_hash_of(one, network) for one in named))
    if len(hashes) > len(PENDING_IDS):
        raise UsageError(
            f"{len(hashes)} public scripts: name at most {len(PENDING_IDS)}, each server is asked for each"
        )
    try:
        watching = dataclasses.replace(settings.monitor.watching, scripts=hashes)
    except ValueError as error:  # what is not asked without scripts may be asked too often with them
        raise UsageError(f"monitor.watching: {error}") from error
    return settings.model_copy(update={"monitor": dataclasses.replace(settings.monitor, watching=watching)})


def _hash_of(named: str, network: str) -> str:
    text = named.strip()
    if _SCRIPT_HASH.fullmatch(text):
        return text.lower()
    try:
        return scripthash(decode_address(text[:_LONGEST], NETWORKS[network]))
    except ValueError as error:
        advice = f"name a public address of {network}, or its script hash (64 digits of hexadecimal)"
        raise UsageError(f"public script {_short(text)!r}: {error}; {advice}") from error


def _short(text: str) -> str:
    """Return enough to find it again; it may be something that should not have been typed here."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
