"""What a rule of ours refuses. Every app raises these; the API answers with what they say (core/api/errors.py)."""

from collections.abc import Mapping
from types import MappingProxyType


class Refusal(Exception):
    """A request that a rule refuses: `error` is the API's code or the specification's sentence, `message` what to do.

    Over HTTP it is answered with `status` and `headers`. `limit` names the limit that is used up, if that is why;
    `counted` is the name and label under which counts.py counts it, if it does.
    """

    status: int = 400
    headers: Mapping[str, str] = MappingProxyType({})
    limit: str = ""
    counted: tuple[str, str] | None = None

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error
        self.message = message


class InputError(Refusal, ValueError):
    """Input that cannot be used."""
