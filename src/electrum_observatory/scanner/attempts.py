"""The one place where what was raised becomes what is stored."""

import asyncio
import traceback
from collections.abc import Awaitable, Mapping
from types import TracebackType
from typing import Any, TypeAlias

from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.errors import ObservatoryError, VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Json
from electrum_observatory.scanner.storable import storable

JsonAttempt: TypeAlias = Attempt[Mapping[str, Json]]


class Deadline:
    """``asyncio.timeout`` without its other features, at a quarter of its price: a visit has a dozen of them.

    As a context manager, cancels the task that entered it when the time is up, and then raises TimeoutError instead of
    the cancellation; a cancellation from outside passes.
    """

    __slots__ = ("_cancelling", "_expired", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float | None) -> None:
        """Take the time; None for ever."""
        self._seconds = seconds
        self._expired = False
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        """Begin to wait."""
        task = asyncio.current_task()
        assert task is not None, "only a task can be cut short"
        self._task = task
        self._cancelling = task.cancelling()
        if self._seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._expire)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop waiting. Raises TimeoutError where the time was up."""
        if self._timer is not None:
            self._timer.cancel()
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _expire(self) -> None:
        self._expired = True
        self._task.cancel()


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
    except VisitError as error:
        failure = error.failure
        return Attempt.failed(failure.stage, failure.kind, failure.detail)
    except TimeoutError:
        return Attempt.failed(stage, on_timeout, "" if seconds is None else f"not done within {seconds:g} s")
    except Exception as error:  # noqa: BLE001  a bug of ours must never look like a strange server
        return bug_attempt(error, stage=stage)


def bug_detail(error: BaseException) -> str:
    """Name an unforeseen exception and the line it rose from."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{where}: {' '.join(str(error).split())[:200]}"


def bug_attempt(error: Exception, *, stage: Stage) -> JsonAttempt:
    """Return the attempt that an unforeseen exception outside any probe comes to."""
    return Attempt.failed(stage, FailureKind.BUG_IN_OBSERVATORY, bug_detail(error))


def cause_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the one exception worth raising of a group: a named one of ours if there is any."""
    leaves = [cause_of(one) if isinstance(one, BaseExceptionGroup) else one for one in group.exceptions]
    return next((one for one in leaves if isinstance(one, ObservatoryError)), leaves[0])
