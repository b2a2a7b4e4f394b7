"""Who is left out for being on the suppression list. Discovery's part is in tests/test_pipeline.py."""

import pytest

from crm import suppression
from enrichment.discovery.base import Person
from enrichment.screening import screen, screen_people
from tests.test_store import candidate


@pytest.mark.parametrize(
    ("addresses", "hits", "kept"),
    [
        (["a", "b", "c"], set(), ["a", "b", "c"]),
        (["a", "b", "c"], {"b"}, ["a", "c"]),
        (["a", "b", "c"], {"a"}, None),
        (["a"], {"a"}, None),
        ([], {"a"}, []),
    ],
)
def test_the_likeliest_address_on_the_list_leaves_the_person_out_another_one_only_itself(addresses, hits, kept) -> None:
    assert screen(addresses, hits) == kept


@pytest.mark.django_db
def test_whoever_is_published_under_a_suppressed_address_is_left_out_though_another_one_is_likelier() -> None:
    suppression.add(["office@acme.example"], "objection")
    ada = Person("Ada", "Example", email="Office@Acme.example")
    guesses = [candidate("ada.example"), candidate("office", 79, 0.3)]
    screened = screen_people([(ada, guesses)])
    assert screened.kept == []
    assert screened.left_out == [
        ("Ada Example", ["ada.example@acme.example", "office@acme.example", "Office@Acme.example"])
    ]
