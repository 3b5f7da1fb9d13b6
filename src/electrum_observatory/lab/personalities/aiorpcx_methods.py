"""How aiorpcX calls a method: it counts and names the arguments first (``handler_invocation``)."""

from collections.abc import Callable
from dataclasses import dataclass

from electrum_observatory.lab.personalities.aiorpcx_requests import INVALID_ARGUMENTS
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.model.observation import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One handler and its signature.

    Attributes:
        call: Takes the arguments; the last keyword ``at`` is the time. Raises MethodError.
        required: Names of the arguments that must be given, in order.
        optional: Names of those that may.
        variadic: Whether anything more is taken and ignored.
    """

    call: Callable[..., Json]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    variadic: bool = False

    def invoke(self, name: str, arguments: list[Json] | dict[str, Json], at: float) -> Json:
        """Call with what a client sent. Raises MethodError."""
        if isinstance(arguments, dict):
            self._check_names(name, arguments)
            known = (argument for argument in (*self.required, *self.optional) if argument in arguments)
            return self.call(**{argument: arguments[argument] for argument in known}, at=at)
        self._check_count(name, len(arguments))
        return self.call(*arguments[: len(self.required) + len(self.optional)], at=at)

    def _check_count(self, name: str, given: int) -> None:
        plural = "" if given == 1 else "s"
        if given < len(self.required):
            text = f'{given} argument{plural} passed to method "{name}" but it requires {len(self.required)}'
            raise MethodError(INVALID_ARGUMENTS, text)
        most = len(self.required) + len(self.optional)
        if given > most and not self.variadic:
            text = f"{given} argument{plural} passed to method {name} taking at most {most}"
            raise MethodError(INVALID_ARGUMENTS, text)

    def _check_names(self, name: str, given: dict[str, Json]) -> None:
        missing = sorted(set(self.required) - set(given))
        if missing:
            raise MethodError(INVALID_ARGUMENTS, f'method "{name}" requires {_parameters(missing)}')
        excess = sorted(set(given) - set(self.required) - set(self.optional))
        if excess and not self.variadic:
            raise MethodError(INVALID_ARGUMENTS, f'method "{name}" does not take {_parameters(excess)}')


def _parameters(names: list[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"parameter{'' if len(names) == 1 else 's'} {quoted}"
