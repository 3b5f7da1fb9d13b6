"""A place look-up that knows nothing: for whoever compares addresses and asks no table where they lie."""

from electrum_observatory.model.place import Place


class Nowhere:
    """Implements ``datasets.facts.PlaceLookup``."""

    attribution: tuple[str, ...] = ()
    data_date = ""

    def look_up(self, address: str) -> Place:  # noqa: ARG002 (the protocol's parameter)
        """Return a place of nothing but None."""
        return Place()
