"""Reading decoded replies with suspicion: a wrong type is the server's fault and a failure of its own kind."""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import Reply
from electrum_observatory.protocol.numbers import finite_number

_SHOWN = 80


def unexpected(reply: Reply, wanted: str) -> NoReturn:
    """Raise unexpected_result, naming what was wanted and showing the start of what came."""
    shown = (reply.result_text or b"").decode("utf-8", "backslashreplace")[:_SHOWN]
    raise VisitError(Stage.REQUEST, FailureKind.UNEXPECTED_RESULT, f"wanted {wanted}, got {shown}")


def text_or_null(reply: Reply) -> str | None:
    """Return a result that is text or null; null for an error reply."""
    if reply.result is not None and not isinstance(reply.result, str):
        unexpected(reply, "text or null")
    return reply.result


def number_with_text(reply: Reply) -> tuple[float | None, str | None]:
    """Return a numeric result and the text it was written as; two Nones for an error reply.

    The text tells programs apart (``1e-05`` from Python and C, ``0.00001`` from Rust).
    """
    if reply.error is not None:
        return None, None
    number = finite_number(reply.result)
    if number is None:
        unexpected(reply, "a number")
    return number, None if reply.result_text is None else reply.result_text.decode("ascii", "replace")


def mapping(reply: Reply) -> Mapping[str, Json] | None:
    """Return a result that is an object; None for an error reply."""
    if reply.error is not None:
        return None
    if not isinstance(reply.result, Mapping):
        unexpected(reply, "an object")
    return reply.result


def sequence(reply: Reply) -> Sequence[Json] | None:
    """Return a result that is a list; None for an error reply."""
    if reply.error is not None:
        return None
    if not isinstance(reply.result, list):
        unexpected(reply, "a list")
    return reply.result


def text_in(values: Mapping[str, Json], key: str) -> str | None:
    """Return a member that is text, or None."""
    value = values.get(key)
    return value if isinstance(value, str) else None
