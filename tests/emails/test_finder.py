import email_validator
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.emails.checks import Check, Result
from enrichment.emails.finder import Candidate, Known, find
from enrichment.emails.permutations import SPEC_CONFIDENCE
from enrichment.emails.reliability import Outcome, fit
from enrichment.emails.verification.mx import Mx
from tests.emails.evidence import NOW, accepted, catch_all, check, found, outcome, refused, unclear

FOUND = Mx("found", ("mx.example.com",))
ANSWERS = [None, FOUND, *(Mx(status) for status in ("implicit", "null", "none", "unknown"))]
KNOWN = [Known("Max Muster", "mmuster@example.com"), Known("Ada Night", "anight@example.com")]

fuzz = settings(derandomize=True, max_examples=150, deadline=None, database=None)


def by_email(candidates: list[Candidate]) -> dict[str, Candidate]:
    return {candidate.email: candidate for candidate in candidates}


def test_the_worked_example_without_known_addresses() -> None:
    candidates = find("Sarah", "Johnson", "example.com", mx=FOUND)
    best = candidates[0]
    assert (best.email, best.pattern, best.confidence) == ("sarah.johnson@example.com", "first.last", 95)
    assert (best.score, best.status, best.method) == (100, "verified", "mx_check")
    assert best.probability == pytest.approx(0.43, abs=0.04)
    found = by_email(candidates)
    scores = [found[f"{name}@example.com"].score for name in ("sjohnson", "sarah", "s.johnson")]
    assert 60 > scores[0] > scores[1] > scores[2] > 25
    assert set(SPEC_CONFIDENCE) <= {candidate.pattern for candidate in candidates}
    assert found["johnson@example.com"].confidence is None


def test_the_score_stands_on_rows_with_evidence() -> None:
    best = find("Sarah", "Johnson", "example.com", mx=FOUND)[0]
    assert [(row.label, row.points) for row in best.breakdown] == [
        ("Pattern first.last", 75),
        ("MX record", 15),
        ("Format", 10),
    ]
    assert best.breakdown[1].evidence == "mx.example.com"


def test_known_addresses_move_the_points_to_the_companys_pattern() -> None:
    candidates = find("Sarah", "Johnson", "example.com", known=KNOWN, mx=FOUND)
    assert candidates[0].email == "sjohnson@example.com"
    assert (candidates[0].score, candidates[0].method) == (100, "pattern")
    assert 0.6 < candidates[0].probability < 0.9
    rival = by_email(candidates)["sarah.johnson@example.com"]
    assert (rival.status, rival.method) == ("risky", "mx_check")


def test_a_colleagues_spelling_is_followed() -> None:
    known = [Known("Jörg Grün", "jorg.grun@example.com")]
    assert find("Hans", "Müller", "example.com", mx=FOUND)[0].email == "hans.mueller@example.com"
    assert find("Hans", "Müller", "example.com", known=known, mx=FOUND)[0].email == "hans.muller@example.com"


def test_a_rarer_spelling_shares_the_pattern_but_not_the_points() -> None:
    found = by_email(find("Hans", "Müller", "example.com", mx=FOUND))
    usual, rarer = found["hans.mueller@example.com"], found["hans.muller@example.com"]
    assert (usual.pattern, rarer.pattern) == ("first.last", "first.last")
    assert usual.score == 100
    assert rarer.score == 57
    assert usual.probability > rarer.probability


def test_a_published_address_is_kept_as_such_and_comes_first() -> None:
    candidates = find(
        "Sarah", "Johnson", "example.com", published="S.Johnson@Example.com", published_url="https://example.com/team",
        mx=FOUND,
    )  # fmt: skip
    best = candidates[0]
    assert (best.email, best.generation, best.method) == ("s.johnson@example.com", "published", "published")
    assert (best.pattern, best.confidence, best.score) == ("f.last", 80, 100)
    assert best.breakdown[0].evidence == "https://example.com/team"
    assert best.probability >= 0.9
    assert len(by_email(candidates)) == len(candidates)
    assert all(candidate.probability < 0.05 for candidate in candidates[1:])


def test_an_address_published_at_another_domain_has_that_domains_mx() -> None:
    answers = {"example.com": FOUND, "example.org": Mx("none")}
    found = by_email(find("Sarah", "Johnson", "example.com", published="sj@example.org", mx=answers))
    assert found["sj@example.org"].mx_passed is False
    assert found["sarah.johnson@example.com"].mx_passed is True
    single = by_email(find("Sarah", "Johnson", "example.com", published="sj@example.org", mx=FOUND))
    assert single["sj@example.org"].mx_passed is None


def test_a_published_shared_mailbox_is_hardly_the_persons_own() -> None:
    published = by_email(find("Sarah", "Johnson", "example.com", published="info@example.com", mx=FOUND))
    assert published["info@example.com"].probability < 0.5


def test_a_published_text_that_is_no_address_is_overlooked() -> None:
    assert find("Sarah", "Johnson", None, published="sarah at example", mx=None) == []


def test_without_a_domain_only_the_published_address_remains() -> None:
    (only,) = find("Sarah", "Johnson", None, published="sarah@example.org", mx={"example.org": FOUND})
    assert (only.email, only.pattern, only.mx_passed) == ("sarah@example.org", None, True)


@pytest.mark.parametrize(("first", "last"), [("", ""), ("Sarah", ""), ("", "Johnson"), ("😀", "Johnson"), ("12", "34")])
def test_nothing_is_guessed_without_both_names(first: str, last: str) -> None:
    assert find(first, last, "example.com", mx=FOUND) == []


@pytest.mark.parametrize("domain", ["localhost", "a b.example", "[192.0.2.1]", "192.0.2.1", "x@example.com", "." * 300])
def test_nothing_is_guessed_at_what_is_no_mail_domain(domain: str) -> None:
    assert find("Sarah", "Johnson", domain, mx=None) == []


def test_a_domain_may_be_written_in_any_spelling() -> None:
    answers = {"müller.example": FOUND}
    best = find("Sarah", "Johnson", "Müller.example", mx=answers)[0]
    assert (best.email, best.mx_passed) == ("sarah.johnson@xn--mller-kva.example", True)


@pytest.mark.parametrize("status", ["null", "none"])
def test_a_domain_without_mail_leaves_hardly_a_chance(status: str) -> None:
    candidates = find("Sarah", "Johnson", "example.com", mx=Mx(status))
    assert max(candidate.score for candidate in candidates) <= 10
    assert max(candidate.probability for candidate in candidates) < 0.01
    assert candidates[0].email == "sarah.johnson@example.com"


@pytest.mark.parametrize("mx", [None, Mx("unknown")])
def test_without_a_dns_answer_nothing_is_verified(mx: Mx | None) -> None:
    best = find("Sarah", "Johnson", "example.com", mx=mx)[0]
    assert (best.score, best.status, best.mx_passed, best.method) == (79, "unknown", None, None)


def test_a_throw_away_domain_is_worth_nothing() -> None:
    assert find("Sarah", "Johnson", "mailinator.com", mx=FOUND)[0].score == 10


def test_an_initial_in_place_of_the_first_name_is_not_written_out() -> None:
    candidates = find("S.", "Johnson", "example.com", mx=FOUND)
    assert candidates[0].email == "sjohnson@example.com"
    assert candidates[0].probability < 0.25


def test_the_order_is_the_same_every_time() -> None:
    first = find("Michael", "Weiß-Groß", "example.com", known=KNOWN, mx=FOUND)
    assert first == find("Michael", "Weiß-Groß", "example.com", known=KNOWN, mx=FOUND)


def asked(*checks: Check, **fields) -> dict[str, Candidate]:
    return by_email(find("Sarah", "Johnson", "example.com", mx=FOUND, checks=checks, now=NOW, **fields))


FULL_NAME, SHORT, BARE = (f"{name}@example.com" for name in ("sarah.johnson", "sjohnson", "sarah"))


def test_a_confirmed_mailbox_is_proven_and_leaves_little_to_the_others() -> None:
    after = asked(accepted(SHORT, sentence="The mail server takes it: 250"))
    proven = after[SHORT]
    assert (proven.score, proven.status, proven.method, proven.smtp_passed) == (90, "verified", "smtp_ping", True)
    assert proven.breakdown[-1].evidence.startswith("The mail server takes it: 250")
    assert proven.checks == (accepted(SHORT, sentence="The mail server takes it: 250"),)
    assert proven.probability > 0.75
    assert next(iter(after)) == SHORT
    assert after[FULL_NAME].probability < 0.25


def test_a_refused_mailbox_falls_and_the_others_rise() -> None:
    before, after = asked(), asked(refused(FULL_NAME))
    gone = after[FULL_NAME]
    assert (gone.score <= 10, gone.status, gone.method, gone.smtp_passed) == (True, "risky", "smtp_ping", False)
    assert gone.probability < 0.03
    assert next(iter(after)) == SHORT
    assert all(after[email].probability >= before[email].probability for email in before if email != FULL_NAME)
    assert after[SHORT].probability > 1.5 * before[SHORT].probability


def test_a_catch_all_or_a_hidden_directory_caps_the_score_and_moves_no_chance() -> None:
    before = asked()
    for said in (catch_all(FULL_NAME), unclear(FULL_NAME, "directory_hidden")):
        after = asked(said)[FULL_NAME]
        assert (after.score, after.status, after.method, after.smtp_passed) == (79, "unknown", "mx_check", None)
        assert after.probability == before[FULL_NAME].probability


@pytest.mark.parametrize("reason", ["blocked", "greylisted", "timeout", "unclear"])
def test_a_server_that_does_not_tell_moves_nothing(reason: str) -> None:
    before, after = asked()[FULL_NAME], asked(unclear(FULL_NAME, reason))[FULL_NAME]
    assert (after.score, after.probability, after.method) == (before.score, before.probability, before.method)
    assert after.checks == (unclear(FULL_NAME, reason),)


def test_a_full_mailbox_is_risky() -> None:
    full = asked(unclear(FULL_NAME, "mailbox_full"))[FULL_NAME]
    assert (full.score, full.status) == (49, "risky")


def test_a_providers_verdict_is_proof_of_its_own_kind() -> None:
    valid = asked(accepted(SHORT, "hunter"))[SHORT]
    assert (valid.score, valid.method, valid.smtp_passed, valid.api_source) == (90, "api", None, "hunter")
    invalid = asked(refused(FULL_NAME, "hunter"))[FULL_NAME]
    assert (invalid.score <= 10, invalid.method, invalid.api_source) == (True, "api", "hunter")
    assert invalid.probability < 0.15


def test_where_a_message_a_server_and_a_provider_disagree_the_closest_to_the_mailbox_wins() -> None:
    server, provider = asked(accepted(FULL_NAME), refused(FULL_NAME, "hunter")), asked(refused(FULL_NAME, "hunter"))
    assert (server[FULL_NAME].score >= 90, server[FULL_NAME].method) == (True, "smtp_ping")
    assert (
        provider[FULL_NAME].probability
        < server[FULL_NAME].probability
        < asked(accepted(FULL_NAME))[FULL_NAME].probability
    )
    bounced = asked(accepted(FULL_NAME), accepted(FULL_NAME, "hunter"), outcome(FULL_NAME, "bounced"))
    assert (bounced[FULL_NAME].score <= 10, bounced[FULL_NAME].smtp_passed) == (True, False)
    assert bounced[FULL_NAME].probability < 0.5
    replied = asked(refused(FULL_NAME), refused(FULL_NAME, "hunter", days=400), outcome(FULL_NAME, "replied"))
    assert (replied[FULL_NAME].score >= 90, next(iter(replied))) == (True, FULL_NAME)


def test_two_confirmed_mailboxes_share_the_chance() -> None:
    both = asked(accepted(FULL_NAME), accepted(SHORT))
    assert both[FULL_NAME].probability > both[SHORT].probability > 0.1
    assert both[FULL_NAME].probability + both[SHORT].probability <= 1


def test_a_refusal_is_stronger_than_publication() -> None:
    after = asked(refused(FULL_NAME), published=FULL_NAME)
    assert (after[FULL_NAME].method, after[FULL_NAME].score <= 10) == ("smtp_ping", True)
    assert after[FULL_NAME].probability < 0.03


def test_an_answer_of_last_year_counts_less_than_one_of_today() -> None:
    fresh, old = (asked(accepted(SHORT, days=days))[SHORT].probability for days in (0, 365))
    assert asked()[SHORT].probability < old < fresh


def test_an_address_that_only_a_provider_gives_is_a_candidate() -> None:
    given = found("Sarah.Jo@example.com", confidence=0.9, url="https://blog.example/post")
    only = asked(found=[given])["sarah.jo@example.com"]
    assert (only.pattern, only.confidence, only.generation, only.api_source) == (None, None, "api_enrichment", "hunter")
    assert (only.method, only.mx_passed) == ("mx_check", True)
    assert only.breakdown[0].label == "Found by Hunter"
    assert only.breakdown[0].evidence == "90% sure; https://blog.example/post"
    assert 0.7 < only.probability < 0.9
    assert asked(found=[given])[FULL_NAME].probability < asked()[FULL_NAME].probability


def test_a_found_address_that_equals_a_guess_merges_with_it() -> None:
    given = found(SHORT, confidence=0.9, check=accepted(SHORT, "hunter"))
    after = asked(found=[given])
    same = after[SHORT]
    assert (same.pattern, same.generation, same.api_source) == ("flast", "api_enrichment", "hunter")
    assert (same.method, same.checks) == ("api", (accepted(SHORT, "hunter"),))
    assert same.score >= 90
    assert (
        same.probability > asked(found=[found(SHORT, confidence=0.9)])[SHORT].probability > asked()[SHORT].probability
    )
    # The check may come twice, filed by the caller too; it counts once.
    assert asked(accepted(SHORT, "hunter"), found=[given]) == after


def test_providers_that_agree_are_believed_more_and_one_that_repeats_itself_is_not() -> None:
    one, both, twice = (
        asked(found=[found("sj@example.com", by, 0.6) for by in givers])["sj@example.com"].probability
        for givers in (["hunter"], ["hunter", "snov"], ["hunter", "hunter"])
    )
    assert one == twice < both


def test_a_published_address_that_a_provider_gives_too_stays_published() -> None:
    both = asked(found=[found(SHORT, confidence=0.5)], published=SHORT, published_url="https://example.com/team")[SHORT]
    assert (both.generation, both.method, both.api_source) == ("published", "published", "hunter")
    assert both.breakdown[0].evidence == "https://example.com/team"
    assert both.probability > asked(published=SHORT)[SHORT].probability


def test_a_found_text_that_is_no_address_is_overlooked() -> None:
    assert asked(found=[found("nobody")]) == asked()


def test_a_provider_may_know_somebody_whose_address_cannot_be_guessed() -> None:
    (only,) = find("Sarah", "", "example.com", mx=FOUND, found=[found("sarah@example.com")], now=NOW)
    assert (only.generation, only.api_source) == ("api_enrichment", "hunter")


def test_outcomes_correct_the_chances_by_operator() -> None:
    right_half = [Outcome(0.45, index % 10 == 0, "google") for index in range(500)]
    calibrator = fit(right_half)
    google = Mx("found", ("aspmx.l.google.com",))
    plain, there, elsewhere = (
        find("Sarah", "Johnson", "example.com", mx=mx, calibrator=known, now=NOW)[0]
        for mx, known in ((google, None), (google, calibrator), (FOUND, calibrator))
    )
    assert there.probability < elsewhere.probability < plain.probability
    assert there.score == plain.score


def test_corrected_chances_are_still_one_persons() -> None:
    generous = fit([Outcome(chance / 100, True) for chance in range(100)] * 100)
    candidates = find("Sarah", "Johnson", "example.com", mx=FOUND, calibrator=generous, now=NOW)
    assert sum(candidate.probability for candidate in candidates) <= 1.01


answers = st.lists(
    st.builds(
        check,
        st.sampled_from([FULL_NAME, SHORT, BARE, "other@example.com"]),
        st.sampled_from(Result),
        st.sampled_from(["smtp", "outcome", "hunter"]),
        days=st.integers(0, 1000),
    ),
    max_size=6,
)


@given(answers, st.sampled_from([FULL_NAME, SHORT, BARE]), st.sampled_from([None, SHORT, "other@example.com"]))
@fuzz
def test_refusing_one_address_never_lowers_another(checks: list[Check], email: str, published: str | None) -> None:
    checks = [one for one in checks if (one.email, one.by) != (email, "smtp")]
    before, after = asked(*checks, published=published), asked(*checks, refused(email), published=published)
    assert after[email].probability <= before[email].probability
    assert all(after[other].probability >= before[other].probability for other in before if other != email)
    assert sum(candidate.probability for candidate in after.values()) <= 1.01


@given(
    first=st.text(max_size=60),
    last=st.text(max_size=60),
    known=st.lists(
        st.builds(Known, st.text(max_size=30), st.text(max_size=12).map("{}@example.com".format)), max_size=3
    ),
    published=st.none() | st.text(max_size=20) | st.emails(),
    mx=st.sampled_from(ANSWERS),
)
@fuzz
def test_candidates_of_any_name_are_valid_unique_ordered_and_add_up(
    first: str, last: str, known: list[Known], published: str | None, mx: Mx | None
) -> None:
    candidates = find(first, last, "example.com", known=known, published=published, mx=mx)
    assert len(by_email(candidates)) == len(candidates) <= 250
    assert sum(candidate.probability for candidate in candidates) <= 1.01  # each is rounded
    keys = [(-candidate.probability, -candidate.score) for candidate in candidates]
    assert keys == sorted(keys)
    for candidate in candidates:
        assert 0 <= candidate.score <= 100
        assert sum(row.points for row in candidate.breakdown) == candidate.score
        email_validator.validate_email(candidate.email, check_deliverability=False, strict=True)
        if candidate.generation == "pattern_detection":
            assert candidate.email.isascii()


@given(
    st.text(st.characters(categories=["L"]), min_size=1, max_size=20),
    st.text(st.characters(categories=["L"]), min_size=1, max_size=20),
)
@fuzz
def test_names_in_any_script_are_turned_into_plain_addresses(first: str, last: str) -> None:
    for candidate in find(first, last, "example.com", mx=FOUND):
        local = candidate.email.partition("@")[0]
        assert set(local) <= set("abcdefghijklmnopqrstuvwxyz._-")


def test_a_guess_pales_beside_an_address_that_was_confirmed_and_says_why() -> None:
    known = [Known("Søren Lund", "soren.lund@example.com"), Known("Jörg Möller", "jorg.moller@example.com")]
    unasked = by_email(find("Zoë", "Müller", "example.com", known=known, mx=FOUND, now=NOW))
    assert unasked["zoe.muller@example.com"].score == 100
    confirmed = accepted("zoe.mueller@example.com")
    candidates = find("Zoë", "Müller", "example.com", known=known, mx=FOUND, checks=[confirmed], now=NOW)
    assert candidates[0].email == confirmed.email
    assert candidates[0].score >= 90
    rival = by_email(candidates)["zoe.muller@example.com"]
    assert (rival.score, rival.status) == (49, "risky")
    assert "Another address of this person was confirmed" in [row.label for row in rival.breakdown]
