"""A name server that answers differently each time it is asked: what a rebinding name does."""

from collections.abc import Mapping, Sequence

from electrum_observatory.net.resolve import Resolver


class ShiftingNames:
    """Answers some names from lists of its own, one for each lookup and the last for good, and passes the rest on.

    Some addresses have pointers of its own as well; those stay.
    """

    def __init__(
        self,
        inner: Resolver,
        names: Mapping[str, Sequence[Sequence[str]]],
        pointers: Mapping[str, Sequence[str]],
    ) -> None:
        """Take who knows the rest."""
        self._inner = inner
        self._pointers = pointers
        self._answers = {host: list(answers) for host, answers in names.items()}

    async def addresses(self, host: str) -> tuple[str, ...]:
        """See :class:`Resolver`."""
        answers = self._answers.get(host)
        if answers is None:
            return await self._inner.addresses(host)
        return tuple(answers.pop(0) if len(answers) > 1 else answers[0])

    async def pointers(self, address: str) -> tuple[str, ...]:
        """See :class:`Resolver`."""
        own = self._pointers.get(address)
        return await self._inner.pointers(address) if own is None else tuple(own)
