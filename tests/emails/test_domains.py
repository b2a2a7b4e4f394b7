import pytest

from enrichment.emails.domains import mail_domain


@pytest.mark.parametrize(
    ("website", "published", "domain"),
    [
        ("acme.example", [], "acme.example"),
        ("acme.example", ["info@acme.example", "a@group.example", "b@group.example"], "acme.example"),
        ("acme.example", ["a@group.example", "b@group.example"], "group.example"),
        ("acme.example", ["partner@other.example"], "acme.example"),
        ("acme.example", ["a@gmail.com", "b@gmail.com"], "acme.example"),
        (None, ["a@group.example"], "group.example"),
        (None, ["a@gmail.com"], None),
        (None, [], None),
        (None, ["a@not a domain"], None),
        ("-odd-.example", ["a@group.example"], "group.example"),
    ],
)
def test_the_domain_that_takes_a_companys_mail(website, published, domain) -> None:
    assert mail_domain(website, published) == domain
