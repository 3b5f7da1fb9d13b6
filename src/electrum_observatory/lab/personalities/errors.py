"""The one way a method handler says no: a code, a text, and whether the program hangs up after saying so."""

ESTIMATION_DISABLED = "Fee estimation disabled"
"""What bitcoind says where it takes blocks only (``rpc/fees.cpp``)."""


class MethodError(Exception):
    """A JSON-RPC error reply.

    Attributes:
        code: As the program numbers it; None where the program's errors are bare strings.
        message: The text, to the byte.
        disconnect: Whether the connection ends after the reply.
    """

    def __init__(self, code: int | None, message: str, *, disconnect: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.disconnect = disconnect
