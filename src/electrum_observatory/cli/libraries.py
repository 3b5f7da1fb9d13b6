"""Libraries that only some installations have: what needs them says so before it begins."""

from collections.abc import Iterable
from importlib.util import find_spec

from electrum_observatory.model.errors import UsageError


def need(libraries: Iterable[str], what: str, extra: str) -> None:
    """Refuse ``what`` where libraries of an extra of this program are missing. Raises UsageError."""
    if missing := [name for name in libraries if find_spec(name) is None]:
        raise UsageError(f"{what} needs {' and '.join(missing)}: pip install 'electrum-observatory[{extra}]'")
