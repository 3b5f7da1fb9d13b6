"""The table that closes every test run."""

import pytest

pytest_plugins = ["pytester"]


def test_each_folder_is_named_with_its_tests(pytester: pytest.Pytester) -> None:
    for folder in ("near", "far"):
        pytester.makepyfile(**{f"{folder}/test_{folder}": "def test_one(): pass\ndef test_two(): pass"})

    result = pytester.runpytest("-p", "no:asyncio", "-p", "tests.plugins.folder_times")

    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*time of each test folder*", "*2 tests  far", "*2 tests  near", "*4 tests  in all"])
