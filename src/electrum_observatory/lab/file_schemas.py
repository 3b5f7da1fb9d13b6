"""JSON Schemas of the files around a lab: the world it is made from, and what it writes while it runs.

Made from the dataclasses by ``scripts/generate-schemas`` and checked in under ``schemas/lab/``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from electrum_observatory.bitcoin.reference import ChainReference
from electrum_observatory.lab import truth, world_file
from electrum_observatory.lab.world_options import CLOSED
from electrum_observatory.model.observation import Json
from electrum_observatory.net import overlay

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_Port = Annotated[int, Field(ge=1, le=65535)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayFile:
    """overlay.json: public identities in front of the sockets of a running lab.

    Attributes:
        schema_version: 1.
        name: Name of the world.
        sockets: Rows of identity address, port, loopback address, port.
        silent: Identity addresses of hosts that drop every packet.
        names: Host name to its identity addresses.
        pointers: Identity address to its reverse DNS names.
        time_scale: How many seconds of world time pass in a second.
        reference: What is known beforehand of the world's chain.
    """

    __pydantic_config__ = CLOSED
    schema_version: Literal[1]
    name: str
    sockets: list[tuple[str, _Port, str, _Port]]
    silent: list[str]
    names: Mapping[str, list[str]]
    pointers: Mapping[str, list[str]]
    time_scale: Annotated[float, Field(gt=0)]
    reference: ChainReference | None = None


def file_schemas() -> dict[str, Json]:
    """Return every schema by the stem of its file."""
    return {
        "world": world_file.json_schema(),
        "overlay": _overlay_schema(),
        "truth": _truth_schema(),
    }


def _overlay_schema() -> dict[str, Any]:
    schema = TypeAdapter(OverlayFile).json_schema()
    schema["properties"]["schema_version"]["const"] = overlay.SCHEMA_VERSION
    return {"$schema": _DRAFT, **schema}


def _truth_schema() -> dict[str, Any]:
    schema = TypeAdapter(truth.Truth).json_schema(mode="serialization")
    version = {"const": truth.SCHEMA_VERSION, "title": "Schema Version", "type": "integer"}
    schema["properties"] = {"schema_version": version, **schema["properties"]}
    schema["required"] = ["schema_version", *schema["required"]]
    for part in (schema, *schema["$defs"].values()):
        if "properties" in part:
            part["additionalProperties"] = False
    return {"$schema": _DRAFT, **schema}
