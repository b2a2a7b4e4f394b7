"""The suppression list: what is put on it is recognised in every spelling, and cannot be read back."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from core.fields import blind_index, normalise_email
from crm import suppression
from crm.models import Suppression
from crm.suppression import Added
from tests.crm import at_once

pytestmark = pytest.mark.django_db


def test_an_address_is_recognised_in_every_spelling() -> None:
    suppression.add(["Ada@Acme.example"], "objection")
    given = [" ada@acme.example", "ADA@ACME.EXAMPLE", "ada@acme.example.", "grace@acme.example"]
    assert suppression.suppressed(given) == set(given[:3])


@pytest.mark.parametrize("value", ["acme.example", "@acme.example", "ACME.example."])
def test_a_domain_stands_for_everybody_there_and_in_its_subdomains(value: str) -> None:
    suppression.add([value], "manual")
    listed = {"ada@acme.example", "ada@mail.eu.acme.example", "@acme.example"}
    assert suppression.suppressed([*listed, "ada@notacme.example", "ada@acme.test"]) == listed
    assert suppression.domain_suppressed("Shop.acme.example")
    assert suppression.domain_suppressed(" @acme.example")
    assert not suppression.domain_suppressed("example")


def test_a_subdomain_does_not_stand_for_the_company() -> None:
    suppression.add(["mail.acme.example"], "manual")
    assert suppression.suppressed(["ada@acme.example", "ada@mail.acme.example"]) == {"ada@mail.acme.example"}
    assert not suppression.domain_suppressed("acme.example")


@pytest.mark.parametrize("value", ["müller.example", "xn--mller-kva.example"])
def test_international_domains_are_one_in_both_forms(value: str) -> None:
    suppression.add([value], "manual")
    given = {"ada@MÜLLER.example", "ada@xn--mller-kva.example"}
    assert suppression.suppressed(given) == given
    assert suppression.remove(["müller.example"]) == 1


@pytest.mark.parametrize("value", ["", "@", "com", "co.uk", "公司.cn", "127.0.0.1", "foo bar", "https://acme.example/"])
def test_what_is_no_company_domain_is_refused_with_a_sentence(value: str) -> None:
    with pytest.raises(ValueError, match=r"neither an e-mail address nor a company's domain: write ada@acme\.example"):
        suppression.add(["ada@acme.example", value], "manual")
    assert not Suppression.objects.exists(), "nothing is written when one value is wrong"


@pytest.mark.parametrize("value", ["ada@", "a da@acme.example", "ada@localhost", "Ada <a@acme.example>", "a@b@c.test"])
def test_what_is_no_address_is_refused_with_a_sentence(value: str) -> None:
    with pytest.raises(ValueError, match="is not an e-mail address"):
        suppression.add([value], "manual")


@pytest.mark.parametrize(
    "value", ["ada@acme.test", "ada@corp.local", "äda@acme.example", "ada+news@example.com", "ada@bücher.example"]
)
def test_every_address_that_may_have_mail_can_be_put_on_the_list(value: str) -> None:
    suppression.add([value], "manual")
    assert suppression.suppressed([value]) == {value}


def test_adding_counts_what_is_new_and_keeps_the_reason_of_what_is_known() -> None:
    user = get_user_model().objects.create_user("boss")
    assert suppression.add(["ada@acme.example"], "objection", user) == Added(1, 0)
    again = suppression.add(["ADA@acme.example", "grace@acme.example", "grace@acme.example"], "bounced")
    assert again == Added(1, 1)
    rows = Suppression.objects.order_by("created_at")
    assert [(row.reason, row.created_by) for row in rows] == [("objection", user), ("bounced", None)]


def test_a_persons_own_wish_says_more_than_an_entry_by_hand_and_that_more_than_a_bounce() -> None:
    for reason, kept in [
        ("bounced", "bounced"),
        ("manual", "manual"),
        ("bounced", "manual"),
        ("unsubscribed", "unsubscribed"),
        ("manual", "unsubscribed"),
        ("objection", "unsubscribed"),
    ]:
        suppression.add(["ada@acme.example"], reason)
        assert Suppression.objects.get().reason == kept


def test_an_unknown_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="whim"):
        suppression.add(["ada@acme.example"], "whim")
    assert not Suppression.objects.exists()


def test_removing_counts_what_was_on_the_list() -> None:
    suppression.add(["ada@acme.example", "acme.example"], "manual")
    assert suppression.remove(["ADA@acme.example", "grace@acme.example"]) == 1
    assert suppression.suppressed(["ada@acme.example"]), "its domain is still there"
    assert suppression.remove(["@acme.example"]) == 1
    assert not suppression.suppressed(["ada@acme.example"])


def test_the_rows_behind_a_value_are_its_own_and_its_domains() -> None:
    suppression.add(["ada@acme.example", "grace@acme.example", "acme.example"], "manual")
    kinds = suppression.rows_for(" ada@mail.acme.example ").values_list("kind", flat=True)
    assert list(kinds) == ["domain"]
    assert suppression.rows_for("ada@acme.example").count() == 2
    assert suppression.rows_for("shop.acme.example").count() == 1
    assert not suppression.rows_for("nonsense").exists()


def test_the_database_holds_no_address_and_no_domain() -> None:
    # Words that hold other letters than a-f: those alone may stand in a digest by chance.
    suppression.add(["lovelace@umbrella.example", "winter.example"], "manual")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM crm_suppression")
        text = str(cursor.fetchall())
    assert not [word for word in ("lovelace", "umbrella", "winter", "example") if word in text]


def test_odd_addresses_are_asked_for_without_error() -> None:
    suppression.add(["acme.example"], "manual")
    assert suppression.suppressed(["", "@", "no address", "ada@", "ada@" + "a." * 500, "ada@co.uk"]) == set()


@pytest.mark.parametrize("many", [10_000, 2])
def test_one_query_whatever_the_number(monkeypatch, django_assert_num_queries, many: int) -> None:
    monkeypatch.setattr(suppression, "MANY", many)
    suppression.add(["ada7@acme.example", "beta.example", "unrelated.example"], "manual")
    given = [f"ada{n}@acme.example" for n in range(300)] + ["grace@mail.beta.example"]
    with django_assert_num_queries(1):
        assert suppression.suppressed(given) == {"ada7@acme.example", "grace@mail.beta.example"}
    with django_assert_num_queries(0):
        assert suppression.suppressed([]) == set()


def test_adding_many_takes_no_query_per_value(django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(10):
        assert suppression.add((f"ada{n}@acme.example" for n in range(500)), "manual") == Added(500, 0)


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_value_at_once_make_one_row_and_no_error(monkeypatch) -> None:
    monkeypatch.setattr(suppression, "_listed", at_once.meeting(suppression._listed))
    assert at_once.run(lambda: suppression.add(["ada@acme.example"], "manual")) == []
    assert Suppression.objects.count() == 1


def test_an_address_of_which_only_the_index_is_known_is_added_once() -> None:
    index = blind_index(normalise_email("Ada@acme.example"))
    assert suppression.add_indexes([index, index], "unsubscribed") == 1
    assert suppression.add_indexes([index], "complaint") == 0
    assert suppression.suppressed(["ada@ACME.example"]) == {"ada@ACME.example"}
    row = Suppression.objects.get()
    assert (row.kind, row.reason) == ("address", "unsubscribed")
    with pytest.raises(ValueError, match="no blind index"):
        suppression.add_indexes([index, "ada@acme.example"], "unsubscribed")
