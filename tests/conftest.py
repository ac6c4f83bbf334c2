"""What the tests of the pages share: one served application and one browser a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import Served, chromium, served
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """The application with the default settings."""
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with chromium() as found:
        yield found
