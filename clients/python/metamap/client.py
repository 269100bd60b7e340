"""The HTTP API of a coordinator, or of ``metamap train`` and ``metamap serve``; ``docs/HTTP.md`` describes it."""

from __future__ import annotations

import base64
import json
import os
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence

from .errors import MetaMapError
from .examples import query_body, support_body
from .model import Model, load


class Client:
    """A coordinator at ``url``.

    ``token`` is a bearer token (or read from ``token_file``), ``ca`` the file of the authority that signed its certificate. What is not given comes from
    METAMAP_URL, METAMAP_TOKEN, METAMAP_TOKEN_FILE and METAMAP_CA, as for ``metamap``. ``timeout`` is in seconds, for each answer. Runs, workers and measures
    come as the service sends them, as dicts. Refusals are raised as MetaMapError with its sentence and ``status``.
    """

    def __init__(self, url: str | None = None, token: str | None = None, token_file: str | os.PathLike | None = None, ca: str | os.PathLike | None = None, timeout: float = 60):
        environment = os.environ.get
        self.url = (url or environment("METAMAP_URL") or "http://127.0.0.1:8080").rstrip("/")
        if urllib.parse.urlsplit(self.url).scheme not in ("http", "https"):
            raise MetaMapError(f"the address is {self.url}, expected http://… or https://…")
        self._token = token or (None if token_file else environment("METAMAP_TOKEN")) or _first_line(token_file or environment("METAMAP_TOKEN_FILE"))
        ca = ca or environment("METAMAP_CA")
        try:
            self._tls = ssl.create_default_context(cafile=ca) if ca or self.url.startswith("https:") else None
        except OSError as error:
            raise MetaMapError(f"the authority {ca} cannot be read: {error}") from error
        self._timeout = timeout

    def runs(self) -> list[dict]:
        """All runs, the oldest first."""
        return self._json("GET", "/api/runs")

    def run(self, run: str) -> dict:
        """One run: ``status``, ``iteration``, ``query_accuracy`` and more."""
        return self._json("GET", f"/api/runs/{_quoted(run)}")

    def start_run(self, options: Mapping, name: str | None = None, policy: Mapping | None = None, init: str | os.PathLike | None = None) -> dict:
        """Starts a run; keys of ``options`` are those of ``config.json``. ``init`` is a file that it starts from, as of ``save_parameters``."""
        body = {"name": name, "options": dict(options), "policy": policy}
        if init is None:
            return self._json("POST", "/api/runs", body)
        with open(init, "rb") as file:
            return self._json("POST", "/api/runs/init", {**body, "init": base64.b64encode(file.read()).decode()})

    def pause(self, run: str) -> dict:
        return self._json("POST", f"/api/runs/{_quoted(run)}/pause")

    def resume(self, run: str) -> dict:
        return self._json("POST", f"/api/runs/{_quoted(run)}/resume")

    def stop(self, run: str) -> dict:
        return self._json("POST", f"/api/runs/{_quoted(run)}/stop")

    def delete(self, run: str) -> None:
        """Stops a run if necessary, and deletes it."""
        self._send("DELETE", f"/api/runs/{_quoted(run)}")

    def wait(self, run: str) -> dict:
        """The run, once it is over or waits to be resumed."""
        for event, data in self.events(run):
            if event == "status" and data["status"] == "paused":
                break
        return self.run(run)

    def events(self, run: str, start: int | None = None) -> Iterator[tuple[str, dict]]:
        """What happens to a run, until it is over: ``("iteration", {"query_loss": …})``, ``("validation", …)``, ``("status", …)``; from iteration ``start`` or the next one."""
        with self._open("GET", f"/api/runs/{_quoted(run)}/events{_query({'from': start})}") as answer:
            event = ""
            for line in answer:
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name == "event":
                    event = value
                elif name == "data":
                    yield event, json.loads(value)

    def metrics(self, run: str, start: int = 0) -> Iterator[dict]:
        """The measures of every committed iteration, and of the validation classes."""
        part: dict = {"next": start}
        while (start := part.get("next")) is not None:
            part = self._json("GET", f"/api/runs/{_quoted(run)}/metrics{_query({'from': start})}")
            yield from part["measures"]

    def evaluate(self, run: str, **options) -> dict:
        """Lets the workers measure a run's current model: ``episodes``, ``inner_steps``, ``part``. Waits as long as that takes."""
        return self._json("POST", f"/api/runs/{_quoted(run)}/evaluate", options, timeout=None)

    def workers(self) -> list[dict]:
        """The workers of this coordinator."""
        return self._json("GET", "/api/workers")

    def model_info(self, run: str | None = None, version: int | None = None) -> dict:
        """A description of a run's model, with the ``versions`` that can be asked for; without ``run`` that of the run that was started last."""
        return self._json("GET", f"{_model_of(run)}/info{_query({'version': version})}")

    def model(self, run: str | None = None, version: int | None = None) -> Model:
        """The current model of a run, or a version of it, in the middle of training or after it."""
        return load(self.model_file(run, version))

    def model_file(self, run: str | None = None, version: int | None = None) -> bytes:
        """The same as the bytes of a safetensors file."""
        return self._send("GET", f"{_model_of(run)}{_query({'version': version})}")

    def adapt(self, run: str, support: Mapping[str, Sequence] | Sequence[Mapping], version: int | None = None, steps: int | None = None) -> Session:
        """Adapts a run's model to examples of each label, ``{"a": [example, …], "b": […]}``, or to rows that hold the value to predict.

        An example is an image (a ``pathlib.Path``, the bytes of a file, or an array as ``Model.inputs`` takes it), a text (str), or a row (a mapping).
        """
        body = {"support": support_body(support), "version": version, "steps": steps}
        return Session(self, self._json("POST", f"/api/runs/{_quoted(run)}/adapt", body))

    def session(self, session_id: str) -> Session:
        """A session that was opened before."""
        return Session(self, self._json("GET", f"/api/sessions/{_quoted(session_id)}"))

    def _json(self, method: str, path: str, body: Mapping | None = None, **options):
        return json.loads(self._send(method, path, body, **options) or "null")

    def _send(self, method: str, path: str, body: Mapping | None = None, **options) -> bytes:
        with self._open(method, path, body, **options) as answer:
            return answer.read()

    def _open(self, method: str, path: str, body: Mapping | None = None, **options):
        headers = {"Accept": "*/*"} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps({key: value for key, value in body.items() if value is not None}, allow_nan=False).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            return urllib.request.urlopen(request, context=self._tls, **{"timeout": self._timeout, **options})
        except urllib.error.HTTPError as error:
            raise MetaMapError(_sentence(error), error.code) from None
        except (OSError, urllib.error.URLError) as error:
            raise MetaMapError(f"{self.url} does not answer: {getattr(error, 'reason', error)}") from error


class Session:
    """A model adapted to a client's examples. Ends with ``close()`` or at the end of a ``with``; otherwise after a day."""

    def __init__(self, client: Client, body: Mapping):
        self._client = client
        self.id: str = body["sessionId"]
        self.run_id: str = body["run_id"]
        self.version: int = body["version"]
        self.labels: list[str] = body["labels"]
        self.expires: str = body["expires"]

    def predict(self, examples: Sequence) -> list[dict]:
        """For each example ``{"label": …, "probabilities": {…}}``, or ``{"value": …}``, as ``Model.predict`` gives them."""
        return self._client._json("POST", f"{self._path}/predict", query_body(examples))["predictions"]

    def model(self) -> Model:
        """The adapted model, which predicts the same without the service."""
        return load(self.model_file())

    def model_file(self) -> bytes:
        """The same as the bytes of a file for ``metamap predict``."""
        return self._client._send("GET", f"{self._path}/model")

    def close(self) -> None:
        self._client._send("DELETE", self._path)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    @property
    def _path(self) -> str:
        return f"/api/sessions/{_quoted(self.id)}"


def _sentence(error: urllib.error.HTTPError) -> str:
    try:
        return json.loads(error.read())["detail"]
    except (ValueError, KeyError, TypeError, OSError):
        return f"{error.url} answers {error.code} {error.reason}"


def _model_of(run: str | None) -> str:
    return "/api/model" if run is None else f"/api/runs/{_quoted(run)}/model"


def _query(parameters: Mapping) -> str:
    given = {key: value for key, value in parameters.items() if value is not None}
    return f"?{urllib.parse.urlencode(given)}" if given else ""


def _quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="")


def _first_line(file: str | os.PathLike | None) -> str | None:
    if file is None:
        return None
    try:
        with open(file) as lines:
            return next(line.strip() for line in lines if line.strip() and not line.startswith("#"))
    except (OSError, StopIteration) as error:
        raise MetaMapError(f"the token file {file} cannot be read: {error or 'it is empty'}") from error
