"""Exit codes, and the one place where an exception becomes one (design: the same meaning for every command)."""

from enum import IntEnum

from electrum_observatory.model.errors import InputError, ObservatoryError, StoreError, UsageError


class Exit(IntEnum):
    """What the shell is told."""

    DONE = 0
    OUR_BUG = 1
    USAGE = 2
    UNREADABLE_INPUT = 3
    NOTHING_ANSWERED = 4
    DATA_FOLDER = 5
    PARTIAL = 6
    INTERRUPTED = 130


_BY_ERROR: tuple[tuple[type[ObservatoryError], Exit], ...] = (
    (UsageError, Exit.USAGE),
    (InputError, Exit.UNREADABLE_INPUT),
    (StoreError, Exit.DATA_FOLDER),
)


def exit_for(error: ObservatoryError) -> Exit:
    """Return the exit code of an error that reached the top."""
    for family, code in _BY_ERROR:
        if isinstance(error, family):
            return code
    return Exit.OUR_BUG
