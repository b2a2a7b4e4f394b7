"""GET contacts: filters, search, orderings and cursors."""

import base64
import itertools
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from core.api.renderers import dumps
from enrichment.api import representations
from enrichment.models import EnrichedContact, JobContact
from tests.factories import BrandFactory, ContactFactory, EmailFactory, JobFactory

LIST = "/api/enrichment/contacts"
ORDERINGS = {
    "createdAt": "created_at",
    "confidenceScore": "confidence_score",
    "lastName": "last_name",
    "company": "company",
}
SIGNED = [f"{sign}{name}" for name in ORDERINGS for sign in ("", "-")]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def ids(body) -> list[str]:
    return [contact["id"] for contact in body["contacts"]]


def walk(api, **query) -> list[str]:
    """Follow the cursors from the first page to the last; return the ids in the order they came."""
    body = api.get(LIST, query).json()
    total, found = body["pagination"]["total"], ids(body)
    while cursor := body["pagination"]["nextCursor"]:
        body = api.get(LIST, {**query, "cursor": cursor}).json()
        assert body["pagination"] == body["pagination"] | {"total": total, "offset": len(found)}
        found += ids(body)
        assert len(found) <= total
    return found


def first_cursor(api, **query) -> str:
    return api.get(LIST, {"limit": 2, **query}).json()["pagination"]["nextCursor"]


@pytest.fixture
def crowd(db) -> list[EnrichedContact]:
    """Contacts with every mixture of few values, so that each column has ties, and the company nulls."""
    brand = BrandFactory()
    values = itertools.product(["Acme", None, "Bolt"], ["Example", "Moss", "Zed"], [50, 80])
    return [
        ContactFactory(
            company=company,
            last_name=name,
            confidence_score=score,
            linked_brand=brand,
            created_at=NOON + timedelta(microseconds=number % 4),
            seniority="vp" if number % 3 else "head",
        )
        for number, (company, name, score) in enumerate(values)
    ]


def test_the_list_shows_what_the_representation_of_a_contact_says(api) -> None:
    with_profile = ContactFactory(linkedin_url="https://www.linkedin.com/in/ada", linkedin_id="ada", region_code="DE")
    for number in range(3):
        EmailFactory(enriched_contact=with_profile, probability=number / 10)
    bare = ContactFactory(linked_brand=None, job_title=None, company=None, verified_at=NOON)
    body = api.get(LIST).json()
    rows = EnrichedContact.objects.prefetch_related("emails").order_by("-created_at")
    assert [contact["id"] for contact in body["contacts"]] == [str(bare.pk), str(with_profile.pk)]
    expected = [
        representations.contact_fields(row)
        | {"emails": [representations.email_summary(email) for email in row.emails.all()]}
        for row in rows
    ]
    assert dumps(body["contacts"]) == dumps(expected)


@pytest.mark.parametrize("ordering", SIGNED)
@pytest.mark.parametrize("filters", [{}, {"seniority": "vp"}, {"minConfidence": 60}])
@pytest.mark.parametrize("limit", [1, 5])
def test_walking_by_cursor_gives_the_whole_list_in_order_with_ties_and_nulls(
    api, crowd, ordering, filters, limit
) -> None:
    column, descending = ORDERINGS[ordering.removeprefix("-")], ordering.startswith("-")
    chosen = [
        contact
        for contact in crowd
        if contact.seniority == filters.get("seniority", contact.seniority)
        and contact.confidence_score >= filters.get("minConfidence", 0)
    ]
    filled = [contact for contact in chosen if getattr(contact, column) is not None]
    filled.sort(key=lambda contact: (getattr(contact, column), contact.pk), reverse=descending)
    empty = sorted((c for c in chosen if getattr(c, column) is None), key=lambda c: c.pk, reverse=descending)
    expected = [str(contact.pk) for contact in [*filled, *empty]]
    assert walk(api, ordering=ordering, limit=limit, **filters) == expected
    offsets = range(0, len(chosen) + limit, limit)
    pages = [api.get(LIST, {"ordering": ordering, "limit": limit, "offset": o, **filters}).json() for o in offsets]
    assert [contact for page in pages for contact in ids(page)] == expected, "pages by offset"
    assert {page["pagination"]["total"] for page in pages} == {len(expected)}


def test_rows_that_come_and_go_meanwhile_make_no_other_row_appear_twice_or_vanish(api, crowd) -> None:
    newest_first = [str(contact.pk) for contact in sorted(crowd, key=lambda c: (c.created_at, c.pk), reverse=True)]
    body = api.get(LIST, {"limit": 6}).json()
    seen = ids(body)
    for key in seen[:3] + seen[-1:]:
        EnrichedContact.objects.get(pk=key).delete()
    ContactFactory(created_at=NOON + timedelta(hours=1))
    while cursor := body["pagination"]["nextCursor"]:
        body = api.get(LIST, {"limit": 6, "cursor": cursor}).json()
        seen += ids(body)
    assert seen == newest_first


def test_the_length_is_counted_on_the_first_page_alone(api, crowd, django_assert_num_queries) -> None:
    authentication = 1
    with django_assert_num_queries(authentication + 3 + 1):  # the last in the audit trail
        first = api.get(LIST, {"limit": 5}).json()["pagination"]
    ContactFactory()
    with django_assert_num_queries(authentication + 2 + 1):
        second = api.get(LIST, {"limit": 5, "cursor": first["nextCursor"]}).json()["pagination"]
    assert (second["total"], second["offset"]) == (len(crowd), 5)
    with django_assert_num_queries(authentication + 2 + 1):
        assert api.get(LIST).json()["pagination"]["total"] == len(crowd) + 1


def test_fifty_rows_take_no_query_each(api, django_assert_max_num_queries) -> None:
    brand = BrandFactory()
    for _ in range(51):
        EmailFactory(enriched_contact=ContactFactory(linked_brand=brand, linkedin_id="ada", linkedin_url="x"))
    with django_assert_max_num_queries(1 + 4 + 1):
        body = api.get(LIST).json()
    assert [len(contact["emails"]) for contact in body["contacts"]] == [1] * 50


def test_a_cursor_shows_nobody_and_goes_on_in_its_own_ordering(api, crowd) -> None:
    cursor = first_cursor(api, ordering="lastName")
    assert b"xample" not in base64.urlsafe_b64decode(cursor)
    without = api.get(LIST, {"cursor": cursor}).json()
    assert without == api.get(LIST, {"cursor": cursor, "ordering": "lastName"}).json()


def test_a_cursor_that_cannot_be_used_is_400_with_a_sentence(api, crowd) -> None:
    for _ in range(3):
        JobFactory()
    good = first_cursor(api)
    foreign = api.get("/api/enrichment/jobs", {"limit": 2}).json()["pagination"]["nextCursor"]
    altered = good[:30] + ("A" if good[30] != "A" else "B") + good[31:]
    for bad in ("x", "1", altered, good[:-8], foreign, "🙂"):
        answer = api.get(LIST, {"cursor": bad})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_cursor"), bad
        assert "nextCursor" in answer.json()["message"]
    answer = api.get(LIST, {"cursor": good, "ordering": "lastName"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_cursor")
    assert "-createdAt" in answer.json()["message"]
    answer = api.get(LIST, {"cursor": good, "offset": 0})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")
    assert "not both" in answer.json()["message"]


def test_a_cursor_under_a_key_that_was_taken_away_is_400(api, crowd, settings) -> None:
    cursor = first_cursor(api)
    settings.FIELD_ENCRYPTION_KEYS = ["YW5vdGhlci1rZXktYW5vdGhlci1rZXktYW5vdGhlci0="]
    assert api.get(LIST, {"cursor": cursor}).json()["error"] == "invalid_cursor"


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"status": "good"}, "verified, unknown, risky, new, approved, rejected"),
        ({"source": "website,fax"}, "linkedin, website, public_index, manual"),
        ({"seniority": "king"}, "founder, c_level"),
        ({"ordering": "email"}, "createdAt, -createdAt"),
        ({"minConfidence": "101"}, "100"),
        ({"minConfidence": "high"}, "integer"),
        ({"search": "x" * 201}, "200"),
        ({"search": "a\x00b"}, "ull"),
    ],
)
def test_a_value_that_there_is_not_is_400_and_names_those_there_are(api, query, named) -> None:
    answer = api.get(LIST, query)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")
    assert answer.json()["message"].startswith(f"{next(iter(query))}: ")
    assert named in answer.json()["message"]


def test_only_what_a_job_found(api) -> None:
    job, found = JobFactory(), ContactFactory()
    ContactFactory()
    JobContact.objects.create(job=job, contact=found)
    JobContact.objects.create(job=JobFactory(), contact=found)
    assert ids(api.get(LIST, {"jobId": str(job.pk)}).json()) == [str(found.pk)]
    for nothing in (str(uuid.uuid4()), "x"):
        assert api.get(LIST, {"jobId": nothing}).json()["pagination"] == {
            "total": 0, "limit": 50, "offset": 0, "nextCursor": None,
        }  # fmt: skip


def test_the_status_is_that_of_the_likeliest_address_or_of_the_review(api) -> None:
    contacts = {}
    for statuses in (["verified", "risky"], ["unknown", "verified"], ["risky"], []):
        contact = ContactFactory(review_status="rejected" if statuses == ["risky"] else "new")
        contacts[str(contact.pk)] = statuses
        for place, status in enumerate(statuses):
            EmailFactory(enriched_contact=contact, verification_status=status, probability=0.9 - place / 2)

    def having(status: str) -> list[list[str]]:
        body = api.get(LIST, {"status": status, "ordering": "createdAt"}).json()
        assert all(
            contact["emails"][0]["verificationStatus"] == status
            for contact in body["contacts"]
            if status in {"verified", "unknown", "risky"}
        )
        return [contacts[key] for key in ids(body)]

    assert having("verified") == [["verified", "risky"]]
    assert having("unknown") == [["unknown", "verified"]]
    assert having("risky") == having("rejected") == [["risky"]]
    assert having("new") == [["verified", "risky"], ["unknown", "verified"], []]
    assert having("approved") == []


def test_filters_narrow_one_another_and_take_several_values(api) -> None:
    for source, seniority, score in itertools.product(("website", "linkedin", "manual"), ("vp", "staff"), (40, 90)):
        ContactFactory(source=source, seniority=seniority, confidence_score=score)

    def found(**query) -> set[tuple[str, str, int]]:
        contacts = api.get(LIST, query).json()["contacts"]
        return {(contact["source"], contact["seniority"], contact["confidenceScore"]) for contact in contacts}

    assert found(source="website,manual", seniority="vp", minConfidence=41) == {
        ("website", "vp", 90),
        ("manual", "vp", 90),
    }
    assert len(found(seniority="vp, staff", minConfidence=40)) == 12


@pytest.mark.parametrize(
    ("search", "hit"),
    [
        ("müller", True),
        ("MULLER", True),
        ("Mul", True),
        ("muller zoe", True),
        ("zoë sales", True),
        ("sales bolt", True),
        ("obrien", True),
        ("O'Brien", True),
        ("zoe marketing", False),
        ("muller acme", False),
        ("100%", True),
        ("%", True),
        ("1%0", False),
        ("_", False),
        ("", True),
        ("  ", True),
        ("Zoe.Mueller@Bolt.example", True),
        ("zoe.mueller@bolt", False),
        ("@", False),
    ],
)
def test_search_finds_every_word_whatever_its_case_and_accents(api, search, hit) -> None:
    contact = ContactFactory(
        first_name="Zoë", last_name="Müller-O’Brien", job_title="Head of Sales (100%)", company="Bolt"
    )
    EmailFactory(enriched_contact=contact, email="zoe.mueller@bolt.example")
    EmailFactory(enriched_contact=contact, email="zm@bolt.example")
    assert ids(api.get(LIST, {"search": search}).json()) == [str(contact.pk)] * hit


def test_search_finds_a_name_that_was_corrected_by_hand(api) -> None:
    contact = ContactFactory(first_name="Ada", last_name="Exmaple")
    EnrichedContact.objects.filter(pk=contact.pk).update(last_name="Example")
    assert ids(api.get(LIST, {"search": "example"}).json()) == [str(contact.pk)]
