"""Parameters to and from PyTorch, which is imported only where it is needed."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np

from . import safetensors
from .errors import MetaMapError
from .model import Model


def state_dict(model: Model) -> dict:
    """The parameters of a model as tensors, for ``module.load_state_dict`` of a module with the same names.

    An adapted model's batch norms have their statistics as ``normI.running_mean`` and ``normI.running_var``. Needs PyTorch.
    """
    import torch

    tensors = {name: torch.from_numpy(np.array(values)) for name, values in model.parameters.items()}
    norms = [name.removesuffix(".weight") for name in tensors if name.startswith("norm") and name.endswith(".weight")]
    for norm, (mean, variance) in zip(norms, model.statistics or []):
        tensors[f"{norm}.running_mean"] = torch.from_numpy(np.array(mean))
        tensors[f"{norm}.running_var"] = torch.from_numpy(np.array(variance))
    return tensors


def save_parameters(path: str | os.PathLike, parameters: Mapping, names: Mapping[str, str] | None = None) -> None:
    """Writes parameters (a PyTorch ``state_dict``, or arrays by name) as a file that a run starts from with ``--init``.

    ``names`` renames modules: ``{"encoder.0": "conv1"}`` makes ``encoder.0.weight`` ``conv1.weight``. What is no parameter
    (``running_mean``, ``running_var``, ``num_batches_tracked``) is left out.
    """
    names = names or {}
    tensors = {}
    for name, values in parameters.items():
        module, _, parameter = name.rpartition(".")
        if parameter in ("running_mean", "running_var", "num_batches_tracked"):
            continue
        if module in names:
            name = f"{names[module]}.{parameter}"
        if name in tensors:
            raise MetaMapError(f"two parameters would be named {name}: correct names")
        # bfloat16 is nothing that numpy knows.
        tensors[name] = values.detach().cpu().float().numpy() if hasattr(values, "detach") else np.asarray(values)
    if unknown := sorted(set(names) - {name.rpartition(".")[0] for name in parameters}):
        raise MetaMapError(f"there is no module {', '.join(unknown)} to rename, only {', '.join(sorted({name.rpartition('.')[0] for name in parameters}))}")
    safetensors.write(path, tensors)
