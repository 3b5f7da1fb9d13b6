"""Where on the stage everybody stands: names and public addresses of the acts and of the honest neighbour."""

from electrum_observatory.lab.hostile.registry import HOSTILE

NEIGHBOUR = "neighbour.example"
NEIGHBOUR_ADDRESS = "88.198.7.9"
_PER_BLOCK = 100


def host_of(act: str) -> str:
    """Return the host name of an act's machine."""
    return f"{act.replace('_', '-')}.example"


def address_of(act: str) -> str:
    """Return the public address of an act's machine; each has a /16 of its own."""
    block, low = divmod(list(HOSTILE).index(act), _PER_BLOCK)
    return f"{45 + block}.{100 + low}.7.9"


def crowd_of(act: str, number: int) -> list[str]:
    """Return the host names of the further machines that play an act."""
    return [f"{act.replace('_', '-')}-{index + 1}.example" for index in range(number)]
