"""Tuned weights out of the served ONNX files: `python -m assistant.training.unpack MODELS OUT`.

The other way round from `assemble`: what is in the repository is enough to train further
(`tune.py --start OUT`). The numbers are the stored ones, so that nothing is lost on the way.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from assistant.training.assemble import HEADS

_LAYER = re.compile(r"^/(transformer/encoder/layer\.\d+/(?:attention/self/(?:query|key|value)|.*dense)|head)/MatMul$")


def weights(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of one model under the names that `tune.read` knows."""
    graph = onnx.load(str(path), load_external_data=False).graph
    stored = {t.name: t for t in graph.initializer}
    found: dict[str, NDArray[Any]] = {}
    for name, tensor in stored.items():
        if name.startswith(("transformer.encoder.", "head.")):
            found[name] = numpy_helper.to_array(tensor)
    for node in graph.node:
        match = _LAYER.match(node.name) if node.op_type == "MatMul" else None
        if match:
            name = match[1].replace("/", ".") + ".weight"
            found[f"{name}.int8"] = numpy_helper.to_array(stored[f"{node.input[1]}.int8"]).T
            found[f"{name}.scale"] = numpy_helper.to_array(stored[f"{node.input[1]}.scale"])
    return found


def main(arguments: list[str]) -> int:
    """Unpack every model that stands in MODELS; returns the exit status."""
    models, out = Path(arguments[0]), Path(arguments[1])
    out.mkdir(parents=True, exist_ok=True)
    for name in HEADS:
        if (models / f"{name}.onnx").exists():
            np.savez_compressed(out / f"{name}.npz", **weights(models / f"{name}.onnx"))
            print(f"{name}.npz", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
