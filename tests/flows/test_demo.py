"""`make demo`, as a newcomer runs it."""

import os
import subprocess
import sys

from django.conf import settings

DECOYS = ("Margaret Quill", "Theodora Finch", "Casper Wren", "Odile Marchetti", "Leonardo", "Silver Stream")


def test_the_demo_finds_its_people_and_nobody_elses(short_dir) -> None:
    (short_dir / "demo").mkdir()
    (short_dir / "demo" / "left-over").touch()
    environment = {**os.environ, "VAR_DIR": str(short_dir), "DATABASE_URL": "postgresql://nowhere.example/none"}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "demo"],
            cwd=settings.BASE_DIR,
            env={**environment, "ENRICHMENT_RESTRICTED_REGIONS": "GB", "REDIS_URL": "redis://nowhere.example"},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
        assert not (short_dir / "demo" / "left-over").exists(), "its database is made anew"
        assert "11 people (* decides), 11 with a usable address." in done.stdout
        assert done.stdout.count("SMTP ping") == 11, "everybody has a mailbox, and its server says so"
        for address in ("willem.vanderberg@", "zoe.mueller@", "anne-sophie.keller@", "priya.raman@"):
            assert f"{address}brightwater.example" in done.stdout
        assert not [name for name in DECOYS if name in done.stdout]
        assert "Approving 2 of them" in done.stdout
        plan = done.stdout.partition("Approving 2 of them")[2]
        assert plan.count("planned") == 8, "four messages for each of the two"
        assert plan.count("A last note to Brightwater Instruments") == 2
        assert "United Kingdom: a first message may be sent with a way to opt out." in plan
        assert done.stderr == ""
