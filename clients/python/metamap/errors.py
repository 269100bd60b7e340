"""What goes wrong, in one sentence for people."""

from __future__ import annotations


class MetaMapError(Exception):
    """A file that cannot be used, a request that was refused, or a coordinator that does not answer.

    ``status`` is the HTTP status of a refusal, otherwise None; the text is the ``detail`` of its problem document.
    """

    def __init__(self, message: str, status: int | None = None):
        super().__init__(message)
        self.status = status
