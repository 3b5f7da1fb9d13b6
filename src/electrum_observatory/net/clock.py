"""The one real clock."""

import asyncio
import time
import uuid
from pathlib import Path

_BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")


def _read_boot_id() -> str:
    try:
        return _BOOT_ID_FILE.read_text(encoding="ascii").strip()
    except OSError:
        # No such file outside Linux. A process-unique id is weaker but never wrong: it claims nothing of other runs.
        return f"process-{uuid.uuid4()}"


class SystemClock:
    """The system's clocks. A time scale shortens waits, never the time that is told.

    Attributes:
        time_scale: Divides every wait; 1 with real servers.
    """

    def __init__(self, time_scale: float = 1.0) -> None:
        """Take the time scale of the world that is measured. Raises ValueError unless it is positive."""
        if time_scale <= 0:
            raise ValueError(f"time scale {time_scale} is not positive")
        self.time_scale = time_scale
        self._boot_id = _read_boot_id()

    @property
    def boot_id(self) -> str:
        """Names the boot whose monotonic clock this is."""
        return self._boot_id

    def now_us(self) -> int:
        """UTC, microseconds since the epoch."""
        return time.time_ns() // 1_000

    def monotonic_ns(self) -> int:
        """Monotonic nanoseconds since an arbitrary instant of the boot."""
        return time.monotonic_ns()

    def slept_ns(self) -> int:
        """Nanoseconds for which the machine has been suspended since its boot; 0 where the system does not tell."""
        if not hasattr(time, "CLOCK_BOOTTIME"):  # no such clock outside Linux
            return 0
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns()

    async def sleep(self, seconds: float) -> None:
        """Wait ``seconds`` of the world."""
        await asyncio.sleep(seconds / self.time_scale)
