"""File descriptors: every connection costs one, and the soft limit that systems start us with is low."""

import resource
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptorLimit:
    """What the system lets this process open.

    Attributes:
        before: The soft limit as we found it.
        now: The soft limit that holds now: so many files and connections at once.
        hard: The most that this user may have without the administrator's help.
    """

    before: int
    now: int
    hard: int


def descriptor_limit() -> DescriptorLimit:
    """Return the limits as they are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return DescriptorLimit(before=soft, now=soft, hard=hard)


def raise_descriptor_limit() -> DescriptorLimit:
    """Raise the soft limit to the hard one, as any process may for itself, and return the numbers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return DescriptorLimit(before=soft, now=soft, hard=hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):
        # Some systems report a hard limit that they do not grant; then the soft one stays, and the numbers say so.
        return DescriptorLimit(before=soft, now=soft, hard=hard)
    return DescriptorLimit(before=soft, now=hard, hard=hard)
