"""Store an ONNX encoder's weights as int8, one scale a row; computing stays in fp32.

Weights become DequantizeLinear nodes over int8 tensors (symmetric, per output channel or, for the
embedding table, per token). Activations are never quantised: a text's result does not depend on
what else is in its batch.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_SMALLEST = 4096


def quantise(source: Path, target: Path) -> None:
    """Write `source` (fp32 ONNX) to `target` with its large weights as int8."""
    model = onnx.load(str(source))
    graph = model.graph
    kept, nodes = [], []
    for tensor in graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or weights.ndim != 2 or weights.size < _SMALLEST:
            kept.append(tensor)
            continue
        axis = 0 if weights.shape[0] > 4 * weights.shape[1] else 1
        scale = np.abs(weights).max(axis=1 - axis) / 127.0
        scale = np.where(scale == 0, 1.0, scale).astype(np.float32)
        shape = (-1, 1) if axis == 0 else (1, -1)
        small = np.clip(np.rint(weights / scale.reshape(shape)), -127, 127).astype(np.int8)
        name = tensor.name
        kept += [
            numpy_helper.from_array(small, f"{name}.int8"),
            numpy_helper.from_array(scale, f"{name}.scale"),
        ]
        nodes.append(
            helper.make_node(
                "DequantizeLinear", [f"{name}.int8", f"{name}.scale"], [name], axis=axis
            )
        )
    del graph.initializer[:]
    graph.initializer.extend(kept)
    body = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *body])
    part = target.with_suffix(".part")
    onnx.save(model, str(part))
    os.replace(part, target)
