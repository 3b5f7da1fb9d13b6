"""Debian's Chromium, driven headless and cut off from every network."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")  # while it is open its event loop runs, and no test elsewhere could start one
def chromium():
    path = shutil.which("chromium")
    assert path is not None, "the browser tests need Debian's chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_QUIET))
        yield browser
        browser.close()
