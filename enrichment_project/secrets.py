"""Secrets of the embedded default: made once, kept in `VAR_DIR`, readable by the owner alone."""

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

Generate = Callable[[], str]


def read_or_create(path: Path, generate: Generate) -> str:
    """Return the secret in `path`, writing a new one (mode 600) when there is none.

    Several processes may start at once: the file appears whole by a hard link, the first one
    wins, and all read the same value.
    """
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(generate() + "\n")
        try:
            os.link(name, path)
        except FileExistsError:
            pass
    finally:
        Path(name).unlink()
    return path.read_text().strip()


def random_token() -> str:
    """Return 50 bytes of randomness as text, for `SECRET_KEY` and `BLIND_INDEX_KEY`."""
    return secrets.token_urlsafe(50)
