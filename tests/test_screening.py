"""Who is left out for being on the suppression list. Discovery's part is in tests/test_pipeline.py."""

import pytest

from crm import suppression
from enrichment.discovery.base import Person
from enrichment.screening import Hits, look_up, screen, screen_people
from tests.test_store import candidate


@pytest.mark.parametrize(
    ("addresses", "hits", "kept"),
    [
        (["a", "b", "c"], Hits(), ["a", "b", "c"]),
        (["a", "b", "c"], Hits({"b"}, {"b"}), ["a", "c"]),
        (["a", "b", "c"], Hits({"a"}, {"a"}), None),
        (["a"], Hits({"a"}, {"a"}), None),
        ([], Hits({"a"}, {"a"}), []),
        (["a", "b", "c"], Hits({"a"}), ["b", "c"]),
        (["a", "b", "c"], Hits({"a", "b"}, {"b"}), ["c"]),
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


@pytest.mark.django_db
def test_an_address_that_bounced_is_dropped_and_its_owner_is_not() -> None:
    suppression.add(["ada@acme.example"], "bounced")
    ada = Person("Ada", "Example", email="ada@acme.example")
    screened = screen_people([(ada, [candidate("ada"), candidate("ada.example", 79, 0.3)])])
    assert [[one.email for one in kept] for _, kept in screened.kept] == [["ada.example@acme.example"]]


@pytest.mark.django_db
def test_whoever_objects_after_a_bounce_has_objected() -> None:
    suppression.add(["ada@acme.example"], "bounced")
    assert look_up(["ada@acme.example"]).bounced == {"ada@acme.example"}
    suppression.add(["ada@acme.example"], "unsubscribed")
    hits = look_up(["ada@acme.example"])
    assert (hits.refused, hits.bounced) == ({"ada@acme.example"}, set())
    suppression.add(["ada@acme.example"], "bounced")
    assert look_up(["ada@acme.example"]).refused == {"ada@acme.example"}
