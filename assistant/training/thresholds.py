"""Write the thresholds that belong to the scope models beside them, with the files' hashes.

`python -m assistant.training.thresholds FOLDER name=value ...`; the values come from the held-out
figures in the model card.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from assistant.scope_encoder import ENCODER, STACK, THRESHOLDS, WORDS


def main(arguments: list[str]) -> int:
    """Write thresholds.json; returns the exit status."""
    folder = Path(arguments[0])
    values = {name: float(value) for name, value in (a.split("=") for a in arguments[1:])}
    names = [n for n in (WORDS, ENCODER, STACK) if (folder / n).exists()]
    digests = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in names}
    text = json.dumps({"thresholds": values, "files": digests}, indent=1)
    (folder / THRESHOLDS).write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
