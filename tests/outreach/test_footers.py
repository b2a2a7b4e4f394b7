"""What stands below an e-mail, in every language that we have."""

import re

import pycountry
import pytest

from crm.models import ContactAddress
from outreach import footers, reply_words
from outreach.footers import WORDINGS, footer, language_of
from outreach.models import Mailbox

LINK = "https://outreach.sender.example/unsubscribe/abc"
Origin = ContactAddress.Origin


def mailbox(**changes: str) -> Mailbox:
    known = {"address": "grace@sender.example", "sender_name": "Grace Sender", "company": "Sender Ltd"}
    return Mailbox(**known | {"postal_address": "1 Sample Street\n12345 Sampletown"} | changes)


def test_ten_languages_say_the_same_things() -> None:
    assert list(WORDINGS) == ["en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "da"]
    for words in WORDINGS.values():
        assert words.keys() == WORDINGS["en"].keys()
        for name, text in words.items():
            assert re.findall(r"\{\w*\}", text) == re.findall(r"\{\w*\}", WORDINGS["en"][name])
            assert text == text.strip()


@pytest.mark.parametrize("language", WORDINGS)
def test_each_says_who_writes_where_the_data_is_from_and_how_to_object(language: str) -> None:
    text = footer(language, mailbox(privacy_url="https://sender.example/privacy"), "www.acme.example", LINK)
    about, objection = text.split("\n\n")
    assert "Sender Ltd, 1 Sample Street, 12345 Sampletown." in about
    assert "www.acme.example." in about
    assert about.endswith("https://sender.example/privacy")
    assert objection.endswith(f": {LINK}") or objection.endswith(f"\xa0: {LINK}")
    assert LINK not in footer(language, mailbox(), "", "")


def test_without_a_link_a_reply_is_the_way_to_object() -> None:
    text = footer("en", mailbox(), "", "")
    assert text.endswith("Reply to this message, and we will not write to you again.")
    assert "http" not in text


@pytest.mark.parametrize(
    ("host", "origin", "source"),
    [
        ("acme.example", Origin.PUBLISHED, "acme.example"),
        ("acme.example", Origin.GUESSED, "acme.example"),
        ("acme.example", Origin.PROVIDER, "acme.example; a provider of business contact data"),
        ("acme.example", Origin.MANUAL, "acme.example; our own records"),
        ("", Origin.PUBLISHED, "publicly available business information"),
        ("", Origin.GUESSED, "publicly available business information"),
        ("", Origin.PROVIDER, "a provider of business contact data"),
        ("", Origin.MANUAL, "our own records"),
    ],
)
def test_every_source_is_named(host: str, origin: str, source: str) -> None:
    assert f"Source of your contact details: {source}.\n" in footer("en", mailbox(), host, LINK, origin=origin)


def test_the_sender_stands_in_for_a_company_that_is_missing() -> None:
    text = footer("en", mailbox(company="", postal_address=""), "acme.example", LINK)
    assert text.startswith("This message was sent by Grace Sender.\n")


def test_what_an_admin_wrote_is_text_and_stays_on_its_line() -> None:
    text = footer("en", mailbox(company="{url} & {sender}\n\nInc.", postal_address="\r\n"), "acme.example", LINK)
    assert text.startswith("This message was sent by {url} & {sender} Inc.\n")


@pytest.mark.parametrize(
    ("region", "language"),
    [
        *[("DE", "de"), ("AT", "de"), ("CH", "de"), ("BE", "nl"), ("LU", "fr"), ("FR", "fr"), ("MX", "es")],
        *[("BR", "pt"), ("se", "sv"), ("DK", "da"), ("PL", "pl"), ("IT", "it"), ("CA", "en"), ("FI", "en")],
        *[("JP", "en"), ("", "en"), (None, "en")],
    ],
)
def test_a_country_has_its_language_and_others_english(region: str | None, language: str) -> None:
    assert language_of(region) == language


def test_every_region_is_a_country_and_every_language_ours() -> None:
    countries = {country.alpha_2 for country in pycountry.countries}
    assert set(footers._LANGUAGES) <= countries
    assert set(footers._LANGUAGES.values()) == set(WORDINGS) - {"en"}


def test_an_unknown_language_is_english() -> None:
    assert footer("fi", mailbox(), "", LINK) == footer("en", mailbox(), "", LINK)


@pytest.mark.parametrize("language", WORDINGS)
def test_the_words_that_we_ask_for_in_a_reply_are_understood(language: str) -> None:
    word = re.findall(r"[“”„«‘]\s?([^”“»’]+?)\s?[”“»’]", WORDINGS[language]["page_broken"])[-1]
    assert reply_words.wants_no_mail(word)
