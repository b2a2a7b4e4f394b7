import pytest

from enrichment.emails.verification.syntax import Address, InvalidAddress, ascii_domain, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jane.roe@example.com", Address("jane.roe", "example.com")),
        ("Jane.Roe@EXAMPLE.com", Address("Jane.Roe", "example.com")),
        ("jane@müller.example", Address("jane", "xn--mller-kva.example")),
        ("jane@xn--mller-kva.example", Address("jane", "xn--mller-kva.example")),
        ("jane@straße.example", Address("jane", "xn--strae-oqa.example")),  # IDNA 2008: not strasse
        ("jäne@example.com", Address("jäne", "example.com")),  # SMTPUTF8
        ("j'ane+news@mail.example.co.uk", Address("j'ane+news", "mail.example.co.uk")),
        ("jane@mail.test", Address("jane", "mail.test")),
        ("jane@company.local", Address("jane", "company.local")),
        ("a" * 64 + "@example.com", Address("a" * 64, "example.com")),
    ],
)
def test_an_address_is_taken_apart(text: str, expected: Address) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "jane", "jane@", "@example.com", "jane@@example.com", "jane..roe@example.com", ".jane@example.com",
        '"jane roe"@example.com', "jane@[192.0.2.1]", "jane@[IPv6:2001:db8::1]", "jane@192.0.2.1", "jane@localhost",
        "jane@example", "jane@-example.com", "jane@example..com", "jane@exam ple.com", "jane@exam_ple.com",
        "Jane Roe <jane@example.com>", "jane@example.com, john@example.com", "jane\n@example.com",
        "jane\x00@example.com", "j\ufffdne@example.com",
        "jane@example.onion", "jane@1.0.10.in-addr.arpa", "a" * 65 + "@example.com", "jane@" + "a" * 64 + ".com",
        "jane@" + "a." * 130 + "com", "\ud800@example.com", "jane@xn--a.example", "a" * 1_000_000 + "@example.com",
    ],
)  # fmt: skip
def test_what_one_cannot_write_to_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidAddress, match=r"\.$"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Example.COM", "example.com"),
        (" example.com. ", "example.com"),
        ("Müller.example", "xn--mller-kva.example"),
        ("例え.example", "xn--r8jz45g.example"),
        ("example.com/path", None),
        ("user@example.com", None),
        ("192.0.2.1", None),
        ("", None),
    ],
)
def test_domains_are_compared_in_a_labels(text: str, expected: str | None) -> None:
    assert ascii_domain(text) == expected
