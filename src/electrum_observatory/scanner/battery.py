"""One connection of a battery visit: dial, shake hands, put the questions, keep every byte of both sides.

What was answered afterwards tells whether a server was silent by choice, and what closed a connection; so the outcomes
are noted when the connection is over. Whatever was not put is noted as such, with the reason.
"""

import asyncio
from dataclasses import dataclass

from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.ports import Clock
from electrum_observatory.net.connection import Connection
from electrum_observatory.net.deadline import Deadline
from electrum_observatory.protocol.limits import JsonLimits
from electrum_observatory.scanner.attempts import JsonAttempt, failed_attempt, not_done_within
from electrum_observatory.scanner.behaviour import Opening, Subject
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.conversation import Conversation, ConversationLimits
from electrum_observatory.scanner.notebook import Moment, Notebook
from electrum_observatory.scanner.packing import PlannedConnection
from electrum_observatory.scanner.ports import Dialing
from electrum_observatory.scanner.probes import opening as opening_probe
from electrum_observatory.scanner.sheet import Share, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One connection that is to be made.

    Attributes:
        share: Which connection of which visit it is, and what it may cost.
        planned: What to put on it.
        refuses_ranges: Whether the server was seen to refuse a range of versions.
        legacy_tls: Allow old TLS: the routine visit needed it.
    """

    share: Share
    planned: PlannedConnection
    refuses_ranges: bool = False
    legacy_tls: bool = False

    @property
    def opening(self) -> Opening:
        """How the connection will begin."""
        plainly = self.refuses_ranges and self.planned.opening is Opening.RANGE
        return Opening.PLAIN if plainly else self.planned.opening


class BatteryCaller:
    """Makes the connections of battery visits, one call each. Holds no state of a visit."""

    def __init__(self, *, dialer: Dialing, clock: Clock, config: ScanConfig, subject: Subject) -> None:
        self._dialer = dialer
        self._clock = clock
        self._deadlines = config.deadlines
        self._subject = subject
        self._limits = ConversationLimits(
            request_s=config.deadlines.request_s,
            silence_s=min(config.deadlines.silence_s, config.deadlines.request_s),
            messages=config.caps.messages_per_session,
            bytes_per_probe=config.caps.bytes_per_probe,
            json=JsonLimits(
                depth=config.caps.json_depth, members=config.caps.json_members, digits=config.caps.number_digits
            ),
        )

    async def call(self, notebook: Notebook, call: Call) -> None:
        """Make the connection to the notebook's endpoint; every outcome is noted there."""
        began = notebook.moment()
        try:
            connection = await self._dial(notebook, call)
        except asyncio.CancelledError:
            attempt: JsonAttempt = Attempt.failed(Stage.CONNECT, FailureKind.CANCELLED)
            notebook.conclude(opening_probe.PROBE_ID, opening_probe.VERSION, attempt, began)
            raise
        except (VisitError, TimeoutError) as error:
            attempt = _failed_dial(error, self._deadlines.dial_s)
            notebook.conclude(opening_probe.PROBE_ID, opening_probe.VERSION, attempt, began)
            for probe in call.planned.probes:
                words = f"the connection for it failed: {attempt.failure.kind if attempt.failure else ''}"
                notebook.note(probe.id, probe.version, Attempt.not_scheduled(words))
            return
        await self._converse(connection, notebook, call, began)

    async def _dial(self, notebook: Notebook, call: Call) -> Connection:
        with Deadline(self._deadlines.dial_s):
            return await self._dialer.connect(notebook.endpoint, legacy_tls=call.legacy_tls)

    async def _converse(self, connection: Connection, notebook: Notebook, call: Call, began: Moment) -> None:
        conversation = Conversation(connection, self._clock, self._limits)
        notebook.replies_heard = conversation.answered
        words = f"a conversation of more than {self._deadlines.battery_s:g} s"
        expiry = asyncio.get_running_loop().call_later(
            self._deadlines.battery_s,
            conversation.fail,
            VisitError(Stage.REQUEST, FailureKind.SESSION_TIMEOUT, words),
        )
        sheet = Sheet(
            conversation=conversation,
            notebook=notebook,
            subject=self._subject,
            share=call.share,
        )
        try:
            connection.hand_over(conversation)
            await sheet.open(call.opening, began)
            for probe in call.planned.probes:
                await sheet.put(probe)
        except asyncio.CancelledError:
            sheet.cancelled = True
            raise
        finally:
            expiry.cancel()
            sheet.note_all()
            connection.abort()


def _failed_dial(error: Exception, seconds: float) -> JsonAttempt:
    if isinstance(error, TimeoutError):
        return Attempt.failed(Stage.CONNECT, FailureKind.CONNECT_TIMEOUT, not_done_within(seconds))
    return failed_attempt(error, stage=Stage.CONNECT)
