"""How machines are called. Only reserved endings (RFC 2606, RFC 6761) occur, so that nobody's own name ever does."""

import random
from collections.abc import Mapping

_WORDS = """
    acorn alder amber anchor aspen badger barley basil beacon birch bramble brook canary cedar cinder clover
    cobalt comet copper coral cypress dahlia delta drift ember falcon fennel fern finch flint fox gale garnet
    ginger glade granite grove harbor hazel heron holly indigo iris ivory jasper juniper kelp kestrel larch
    lark laurel lemon lilac linden lotus lynx maple marble marten meadow merlin mint moss nectar nettle north
    oak olive onyx orchid osprey otter pebble pine plover poplar quail quartz quince raven reed robin rowan
    saffron sage salmon sequoia shale sorrel sparrow spruce sumac swift tansy teal thistle thyme tundra umber
    violet walnut willow wren yarrow zephyr
"""

_ONION_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


class NameBook:
    """Hands out names; remembers which are taken."""

    def __init__(self, rng: random.Random) -> None:
        self._words = _WORDS.split()
        rng.shuffle(self._words)
        self._used_words = 0
        self._taken: set[str] = set()

    def word(self) -> str:
        """Return the next word of the world; after the last one they come again with a number."""
        turn, index = divmod(self._used_words, len(self._words))
        self._used_words += 1
        return self._words[index] if turn == 0 else f"{self._words[index]}{turn + 1}"

    def name(self, pattern: str, values: Mapping[str, object]) -> str:
        """Fill a pattern; a name that is taken gets a number before its first dot."""
        wanted = pattern.format_map(values).lower()
        name, tries = wanted, 1
        while name in self._taken:
            tries += 1
            head, _, rest = wanted.partition(".")
            name = f"{head}-{tries}.{rest}"
        self._taken.add(name)
        return name


def onion(rng: random.Random) -> str:
    """Return a made-up version 3 onion name. Nobody holds its key: its checksum is random."""
    return "".join(rng.choice(_ONION_ALPHABET) for _ in range(56)) + ".onion"


def provider_pointer(address: str, provider: str) -> str:
    """Return what the provider's reverse DNS would say of an address that its customer left alone."""
    return f"static-{address.replace('.', '-').replace(':', '-').strip('-')}.{provider}.example"
