"""MetaMap's models in Python: their files, their networks in numpy, and the service over HTTP.

>>> model = metamap.load("model.safetensors")             # what train, model --out and adapt --out write
>>> model.logits(inputs)                                  # as the product computes them, to 1e-5
>>> with metamap.Client().adapt("my-run", {"a": [image], "b": [image]}) as session:
...     session.predict([image])
"""

from .client import Client, Session
from .errors import MetaMapError
from .model import Model, load
from .pytorch import save_parameters, state_dict

__all__ = ["Client", "MetaMapError", "Model", "Session", "load", "save_parameters", "state_dict"]
