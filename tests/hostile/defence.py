"""A defence, and how a scanner child is deprived of it."""

import importlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Defence:
    """One thing that keeps hostile servers harmless.

    Attributes:
        id: Its name on the command line of a mutation run.
        what: What it does, in words.
        target: Where it is: ``module:attribute`` or ``module:Class.attribute``.
        replacement: What stands there when it is switched off.
    """

    id: str
    what: str
    target: str
    replacement: Any

    def switch_off(self) -> None:
        """Put the replacement in its place, in this process and for good.

        Raises:
            AttributeError: There is nothing of that name: the defence has moved.
        """
        module, _, path = self.target.partition(":")
        *owners, name = path.split(".")
        holder: Any = importlib.import_module(module)
        for owner in owners:
            holder = getattr(holder, owner)
        getattr(holder, name)
        setattr(holder, name, self.replacement)
