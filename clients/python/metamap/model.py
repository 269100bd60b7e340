"""Model files: what ``metamap train`` and ``metamap adapt --out`` write."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from . import networks, safetensors
from .errors import MetaMapError
from .inputs import Inputs
from .layers import BatchNorm, linear, softmax, unit_length

Statistics = Sequence["tuple[np.ndarray, np.ndarray]"]

_OF_TASK = ("batch_norm.", "modulation", "skip.weight")  # beside the network, in adapted models


@dataclass(frozen=True)
class Model:
    """A meta-model, or one that was adapted to somebody's examples, and what is known of it."""

    run_id: str
    version: int
    """Committed iterations of the run."""
    options: Mapping[str, object]
    """Those of the run, as in its ``config.json``."""
    inputs: Inputs
    """How examples become inputs of the network."""
    labels: tuple[str, ...]
    """What the outputs of an adapted model stand for; empty for a meta-model, and where values are predicted."""
    parameters: Mapping[str, np.ndarray]
    """Float32, in the order of the file; of a meta-model also what its algorithm has learned beside the network."""
    statistics: Statistics | None = None
    """Of an adapted model: mean and variance of each batch norm, over the examples that it was adapted to."""
    modulation: np.ndarray | None = field(default=None, repr=False)
    skip_weight: np.ndarray | None = field(default=None, repr=False)
    unit_features: bool = False
    is_adapted: bool = False

    def features(self, inputs: np.ndarray, statistics: Statistics | None = None) -> np.ndarray:
        """The feature map f: [inputs, features] of inputs in the model's own form (``model.inputs(examples)``).

        Batch norm uses ``statistics``, or those of the file, or, as in training, those of these inputs, which see each other then.
        """
        return self._features(inputs, statistics)[0]

    def statistics_of(self, inputs: np.ndarray) -> Statistics:
        """Mean and (biased) variance of each batch norm over some inputs, such as a support set."""
        return self._features(inputs, None)[1]

    def logits(self, inputs: np.ndarray, statistics: Statistics | None = None) -> np.ndarray:
        """The network's outputs [inputs, outputs]: logits, or values in the units of training (``predict`` gives those of the files)."""
        weights = self._network()
        if "head.weight" not in weights:
            raise MetaMapError(f"a model of {self.options['algorithm']} has no head of its own: give adapt() a few examples of each label")
        features = self.features(inputs, statistics)
        outputs = linear(unit_length(features) if self.unit_features else features, weights["head.weight"], weights["head.bias"])
        if self.skip_weight is None:
            return outputs
        return outputs + networks.skip(self.network, weights, inputs) @ self.skip_weight.reshape(outputs.shape[1], -1).T

    def predict(self, examples: Sequence) -> list[dict]:
        """Labels examples as ``metamap predict`` and the service do: ``{"label": …, "probabilities": {…}}``, or ``{"value": …}``.

        ``examples`` are what ``model.inputs`` takes. The model must be adapted.
        """
        if not self.is_adapted:
            raise MetaMapError("this is a meta-model, which knows no labels: use adapt(), metamap adapt --out, or Client.adapt() first")
        outputs = self.logits(self.inputs(examples))
        if not self.labels:
            return [{"value": float(value)} for value in self.inputs.target(outputs)[:, 0]]
        return [
            {"label": self.labels[int(row.argmax())], "probabilities": dict(zip(self.labels, map(float, row)))} for row in softmax(outputs)
        ]

    def adapt(self, support: Mapping[str, Sequence]) -> Model:
        """The model for some labels, by a few examples of each, where that is a closed form: ``protonet``, ``feature-offset`` and supervised models.

        Other algorithms have an inner loop of gradients: ``metamap adapt`` and ``Client.adapt`` run it.
        """
        algorithm = self.options["algorithm"]
        is_cosine = algorithm == "protonet" and self.options.get("distance") == "cosine"
        ridge = {"protonet": 0.0, "supervised": 0.01, "feature-offset": self.options.get("offset_ridge")}.get(algorithm)
        if self.is_adapted or self.inputs.target_length > 0 or ridge is None:
            what = "an adapted model" if self.is_adapted else f"a model of {algorithm} on {self.options['dataset']}"
            raise MetaMapError(f"{what} has no closed form to adapt by here: use metamap adapt or Client.adapt() with the meta-model")
        labels = tuple(sorted(support))
        counts = np.array([len(support[label]) for label in labels], np.float32)[:, None]
        if len(labels) < 2 or not counts.all():
            raise MetaMapError(f"there are {len(labels)} labels with examples {counts.ravel().astype(int).tolist()}: give two or more labels with one or more examples each")
        features, statistics = self._features(np.concatenate([self.inputs(support[label]) for label in labels]), None)
        ends = np.cumsum(counts).astype(int)[:-1]
        prototypes = np.stack([rows.sum(0) for rows in np.split(features, ends)]) / (counts + np.float32(ridge))
        # -|f - p|² and 2 p·f - |p|² have the same probabilities.
        weight = unit_length(prototypes) * np.exp(self.parameters["cosine.log-scale"]) if is_cosine else 2 * prototypes
        bias = np.zeros(len(labels), np.float32) if is_cosine else -np.square(prototypes).sum(1)
        body = {name: values for name, values in self._network().items() if name not in ("cosine.log-scale", "head.weight", "head.bias")}
        return replace(
            self, labels=labels, parameters={**body, "head.weight": weight, "head.bias": bias}, statistics=statistics, unit_features=is_cosine, is_adapted=True
        )

    @property
    def network(self) -> str:
        """The network's name, such as ``conv4``."""
        return str(self.options["model"])

    def _network(self) -> Mapping[str, np.ndarray]:
        """The network's weights before any inner step: MAML++ has scale and shift of batch norm for each number of steps."""
        if self.options["algorithm"] != "maml++" or self.is_adapted:
            return self.parameters
        return {name: values[0] if name.startswith("norm") else values for name, values in self.parameters.items()}

    def _features(self, inputs: np.ndarray, statistics: Statistics | None) -> tuple[np.ndarray, Statistics]:
        if self.network not in networks.FEATURES:
            raise MetaMapError(f"the network {self.network} comes from a plug-in and is not known here, only {', '.join(networks.FEATURES)}")
        inputs = self.inputs.check(inputs)
        norm = BatchNorm(self._network(), self.statistics if statistics is None else statistics)
        return networks.FEATURES[self.network](self._network(), inputs, norm, self.modulation), norm.seen


def load(file: str | os.PathLike | bytes) -> Model:
    """Reads a model file, or the bytes of one; raises MetaMapError where it is none, or damaged."""
    tensors, metadata = safetensors.read(file)
    source = "this" if isinstance(file, bytes) else os.fspath(file)
    is_adapted = metadata.get("format") == "metamap-adapted"
    if not is_adapted and metadata.get("format") != "metamap-model":
        raise MetaMapError(f"{source} is a safetensors file but no model that metamap has written")
    of_task = {name: values for name, values in tensors.items() if is_adapted and name.startswith(_OF_TASK)}
    parameters = {name: values for name, values in tensors.items() if name not in of_task}
    _check(parameters, metadata, "model_sha256", source)
    if is_adapted:
        _check(of_task, metadata, "task_sha256", source)
    try:
        options, data = json.loads(metadata["options"]), json.loads(metadata.get("data", "{}"))
        norms = range(sum(name.endswith(".mean") for name in of_task))
        return Model(
            run_id=metadata["run_id"],
            version=int(metadata["iteration"]),
            options=options,
            inputs=Inputs(metadata["input"], int(metadata["target_length"]), options, data.get("inputs"), data.get("scales")),
            labels=tuple(json.loads(metadata.get("labels", "[]"))),
            parameters=parameters,
            statistics=[(of_task[f"batch_norm.{i}.mean"], of_task[f"batch_norm.{i}.variance"]) for i in norms] if is_adapted else None,
            modulation=of_task.get("modulation"),
            skip_weight=of_task.get("skip.weight"),
            unit_features="unit_features" in metadata,
            is_adapted=is_adapted,
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise MetaMapError(f"{source} is damaged: its metadata lacks {error}; fetch it again") from error


def _check(tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str], key: str, source: str) -> None:
    digest = hashlib.sha256()
    for values in tensors.values():
        digest.update(np.ascontiguousarray(values, "<f4"))
    if metadata.get(key) != digest.hexdigest():
        raise MetaMapError(f"{source} is damaged: its tensors do not have the SHA-256 that its metadata names; fetch it again")
