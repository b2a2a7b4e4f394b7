"""What every test may use. The fixtures themselves are in tests/kit/, by subject."""

import gc
import os
from urllib.parse import urlsplit

import pytest

pytest_plugins = [
    "tests.kit.sockets",
    "tests.kit.redis_server",
    "tests.kit.processes",
    "tests.kit.browser",
    "tests.kit.noted",
    "tests.kit.rules",
]


def pytest_configure() -> None:
    """Make cheap what most tests do and none is about: checking passwords, emptying the database."""
    from django.conf import settings

    from tests.kit import emptying

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    emptying.install()


def pytest_addoption(parser: pytest.Parser) -> None:
    """For a second run on another database: what needs none is the same again."""
    parser.addoption(
        "--of-database", action="store_true", help="only the tests that the database makes a difference to"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--of-database`, leave out the tests that ask for no database, or would see the same on any."""
    if not config.getoption("--of-database"):
        return
    others = [item for item in items if not _uses_database(item)]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if _uses_database(item)]


def _uses_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("any_database") is not None:
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or not fixtures.isdisjoint({"db", "transactional_db"})


def pytest_collection_finish() -> None:
    """Let the collector leave alone what is there for the whole run: the product, and ten thousand tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_report_header() -> list[str]:
    """Say which database and Redis the tests use (without passwords), and whether there is a browser."""
    from tests.kit import browser

    return [
        f"database: {_place(os.environ.get('DATABASE_URL')) or 'SQLite in a temporary directory (DATABASE_URL unset)'}",
        f"redis: {_place(os.environ.get('REDIS_URL')) or 'embedded Valkey, one for each process (REDIS_URL unset)'}",
        f"browser: {browser.find_chromium() or browser.MISSING}",
    ]


def _place(url: str | None) -> str:
    if not url:
        return ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


@pytest.fixture(autouse=True)
def _no_surprises(_only_loopback: None, _empty_redis: None) -> None:
    """No test reaches beyond this machine; none sees what another left in Redis."""
