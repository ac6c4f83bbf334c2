"""Draws docs/screenshots anew: `python tests/screenshots.py [part of a name]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import product
from pathlib import Path

from browsing import PHONE, WIDE, chromium, opened, served
from PIL import Image
from states import CHAT, DESK, State

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"


def pictures() -> Iterator[tuple[str, str, State, dict[str, int], str]]:
    """(file name, address, state, size, colour scheme) of every picture."""
    for path, states in (("/", CHAT), ("/desk", DESK)):
        for state, size, scheme in product(states, (WIDE, PHONE), ("light", "dark")):
            page = "chat" if path == "/" else "desk"
            name = f"{page}-{state.__name__}-{size['width']}-{scheme}.png"
            yield name, path, state, size, scheme


def save(picture: bytes, path: Path) -> None:
    """Keeps a picture with 128 colours, a third of its size; the pages have flat colours."""
    with Image.open(BytesIO(picture)) as image:
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    """All states at both sizes, light and dark, or those whose name holds the argument."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with served() as server, chromium() as browser:
        for name, path, state, size, scheme in pictures():
            if wanted not in name:
                continue
            page = opened(browser, server.url, path, size, scheme).page
            state(page)
            page.mouse.move(0, 0)
            save(page.screenshot(), FOLDER / name)
            page.context.close()


if __name__ == "__main__":
    main()
