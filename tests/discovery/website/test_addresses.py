import pytest

from enrichment.discovery.website import addresses, ownership
from tests.discovery.website.reading import person, read, stored


def emails(body: str) -> tuple[str, ...]:
    return read(body).emails


@pytest.mark.parametrize(
    "text",
    [
        "jane.doe@example.com",
        "Mail: JANE.DOE@Example.com.",
        "jane.doe [at] example [dot] com",
        "jane.doe(at)example.com",
        "jane.doe (ät) example.com",
        "jane.doe (arroba) example (punto) com",
        "jane.doe {at} example {dot} com",
        "jane dot doe at example dot com",
        "jane.doe @ example.com",
        "jane.doe＠example.com",
        "jane.doe [put the at sign here] example.com",
        "jane.doe&#64;example&#46;com",
        "jane.doe<!-- no robots -->@example.com",
        'jane.doe<span style="display:none">nospam</span>@example.com',
        '<a href="mailto:jane.doe@example.com?subject=Hello%20there&cc=">write</a>',
        '<a href="mailto:%6aane.doe%40example.com">write</a>',
        '<a href="mail:jane.doe@example.com">write</a>',
    ],
)
def test_an_address_is_found_however_it_is_disguised(text: str) -> None:
    assert emails(f"<p>{text}</p>") == ("jane.doe@example.com",)


def test_cloudflares_obfuscation_is_undone() -> None:
    code = "42" + bytes(byte ^ 0x42 for byte in b"jane.doe@example.com").hex()
    assert emails(f'<a class="__cf_email__" data-cfemail="{code}">[email&#160;protected]</a>') == (
        "jane.doe@example.com",
    )
    assert emails(f'<a href="/cdn-cgi/l/email-protection#{code}">write</a>') == ("jane.doe@example.com",)


@pytest.mark.parametrize(
    "text",
    [
        "logo@2x.png",
        "meet us at the dot com fair",
        "@jane",
        "jane@localhost",
        "a@b..com",
        "[email protected]",
        "5 @ 3.50",
    ],
)
def test_what_only_looks_like_an_address_is_none(text: str) -> None:
    assert emails(f"<p>{text}</p>") == ()


@pytest.mark.parametrize("code", ["", "zz", "4", "42", "42" * 300])
def test_a_broken_obfuscation_gives_nothing(code: str) -> None:
    assert emails(f'<a data-cfemail="{code}">x</a>') == ()


def test_an_address_belongs_to_whom_its_name_fits_not_to_the_nearest() -> None:
    found = stored("addresses")
    assert person(found, "Rosalind Carver").email == "rosalind@example.com"
    assert person(found, "Timothy Brook").email == "t.brook@example.com"
    assert person(found, "Barnaby Quill").email == "barnaby.quill@example.com"
    assert person(found, "Isolde Müller").email == "i.mueller@example.com"


def test_role_addresses_and_copies_belong_to_nobody() -> None:
    found = stored("addresses")
    assert person(found, "Wilhelmina Oddie").email is None
    assert found.emails == ("sales@example.com", "w.oddie@example.com", "info@example.com")


def test_an_office_mailbox_belongs_to_the_holder_of_the_office() -> None:
    found = read(
        "<h1>Town hall staff</h1><p>Town Recorder – Cathy Summers recorder@example.org</p>"
        "<p>Mayor – Ruth Adeyemi office@example.org</p>"
    )
    assert [(p.name, p.email) for p in found.people] == [
        ("Cathy Summers", "recorder@example.org"),
        ("Ruth Adeyemi", None),
    ]


def test_a_functions_mailbox_belongs_to_whom_it_stands_beside_only_where_they_head_it() -> None:
    found = read(
        "<h1>Press contacts</h1><div><h3>Cathy Summers</h3><p>Marketing and Industries Director</p>"
        "<p>marketing@example.org</p></div><div><h3>Ruth Adeyemi</h3><p>Sales Clerk</p>"
        "<p>sales@example.org</p></div>"
    )
    assert [(p.name, p.email) for p in found.people] == [
        ("Cathy Summers", "marketing@example.org"),
        ("Ruth Adeyemi", None),
    ]


def test_an_address_in_brackets_takes_no_word_before_it_along() -> None:
    assert emails("<p>Jane Doe (jane@example.com) and more at example.org</p>") == ("jane@example.com",)


@pytest.mark.parametrize(
    ("address", "is_role"),
    [
        ("info@example.com", True),
        ("sales-eu@example.com", True),
        ("hr@example.com", True),
        ("kontakt2@example.com", True),
        ("contact.us@example.com", True),
        ("jane@example.com", False),
        ("infante@example.com", False),
    ],
)
def test_role_addresses_are_told_from_personal_ones(address: str, is_role: bool) -> None:
    assert addresses.is_role(address) is is_role


@pytest.mark.parametrize(
    ("local", "first", "last", "fit"),
    [
        ("jane.doe", "Jane", "Doe", ownership.STRONG),
        ("jdoe", "Jane", "Doe", ownership.STRONG),
        ("doe.j", "Jane", "Doe", ownership.STRONG),
        ("debbie", "Deborah", "Sharp", ownership.STRONG),
        ("mueller", "Eva", "Müller", ownership.STRONG),
        ("muller", "Eva", "Müller", ownership.STRONG),
        ("ivanov", "Иван", "Иванов", ownership.STRONG),
        ("vandermeer", "Willemijn", "van der Meer", ownership.STRONG),
        ("jd", "Jane", "Doe", ownership.WEAK),
        ("janedoe77", "Jane", "Doe", ownership.STRONG),
        ("officerdoe", "Jane", "Doe", ownership.NO),
        ("john.smith", "John", "Doe", ownership.NO),
        ("marshall", "Ann", "Hall", ownership.WEAK),
        ("roads", "Gordon", "Rhodes", ownership.NO),
        ("jane.doe", "Peter", "Doe", ownership.NO),
        ("rob.doe", "Robert", "Doe", ownership.STRONG),
        ("habibullina", "Алсу", "Хабибуллина", ownership.STRONG),
    ],
)
def test_how_well_an_address_fits_a_name(local: str, first: str, last: str, fit: int) -> None:
    assert ownership.fit(local, first, last) == fit
