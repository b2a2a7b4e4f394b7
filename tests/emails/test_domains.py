import pytest

from enrichment.emails.domains import mail_domain
from enrichment.emails.verification.mx import Mx

TAKES = Mx("found", ("mx.example.com",))
ITSELF = Mx("implicit", ("acme.example",))


@pytest.mark.parametrize(
    ("website", "published", "domain"),
    [
        ("acme.example", [], "acme.example"),
        ("acme.example", ["info@acme.example", "a@group.example"], "acme.example"),
        ("acme.example", ["info@acme.example", "a@group.example", "b@group.example"], "group.example"),
        ("acme.example", ["jane@acme.example", "a@group.example", "b@group.example"], "acme.example"),
        ("acme.example", ["a@group.example", "b@group.example"], "group.example"),
        ("acme.example", ["a@group.example", "A@Group.Example"], "acme.example"),
        ("acme.example", ["info@agency.example", "support@agency.example"], "acme.example"),
        ("acme.example", ["a@other.example"], "acme.example"),
        ("acme.example", ["a@gmail.com", "b@gmail.com"], "acme.example"),
        (None, ["a@group.example"], "group.example"),
        (None, ["info@group.example", "jane@acme.example"], "acme.example"),
        (None, ["jane@group.example", "john@acme.example"], "group.example"),
        (None, ["a@gmail.com"], None),
        (None, [], None),
        (None, ["a@not a domain"], None),
        ("-odd-.example", ["a@group.example"], "group.example"),
        ("müller.example", ["a@xn--mller-kva.example", "a@group.example", "b@group.example"], "müller.example"),
    ],
)
def test_the_domain_that_takes_a_companys_mail(website, published, domain) -> None:
    assert mail_domain(website, published) == domain


@pytest.mark.parametrize("web", [Mx("null"), Mx("none"), ITSELF])
def test_a_website_without_mail_loses_to_any_published_domain_that_has_it(web: Mx) -> None:
    answers = {"acme.example": web, "group.example": TAKES}
    assert mail_domain("acme.example", ["info@group.example"], answers) == "group.example"


def test_a_domain_that_takes_no_mail_loses_however_often_it_is_published() -> None:
    published = ["a@dead.example", "b@dead.example", "c@dead.example", "jane@acme.example"]
    answers = {"dead.example": Mx("none"), "acme.example": TAKES}
    assert mail_domain("web.example", published, answers | {"web.example": Mx("null")}) == "acme.example"


def test_a_website_that_takes_mail_without_a_record_for_it_is_believed_where_it_publishes_addresses() -> None:
    answers = {"acme.example": ITSELF, "partner.example": TAKES}
    published = ["jane@acme.example", "john@acme.example", "a@partner.example"]
    assert mail_domain("acme.example", published, answers) == "acme.example"


def test_where_both_take_mail_the_website_is_ahead_by_an_address() -> None:
    answers = {"acme.example": TAKES, "group.example": TAKES}
    assert mail_domain("acme.example", ["a@group.example"], answers) == "acme.example"
    assert mail_domain("acme.example", ["a@group.example", "b@group.example"], answers) == "group.example"


def test_a_dns_without_an_answer_says_nothing_against_a_domain() -> None:
    answers = {"acme.example": Mx("unknown"), "group.example": TAKES}
    assert mail_domain("acme.example", ["a@group.example"], answers) == "acme.example"


def test_without_a_domain_that_takes_mail_the_website_stays() -> None:
    answers = {"acme.example": Mx("none"), "group.example": Mx("null")}
    assert mail_domain("acme.example", ["info@group.example"], answers) == "acme.example"
    assert mail_domain("acme.example", ["a@gmail.com"], answers | {"gmail.com": TAKES}) == "acme.example"


def test_look_ups_are_found_under_either_spelling() -> None:
    published = ["a@group.example"]
    for name in ("müller.example", "xn--mller-kva.example"):
        assert mail_domain("müller.example", published, {name: Mx("none")}) == "group.example"
