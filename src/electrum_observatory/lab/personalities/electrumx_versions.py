"""Protocol versions as ElectrumX reads and compares them (``lib/util.py`` ``protocol_tuple``, ``protocol_version``)."""

from electrum_observatory.model.observation import Json

Version = tuple[int, ...]

PROTOCOL_MIN: Version = (1, 4)


def negotiate(asked: Json, server_max: Version) -> Version | None:
    """Return the highest version that both speak; None where there is none. ``asked`` None is a client of 1.4."""
    if asked is None:
        client_min = client_max = PROTOCOL_MIN
    elif isinstance(asked, list) and len(asked) == 2:
        client_min, client_max = version_tuple(asked[0]), version_tuple(asked[1])
    else:
        client_min = client_max = version_tuple(asked)
    # Tuples compare as they are: 1.6 of a client is below 1.6.0 of the server, and is what is echoed.
    highest = min(client_max, server_max)
    return highest if highest >= max(client_min, PROTOCOL_MIN) else None


def version_tuple(text: Json) -> Version:
    """Return (0,) for whatever is no dotted number."""
    if not isinstance(text, str):
        return (0,)
    try:
        return tuple(int(part) for part in text.split("."))
    except ValueError:
        return (0,)


def dotted(version: Version) -> str:
    """Write with all its parts: (1, 6, 0) is "1.6.0"."""
    return ".".join(str(part) for part in version)
