"""Prints how long each test folder took, so that the slow ones are seen. Nothing fails on time.

The sum of set-up, test and tear-down as reported by the tests themselves. A fixture that lasts a whole session counts
where it was first used.
"""

from collections import defaultdict
from pathlib import PurePosixPath

import pytest


class FolderTimes:
    """Adds up the reports of one run, folder by folder."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.tests: defaultdict[str, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        folder = str(PurePosixPath(report.nodeid.partition("::")[0]).parent)
        self.seconds[folder] += report.duration
        self.tests[folder].add(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.seconds:
            return
        terminalreporter.section("time of each test folder")
        for folder, seconds in sorted(self.seconds.items()):
            terminalreporter.write_line(f"{seconds:8.1f} s  {len(self.tests[folder]):5d} tests  {folder}")
        total = sum(len(tests) for tests in self.tests.values())
        terminalreporter.write_line(f"{sum(self.seconds.values()):8.1f} s  {total:5d} tests  in all")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(FolderTimes(), "folder_times")
