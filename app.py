"""Starts the pages; no decisions in it."""

from __future__ import annotations

import sys

from assistant import AssistantError, Settings
from assistant.pages.server import serve


def main() -> int:
    """Serve until stopped; an error of ours is one line on standard error."""
    try:
        serve(Settings.from_environment())
    except AssistantError as error:
        print(f"app: {error}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
