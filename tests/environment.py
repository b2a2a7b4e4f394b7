"""The environment of the tests, set before Django reads its settings (pytest loads this with `-p`).

`DATABASE_URL` and `REDIS_URL` are the caller's, everything else is ours. Each process of a parallel run has a
VAR_DIR of its own, with its own database file and Valkey; on a server named by `REDIS_URL` it has a key prefix of
its own, and removes its keys when it ends. tests/kit/ holds the fixtures.
"""

import os
import re
import secrets
import shutil
import tempfile
from pathlib import Path

CALLERS = {"DATABASE_URL", "REDIS_URL"}


def variables(example: Path) -> list[str]:
    """Return the names of the variables in a file like .env.example, in its order."""
    return re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", example.read_text(), re.MULTILINE)


for name in variables(Path(__file__).parent.parent / ".env.example"):
    if name not in CALLERS:
        os.environ.pop(name, None)
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="enr-")  # short: sockets go there
os.environ["ENV_FILE"] = ""  # a developer's .env is no part of the tests
os.environ["SECRET_KEY"] = "tests-only-tests-only-tests-only-tests-only-tests-only"
os.environ["FIELD_ENCRYPTION_KEYS"] = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="
os.environ["BLIND_INDEX_KEY"] = "tests-only"
os.environ["API_RATE"] = ""  # the test of it sets one
os.environ["ENRICHMENT_SOURCES"] = "website"  # the others would ask the world outside
os.environ["REDIS_KEY_PREFIX"] = f"test-{secrets.token_hex(4)}"


def pytest_unconfigure() -> None:
    shutil.rmtree(os.environ["VAR_DIR"], ignore_errors=True)
