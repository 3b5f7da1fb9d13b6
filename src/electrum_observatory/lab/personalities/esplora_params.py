"""Parameters as electrs-esplora reads them (``usize_from_value``, ``hash_from_value``, ``bool_from_value``).

All raise MethodError with the code of wrong parameters; a build without codes says only the text.
"""

import re

from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.esplora_builds import INVALID_PARAMS, Build
from electrum_observatory.model.observation import Json

_HASH = re.compile(r"^[0-9a-fA-F]{64}$")


def unsigned(params: list[Json], position: int, name: str, *, default: int | None = None) -> int:
    """Read a number that is not negative."""
    if position >= len(params):
        if default is None:
            raise MethodError(INVALID_PARAMS, f"missing {name}")
        return default
    value = params[position]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MethodError(INVALID_PARAMS, f"non-integer {name}")
    return value


def hash_of(params: list[Json], build: Build, what: str) -> str:
    """Read the first parameter as a hash in lower-case hex; ``what`` is "script_hash" or "tx_hash"."""
    value = params[0] if params else None
    if isinstance(value, str) and _HASH.match(value):
        return value.lower()
    problem = "missing hash" if not params else "non-hex hash" if isinstance(value, str) else "non-string hash"
    raise MethodError(INVALID_PARAMS, problem if build.names_hash_problem else f"bad {what}")
