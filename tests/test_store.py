"""One person is one contact, one address one row, however often they are found."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, BrokenBarrierError, Thread

import pytest
from django.db import connections, transaction

from crm import regions
from enrichment import jobs, store
from enrichment.discovery.base import Evidence, Person
from enrichment.emails.checks import SMTP, Check, Result
from enrichment.emails.finder import Candidate
from enrichment.models import ContactEmail, DomainProfile, EnrichedContact, EnrichmentJob
from tests.factories import BrandFactory, EmailFactory, JobFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("best_addresses_noted")]

SEEN = datetime(2026, 11, 24, 10, tzinfo=UTC)


def evidence(field: str, value: str, url: str = "https://acme.example/team") -> Evidence:
    return Evidence(field, value, url, value, "website", SEEN)


def person(first: str = "Zoë", last: str = "Müller", **fields) -> Person:
    return Person(first, last, evidence=(evidence("name", f"{first} {last}"),), **{"title": "Head of Sales"} | fields)


def candidate(local: str, score: int = 100, probability: float = 0.42, **fields) -> Candidate:
    return Candidate(
        **{
            "email": f"{local}@acme.example",
            "domain": "acme.example",
            "pattern": "first.last",
            "confidence": 95,
            "score": score,
            "status": "verified" if score >= 80 else "unknown" if score >= 50 else "risky",
            "method": "mx_check",
            "generation": "pattern_detection",
            "mx_passed": True,
            "probability": probability,
            "model_probability": probability,
            "breakdown": (),
        }
        | fields
    )


@pytest.fixture
def brand():
    return BrandFactory()


def run(brand, *found) -> tuple[EnrichmentJob, store.Stored]:
    job = JobFactory(brand=brand)
    with jobs.fenced(jobs.claim(job.pk)) as row:
        return job, store.save(row, found)


def test_a_second_run_updates_and_never_doubles(brand) -> None:
    first, _ = run(brand, (person(), [candidate("zoe.mueller"), candidate("zmueller", 53)]))
    second, stored = run(brand, (person(title="VP Sales", seniority="vp"), [candidate("zoe.mueller", 90)]))
    contact = EnrichedContact.objects.get()
    assert (contact.job_title, contact.seniority) == ("VP Sales", "vp")
    assert [email.email for email in contact.emails.all()] == ["zoe.mueller@acme.example"], "the stale guess went"
    assert contact.emails.get().verification_score == 90
    assert set(contact.jobs.all()) == {first, second}
    assert (stored.contacts, stored.enriched, stored.addresses, stored.verified) == (1, 1, 1, 1)
    assert [entry["label"] for entry in contact.activity] == [
        "Discovered via website",
        "Found again via website",
        "Job title changed from Head of Sales to VP Sales",
    ]


def test_spelling_without_accents_is_the_same_person(brand) -> None:
    run(brand, (person(), []))
    run(brand, (person("Zoe", "Muller"), []))
    assert EnrichedContact.objects.count() == 1


def test_the_linkedin_profile_decides_over_the_name(brand) -> None:
    run(brand, (person(linkedin_id="zoe-m"), []))
    run(brand, (person("Zoë", "Müller-Klein", linkedin_id="ZOE-M"), []))
    assert EnrichedContact.objects.count() == 1
    run(brand, (person(linkedin_id="another-zoe"), []))
    assert EnrichedContact.objects.count() == 2


def test_two_people_of_one_name_in_one_run_stay_two(brand) -> None:
    for _ in range(2):
        run(brand, (person(title="CEO"), []), (person(title="Cook"), []))
    assert sorted(EnrichedContact.objects.values_list("job_title", flat=True)) == ["CEO", "Cook"]


def test_the_same_name_at_another_brand_is_somebody_else(brand) -> None:
    run(brand, (person(), []))
    run(BrandFactory(), (person(), []))
    assert EnrichedContact.objects.count() == 2


def test_a_brand_deleted_meanwhile_mixes_up_no_companies(brand) -> None:
    run(brand, (person(), []))
    EnrichedContact.objects.update(linked_brand=None)
    job = JobFactory(brand=None, brand_name="Another")
    with jobs.fenced(jobs.claim(job.pk)) as row:
        store.save(row, [(person(), [])])
    assert EnrichedContact.objects.count() == 2


def test_only_the_best_addresses_are_stored_and_all_patterns_listed(brand) -> None:
    tried = [candidate(f"guess{n}", pattern=f"p{n}", probability=0.9 - n / 10) for n in range(8)]
    run(brand, (person(), tried))
    assert [email.email for email in EnrichedContact.objects.get().emails.all()] == [
        f"guess{n}@acme.example" for n in range(3)
    ]
    assert ContactEmail.objects.first().name_permutations == [f"p{n}" for n in range(8)]


def test_a_published_address_verifies_the_contact_and_stays_when_it_vanishes_from_the_site(brand) -> None:
    run(brand, (person(), [candidate("zm", generation="published", method="published")]))
    assert EnrichedContact.objects.get().verified_at is not None
    run(brand, (person(), [candidate("zoe.mueller")]))
    assert ContactEmail.objects.count() == 2


def test_a_guess_never_sets_verified(brand) -> None:
    run(brand, (person(), [candidate("zoe.mueller")]))
    assert EnrichedContact.objects.get().verified_at is None


def test_what_a_human_entered_by_hand_stays(brand) -> None:
    run(brand, (person(), []))
    EnrichedContact.objects.update(source="manual", job_title="Owner")
    run(brand, (person(title="Intern"), []))
    assert EnrichedContact.objects.get().job_title == "Owner"


def test_evidence_is_kept_once_per_claim_and_page(brand) -> None:
    for _ in range(3):
        run(brand, (person(), []))
    (entry,) = EnrichedContact.objects.get().evidence
    assert entry == {
        "field": "name", "value": "Zoë Müller", "url": "https://acme.example/team", "snippet": "Zoë Müller",
        "source": "website", "seenAt": "2026-11-24T10:00:00Z",
    }  # fmt: skip


def test_the_same_address_twice_among_the_candidates_is_one_row(brand) -> None:
    run(brand, (person(), [candidate("zm", 100), candidate("ZM", 50)]))
    assert ContactEmail.objects.get().verification_score == 100


def test_storing_a_hundred_people_takes_no_query_per_person(brand, django_assert_max_num_queries) -> None:
    people = [(person("Ada", f"Example{n}"), [candidate(f"ada.example{n}")]) for n in range(100)]
    with django_assert_max_num_queries(30):
        _, stored = run(brand, *people)
    assert stored.contacts == 100


def test_deleting_a_contact_forgets_its_address_as_a_clue_too(brand) -> None:
    pairs = [{"name": "Zoë Müller", "email": "zm@acme.example"}, {"name": "Ada Example", "email": "ae@acme.example"}]
    DomainProfile.objects.create(domain="acme.example", known_addresses=pairs)
    run(brand, (person(), [candidate("zm", generation="published", method="published")]))
    assert store.delete(EnrichedContact.objects.get().pk)
    assert not ContactEmail.objects.exists()
    assert DomainProfile.objects.get().known_addresses == pairs[1:]
    assert not store.delete(brand.pk)


@pytest.mark.django_db(transaction=True)
def test_two_jobs_for_one_brand_at_once_make_one_contact(brand, monkeypatch) -> None:
    both_looked, looked = Barrier(2), store._Pool.__init__

    def look_and_wait(pool: store._Pool, *arguments: object) -> None:
        looked(pool, *arguments)
        try:
            both_looked.wait(0.5)
        except BrokenBarrierError:
            pass  # the other one has to wait until we are done, as it should

    def work() -> None:
        try:
            run(brand, (person(), [candidate("zoe.mueller")]))
        finally:
            connections.close_all()

    monkeypatch.setattr(store._Pool, "__init__", look_and_wait)
    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    contact = EnrichedContact.objects.get()
    assert (contact.jobs.count(), contact.emails.count()) == (2, 1)


def test_other_addresses_of_the_database_are_left_alone(brand) -> None:
    other = EmailFactory()
    run(brand, (person(), [candidate("zoe.mueller")]))
    assert ContactEmail.objects.filter(pk=other.pk).exists()


def test_a_contact_takes_its_jobs_region_and_the_rules_of_its_country(brand) -> None:
    def found(region: str | None, *candidates: Candidate, **fields) -> EnrichedContact:
        job = JobFactory(brand=brand, region_code=region)
        with jobs.fenced(jobs.claim(job.pk)) as row:
            store.save(row, [(person(seniority="head", decision_maker=True, **fields), candidates)])
        return EnrichedContact.objects.get()

    assert regions.policy("US").default_action == "allow"
    assert regions.policy("DE").default_action == "block"
    contact = found("US", candidate("zm", generation="published", method="published"))
    assert (contact.region_code, contact.compliance_check_passed) == ("US", True)
    contact = found(None)
    assert (contact.region_code, contact.compliance_check_passed) == ("US", True), (
        "the address found before still counts"
    )
    contact = found("DE", candidate("zm", generation="published", method="published"))
    assert (contact.region_code, contact.compliance_check_passed) == ("DE", False)


def test_without_an_address_the_compliance_check_is_not_passed(brand) -> None:
    job = JobFactory(brand=brand, region_code="US")
    with jobs.fenced(jobs.claim(job.pk)) as row:
        store.save(row, [(person(), [])])
    assert EnrichedContact.objects.get().compliance_check_passed is False


def test_a_region_entered_by_hand_stays(brand) -> None:
    run(brand, (person(), []))
    EnrichedContact.objects.update(source="manual", region_code="FR")
    job = JobFactory(brand=brand, region_code="US")
    with jobs.fenced(jobs.claim(job.pk)) as row:
        store.save(row, [(person(), [])])
    assert EnrichedContact.objects.get().region_code == "FR"


def test_a_rejected_contact_that_is_found_again_stays_rejected(brand) -> None:
    run(brand, (person(), [candidate("zoe.mueller")]))
    EnrichedContact.objects.update(review_status="rejected")
    run(brand, (person(), [candidate("zoe.mueller")]))
    assert EnrichedContact.objects.get().review_status == "rejected"


def test_a_contact_stored_without_addresses_this_time_keeps_those_it_has(brand) -> None:
    run(brand, (person(), [candidate("zoe.mueller")]))
    run(brand, (person(), []))
    assert ContactEmail.objects.get().email == "zoe.mueller@acme.example"


# What mail servers and providers said ---------------------------------------------------------------


def said(result: str, by: str = SMTP, retry_at: datetime | None = None) -> Check:
    return Check("zoe@acme.example", by, Result(result), result, "It was so.", SEEN, retry_at=retry_at)


def proven(local: str = "zoe", by: str = SMTP, **fields) -> Candidate:
    method = {"method": "smtp_ping", "smtp_passed": True} if by == SMTP else {"method": "api", "api_source": by}
    return candidate(local, 100, 0.98, checks=(said("deliverable", by),), **method | fields)


def refused(local: str = "zoe", **fields) -> Candidate:
    made = {"method": "smtp_ping", "smtp_passed": False, "checks": (said("undeliverable"),)}
    return candidate(local, 10, 0.01, **made | fields)


def stored() -> dict[str, tuple[str | None, int, bool | None]]:
    rows = ContactEmail.objects.all()
    return {
        row.email.partition("@")[0]: (row.verification_method, row.verification_score, row.smtp_check_passed)
        for row in rows
    }


def save(*candidates: Candidate) -> None:
    with transaction.atomic():
        store.save_addresses([(EnrichedContact.objects.get(), candidates)], SEEN)


@pytest.fixture
def zoe(brand) -> EnrichedContact:
    run(brand, (person(), []))
    return EnrichedContact.objects.get()


@pytest.mark.parametrize("by", [SMTP, "hunter"])
def test_an_answer_is_stored_with_who_gave_it(zoe, by) -> None:
    save(proven(by=by))
    row = ContactEmail.objects.get()
    assert (row.verification_method, row.smtp_check_passed, row.api_source, row.last_checked_at) == (
        ("smtp_ping", True, None, SEEN) if by == SMTP else ("api", None, "hunter", SEEN)
    )


@pytest.mark.parametrize("checks", [(), (said("unknown"),)])
def test_what_was_confirmed_stays_where_nobody_was_asked_or_could_tell(zoe, checks) -> None:
    save(proven())
    save(candidate("zoe", 83, checks=checks))
    assert stored() == {"zoe": ("smtp_ping", 100, True)}


def test_an_answer_anew_overwrites_an_older_one(zoe) -> None:
    save(proven())
    save(refused())
    assert stored() == {"zoe": ("smtp_ping", 10, False)}
    save(proven(by="hunter"))
    assert stored()["zoe"][:2] == ("api", 100)


def test_what_a_person_vouches_for_is_not_overwritten_by_any_answer(zoe) -> None:
    EmailFactory(enriched_contact=zoe, email="zoe@acme.example", verification_method="manual", verification_score=100)
    save(refused())
    assert stored() == {"zoe": ("manual", 100, None)}


def test_a_guess_that_was_turned_down_goes_and_what_was_published_stays(zoe) -> None:
    save(refused("zoe"), refused("zm", generation="published"), candidate("zoe.mueller"))
    assert set(stored()) == {"zoe", "zm", "zoe.mueller"}
    save(candidate("zoe.mueller"))
    assert set(stored()) == {"zm", "zoe.mueller"}


TOO_MANY = [candidate(f"guess{n}", 60, 0.3 - n / 10) for n in range(3)]


def test_one_that_was_confirmed_and_is_refused_now_is_no_longer_in_front(zoe) -> None:
    save(proven("zoe"), proven("zm", generation="published"))
    save(*TOO_MANY, refused("zoe"), refused("zm", generation="published"))
    assert "zoe" not in stored()
    assert stored()["zm"] == ("smtp_ping", 10, False)


def test_a_server_that_asks_for_patience_sets_the_next_check(zoe) -> None:
    later = SEEN + timedelta(minutes=10)
    save(candidate("zoe", checks=(said("unknown", retry_at=later),)))
    assert ContactEmail.objects.get().next_check_at == later
    save(proven())
    assert ContactEmail.objects.get().next_check_at is None


@pytest.mark.parametrize(
    ("found", "label"),
    [
        (proven(), "Verified: the mail server confirmed the address"),
        (proven(by="hunter"), "Verified: a provider confirmed the address"),
        (candidate("zoe", method="published", generation="published"), "Verified: the company publishes the address"),
        (candidate("zoe", method="pattern"), None),
        (refused(), None),
    ],
)
def test_a_contact_is_verified_by_proof_alone(zoe, found, label) -> None:
    zoe.activity = []
    store.mark_verified(zoe, [candidate("other"), found], SEEN)
    assert (zoe.verified_at, [entry["label"] for entry in zoe.activity]) == ((SEEN, [label]) if label else (None, []))
    store.mark_verified(zoe, [proven()], SEEN + timedelta(days=1))
    assert len(zoe.activity) == 1, "once"
