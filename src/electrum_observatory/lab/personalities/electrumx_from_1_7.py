"""What protocol 1.7 has in place of the script-hash methods (ElectrumX 2.0, ``server/session.py`` ``phandle_*``).

Scripts are named by themselves, and lists come inside an object. A client that offers 1.7 finds no ``scripthash.*``.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from electrum_observatory.lab.personalities.aiorpcx_methods import Method
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.model.observation import Json

_BAD_REQUEST = 1
_HEX = re.compile(r"^[0-9a-fA-F]*$")
_WRAPPED = {"get_history": "history", "get_mempool": "history", "listunspent": "utxos"}
_BY_HASH = "blockchain.scripthash."
_BY_SCRIPT = "blockchain.scriptpubkey."


def from_1_7(by_hash: dict[str, Method]) -> dict[str, Method]:
    """Return the ``scriptpubkey.*`` methods over the ``scripthash.*`` ones of the same session."""
    return {
        name.replace(_BY_HASH, _BY_SCRIPT): Method(
            call=_by_script(method.call, _WRAPPED.get(name.removeprefix(_BY_HASH))), required=("spk",)
        )
        for name, method in by_hash.items()
        if name.startswith(_BY_HASH)
    }


def checked_hex(value: Json, *, odd_too: bool = False) -> str:
    """Return a hex string. Raises MethodError for anything else."""
    if not isinstance(value, str) or _HEX.match(value) is None or (len(value) % 2 and not odd_too):
        raise MethodError(_BAD_REQUEST, f"{value} should be a hex string")
    return value


def _by_script(ask: Callable[..., Json], wrapped: str | None) -> Callable[..., Json]:
    def call(spk: Json, **kwargs: Any) -> Json:
        script = bytes.fromhex(checked_hex(spk))
        found = ask(hashlib.sha256(script).digest()[::-1].hex(), **kwargs)
        return found if wrapped is None else {wrapped: found}

    return call
