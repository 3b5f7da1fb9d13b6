"""The jobs that run beside the owner of a scan, by kind, so that each kind can be counted and cut short."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

Job = Coroutine[Any, Any, None]


class Crew:
    """Starts jobs in a task group; however a job ends, the owner hears of it.

    Attributes:
        readers: Sources being read.
        lookups: Names being looked up.
        visits: Conversations under way.
        commits: The batch that is being committed, if any.
        beside: Helpers without end of their own (cooling machines, the lag meter); nobody waits for them.
    """

    def __init__(self, tasks: asyncio.TaskGroup, post: Callable[[Callable[[], None]], None]) -> None:
        """Take the task group, and how the owner is told."""
        self.readers: set[asyncio.Task[None]] = set()
        self.lookups: set[asyncio.Task[None]] = set()
        self.visits: set[asyncio.Task[None]] = set()
        self.commits: set[asyncio.Task[None]] = set()
        self.beside: set[asyncio.Task[None]] = set()
        self._tasks = tasks
        self._post = post

    @property
    def busy(self) -> bool:
        """Whether anything runs that may still tell something new."""
        return bool(self.readers or self.lookups or self.visits)

    def start(self, among: set[asyncio.Task[None]], job: Job, ended: Callable[[], None] = lambda: None) -> None:
        """Start a job; ``ended`` is posted to the owner when it is over, also when it was cancelled before it began."""

        def over(task: asyncio.Task[None]) -> None:
            among.discard(task)
            self._post(ended)

        task = self._tasks.create_task(job)
        among.add(task)
        task.add_done_callback(over)

    @staticmethod
    def cancel(*kinds: set[asyncio.Task[None]]) -> None:
        """Cut jobs short."""
        for kind in kinds:
            for task in kind:
                task.cancel()
