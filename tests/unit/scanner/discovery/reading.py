"""Read a source to its end."""

import asyncio
from typing import Any

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.sighting import Sighting

BITCOIN = NETWORKS["bitcoin"]


def read(source: Any) -> list[Sighting]:
    async def collect() -> list[Sighting]:
        return [one async for one in source.sightings()]

    return asyncio.run(collect())


def spelled(sightings: list[Sighting]) -> list[str]:
    return [f"{one.transport}://{one.host}:{one.port}" for one in sightings]
