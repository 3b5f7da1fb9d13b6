"""Defences in WebSocket: our own, and those of the library that we rely on."""

from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from tests.hostile.defence import Defence

_EXABYTE = 1 << 60


class OffersCompression(ClientProtocol):
    """What a client offers whose author copied the library's first example."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, extensions=[ClientPerMessageDeflateFactory()], **options)  # type: ignore[arg-type]


class TakesAnySize(ClientProtocol):
    """Without a cap on messages."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **{**options, "max_size": None})  # type: ignore[arg-type]


WEBSOCKET_DEFENCES: tuple[Defence, ...] = (
    Defence(
        id="http_line_cap",
        what="A line of an HTTP answer has a longest length (the library's).",
        target="websockets.http11:MAX_LINE_LENGTH",
        replacement=_EXABYTE,
    ),
    Defence(
        id="http_header_cap",
        what="An HTTP answer has so many headers at most (the library's).",
        target="websockets.http11:MAX_NUM_HEADERS",
        replacement=_EXABYTE,
    ),
    Defence(
        id="http_body_cap",
        what="The page of a refusal has a largest size (the library's).",
        target="websockets.http11:MAX_BODY_SIZE",
        replacement=_EXABYTE,
    ),
    Defence(
        id="no_compression_offered",
        what="No extension is offered, so none may be forced on us.",
        target="electrum_observatory.net.websocket:ClientProtocol",
        replacement=OffersCompression,
    ),
    Defence(
        id="reserved_bits_refused",
        what="A frame marked as compressed is refused where nothing was agreed on (the library's).",
        target="websockets.frames:Frame.check",
        replacement=lambda self: None,
    ),
    Defence(
        id="frame_cap",
        what="Frames that end no message are counted like lines.",
        target="electrum_observatory.net.limits:Meter.count_frames",
        replacement=lambda self, number, at_ns: None,
    ),
    Defence(
        id="frame_size_cap",
        what="A frame that announces more than the longest line is refused before it is read.",
        target="electrum_observatory.net.websocket:ClientProtocol",
        replacement=TakesAnySize,
    ),
)
