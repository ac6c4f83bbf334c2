"""Average tuned weights: `python -m assistant.training.average OUT.npz ONE.npz OTHER.npz ...`.

A model that went on and the one that it started from, averaged, keep most of what either knows
(Wortsman et al., 2022, "Model soups").
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from assistant.training.tune import read, store


def main(arguments: list[str]) -> int:
    """Write the average; returns the exit status."""
    out, *folders = map(Path, arguments)
    found = [read(path) for path in folders]
    mean = {name: torch.stack([one[name] for one in found]).mean(0) for name in found[0]}
    store(mean, out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
