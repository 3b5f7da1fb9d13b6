"""Settings: a YAML profile, then the environment, then flags; the later wins, and nobody's typing error is ignored."""

import dataclasses
import ipaddress
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.cli.monitor_settings import MonitorSettings
from electrum_observatory.lab.yaml_lines import YamlLines
from electrum_observatory.model.errors import UsageError
from electrum_observatory.net.limits import ConnectionLimits, Deadlines
from electrum_observatory.scanner.config import ScanConfig

PROFILES = ("default", "aggressive", "fingerprinting", "lab")
_ENVIRONMENT = "OBSERVATORY_"
_CHECKOUT = Path(__file__).parents[3] / "experiments" / "config"
_INSTALLED = Path(__file__).parent / "profiles"

_LISTS = ("probes", "battery", "scripts")

_PLAIN_WORDS = {
    "vantage": "not a name of lower-case letters, digits and dashes, such as fra-1",
    "allow_private": "not a network such as 192.168.1.0/24",
}
"""What pydantic would say in its own terms."""


class Settings(BaseSettings):
    """Everything that may be set; ``experiments/config/default.yaml`` shows each with its meaning.

    In the environment: ``OBSERVATORY_VANTAGE=fra``, ``OBSERVATORY_SCAN__DEPTH=2``,
    ``OBSERVATORY_SCAN__BUDGETS__SPACING_S=30``.
    """

    model_config = SettingsConfigDict(
        env_prefix=_ENVIRONMENT,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
    )

    scan: ScanConfig = Field(default_factory=ScanConfig)
    connection: ConnectionLimits = Field(default_factory=ConnectionLimits)
    dialling: Deadlines = Field(default_factory=Deadlines)
    monitor: MonitorSettings = Field(default_factory=MonitorSettings)
    vantage: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$")] = "local"
    tor: str | None = None
    allow_private: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    opt_out: Path | None = None

    @field_validator("scan", "monitor", mode="before")
    @classmethod
    def _read_lists(cls, section: object) -> object:
        """Read the lists that came as text, from the environment: ``core,fees`` or ``["core","fees"]``."""
        if not isinstance(section, Mapping):
            return section
        return {name: _as_list(value) if name in _LISTS else value for name, value in section.items()}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic's signature)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flags, environment, file. The file comes in as the argument ``_file``."""
        assert isinstance(init_settings, InitSettingsSource)
        flags = dict(init_settings.init_kwargs)
        from_file = flags.pop("file_", {})
        return (
            InitSettingsSource(settings_cls, init_kwargs=flags),
            env_settings,
            InitSettingsSource(settings_cls, init_kwargs=from_file),
        )


def _as_list(value: object) -> object:
    if not isinstance(value, str):
        return value
    return [word for part in value.strip(" []").split(",") if (word := part.strip(" \"'"))]


def profile_path(name_or_path: str) -> Path:
    """Return the file of a profile's name, or the path itself. Raises UsageError where there is neither."""
    if name_or_path in PROFILES:
        for folder in (_CHECKOUT, _INSTALLED):
            if (folder / f"{name_or_path}.yaml").is_file():
                return folder / f"{name_or_path}.yaml"
    path = Path(name_or_path)
    if not path.is_file():
        raise UsageError(f"no profile {name_or_path!r}: give {', '.join(PROFILES)} or the path of a YAML file")
    return path


def load_settings(profile: str = "default", **flags: Any) -> Settings:
    """Read a profile, the environment and the flags (nested dictionaries of what a person gave, nothing else).

    Raises:
        UsageError: Naming the file and line, the variable or the flag that is wrong.
    """
    path = profile_path(profile)
    try:
        lines = YamlLines.read(path)
    except ValueError as error:
        raise UsageError(str(error)) from error
    values = lines.value or {}
    if not isinstance(values, Mapping):
        raise UsageError(f"{path}: not a mapping of settings")
    _refuse_unknown(lines, values, Settings, ())
    try:
        arguments: dict[str, Any] = {"file_": values, **flags}
        settings = Settings(**arguments)
    except ValidationError as error:
        raise UsageError(_explain(lines, error, flags)) from error
    for setting in _below_nought(settings):
        raise UsageError(f"{_where(lines, setting, flags)}: not a number of at least 0")
    if settings.scan.network not in NETWORKS:
        raise UsageError(f"no network {settings.scan.network!r}: known are {', '.join(NETWORKS)}")
    return settings


def settings_of(stored: Mapping[str, Any], **flags: Any) -> Settings:
    """Take settings that were stored with a campaign in place of a profile; what this version no longer knows is left.

    Raises:
        UsageError: A flag or a variable is wrong, or this version does not take a stored value any more.
    """
    try:
        arguments: dict[str, Any] = {"file_": _known(stored, Settings), **flags}
        return Settings(**arguments)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in _named(first["loc"]))
        raise UsageError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from error


def _known(values: Mapping[str, Any], shape: type[Any]) -> dict[str, Any]:
    known = _fields(shape)
    return {
        key: _known(value, known[key]) if isinstance(value, Mapping) and dataclasses.is_dataclass(known[key]) else value
        for key, value in values.items()
        if key in known
    }


def _refuse_unknown(lines: YamlLines, values: Mapping[str, Any], shape: type[Any], path: tuple[str, ...]) -> None:
    known = _fields(shape)
    for key, value in values.items():
        if key not in known:
            name = ".".join((*path, str(key)))
            raise UsageError(f"{lines.where((*path, key))}: unknown setting {name!r}; known here: {', '.join(known)}")
        if isinstance(value, Mapping) and dataclasses.is_dataclass(known[key]):
            _refuse_unknown(lines, value, known[key], (*path, key))


def _fields(shape: type[Any]) -> dict[str, Any]:
    if issubclass(shape, BaseSettings):
        return {name: info.annotation for name, info in shape.model_fields.items()}
    return {one.name: one.type for one in dataclasses.fields(shape)}


def _explain(lines: YamlLines, error: ValidationError, flags: Mapping[str, Any]) -> str:
    first = error.errors()[0]
    path = _named(first["loc"])
    name = ".".join(str(part) for part in path)
    if first["type"] == "unexpected_keyword_argument":  # the file's own were refused before
        beginning = _variable(path)
        found = [one for one in sorted(os.environ) if f"{one}__".upper().startswith(f"{beginning}__")]
        return f"{found[0] if found else beginning}: unknown setting {name!r}"
    words = _PLAIN_WORDS.get(str(path[0]), first["msg"].removeprefix("Value error, "))
    return f"{_where(lines, path, flags)}: {words}"


def _where(lines: YamlLines, path: tuple[int | str, ...], flags: Mapping[str, Any]) -> str:
    """Name a setting, after the variable or the line of the file that set it; of a flag the name is enough."""
    name = ".".join(str(part) for part in path)
    if _given(flags, path):
        return name
    return f"{_variable(path) if _variable(path) in os.environ else lines.where(path)}: {name}"


def _variable(path: tuple[int | str, ...]) -> str:
    return _ENVIRONMENT + "__".join(str(part).upper() for part in path)


def _below_nought(settings: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the settings that are numbers and not at least 0: times, sizes and counts all are."""
    for name in _fields(type(settings)):
        value = getattr(settings, name)
        if dataclasses.is_dataclass(value):
            yield from _below_nought(value, (*path, name))
        elif isinstance(value, int | float) and not value >= 0:
            yield (*path, name)


def _named(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Leave out of a location what pydantic adds for itself: the alternatives of a union."""
    return tuple(part for part in location if isinstance(part, int) or part.isidentifier())


def _given(flags: Mapping[str, Any], path: tuple[str | int, ...]) -> bool:
    value: Any = flags
    for part in path:
        if not isinstance(value, Mapping):
            return True
        if part not in value:
            return False
        value = value[part]
    return bool(path)
