"""manage.py, as an operator runs it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings


@pytest.mark.parametrize("command", [("retry_failed_jobs",), ("calibration_report", "--json")])
def test_a_database_that_was_never_set_up_is_told_in_a_sentence(short_dir, command) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={**environment, "VAR_DIR": str(short_dir), "ENV_FILE": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip().endswith("run `make run` once, or `manage.py migrate`.")
    assert "Traceback" not in done.stderr
