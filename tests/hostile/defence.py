"""A defence, and how a scanner child is deprived of it."""

import importlib
import inspect
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
        """Put the replacement in its place, in this process and for good. Raises as :meth:`fits` does."""
        self.fits()
        setattr(*self._place(), self.replacement)

    def fits(self) -> None:
        """See that the replacement could take the place of what is there now, so that no mutant dies of its own fault.

        Raises:
            AttributeError: There is nothing of that name: the defence has moved.
            TypeError: It is called in another way than its replacement.
        """
        present = getattr(*self._place())
        if not inspect.isfunction(present):
            return
        wanted = inspect.signature(present).parameters.values()
        by_place = [None for one in wanted if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
        by_name = {one.name: None for one in wanted if one.kind is one.KEYWORD_ONLY}
        inspect.signature(self.replacement).bind(*by_place, **by_name)

    def _place(self) -> tuple[Any, str]:
        module, _, path = self.target.partition(":")
        *owners, name = path.split(".")
        holder: Any = importlib.import_module(module)
        for owner in owners:
            holder = getattr(holder, owner)
        return holder, name
