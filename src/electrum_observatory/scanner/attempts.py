"""The one place where what was raised becomes what is stored."""

import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.errors import ObservatoryError, VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Json
from electrum_observatory.net.connection import ReceivedLine
from electrum_observatory.net.deadline import Deadline
from electrum_observatory.scanner.storable import storable

JsonAttempt: TypeAlias = Attempt[Mapping[str, Json]]


async def attempted(
    work: Awaitable[Any], *, seconds: float | None, stage: Stage, on_timeout: FailureKind
) -> JsonAttempt:
    """Await a result dataclass and return how it ended.

    Args:
        work: What yields the result.
        seconds: Deadline of the whole of it; None where the work has its own.
        stage: Where it breaks, should the deadline or a bug break it.
        on_timeout: The kind that the deadline is recorded as.

    Raises:
        asyncio.CancelledError: Cancellation is the caller's to record and to pass on.
    """
    try:
        with Deadline(seconds):
            return Attempt.completed(storable(await work))
    except TimeoutError:
        return Attempt.failed(stage, on_timeout, "" if seconds is None else not_done_within(seconds))
    except Exception as error:  # noqa: BLE001  a bug of ours must never look like a strange server
        return failed_attempt(error, stage=stage)


def failed_attempt(error: Exception, *, stage: Stage) -> JsonAttempt:
    """Return what an exception of a probe comes to; ``stage`` is where it breaks, should it be a bug."""
    if isinstance(error, VisitError):
        return Attempt.failed(error.failure.stage, error.failure.kind, error.failure.detail)
    return bug_attempt(error, stage=stage)


def not_done_within(seconds: float) -> str:
    """Say that a deadline was not kept."""
    return f"not done within {seconds:g} s"


def bug_detail(error: BaseException) -> str:
    """Name an unforeseen exception and the line it rose from."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{where}: {' '.join(str(error).split())[:200]}"


def trouble_of(take: Callable[[ReceivedLine], None], line: ReceivedLine, *, stage: Stage) -> VisitError | None:
    """Return what goes wrong when a line is taken; inside the loop's callback a bug would look like a lost connection.

    ``stage`` is where it breaks, should it be a bug.
    """
    try:
        take(line)
    except VisitError as error:
        return error
    except Exception as error:  # noqa: BLE001  see above
        return VisitError(stage, FailureKind.BUG_IN_OBSERVATORY, bug_detail(error))
    return None


def bug_attempt(error: Exception, *, stage: Stage) -> JsonAttempt:
    """Return the attempt that an unforeseen exception outside any probe comes to."""
    return Attempt.failed(stage, FailureKind.BUG_IN_OBSERVATORY, bug_detail(error))


def cause_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the one exception worth raising of a group: a named one of ours if there is any."""
    leaves = [cause_of(one) if isinstance(one, BaseExceptionGroup) else one for one in group.exceptions]
    return next((one for one in leaves if isinstance(one, ObservatoryError)), leaves[0])
