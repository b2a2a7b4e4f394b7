import pytest

from core.domains import registrable_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.acme.example", "acme.example"),
        ("WWW.Shop.Acme.co.uk.", "acme.co.uk"),
        ("acme.test", "acme.test"),
        ("co.uk", None),
        ("localhost", None),
        ("192.0.2.7", None),
        ("::1", None),
        ("", None),
    ],
)
def test_registrable_domain(host: str, domain: str | None) -> None:
    assert registrable_domain(host) == domain
