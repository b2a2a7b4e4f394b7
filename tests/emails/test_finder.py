import email_validator
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.emails.finder import Candidate, Known, find
from enrichment.emails.permutations import SPEC_CONFIDENCE
from enrichment.emails.verification.mx import Mx

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
    assert best.probability == pytest.approx(0.42, abs=0.03)
    found = by_email(candidates)
    scores = {name: found[f"{name}@example.com"].score for name in ("sjohnson", "sarah", "s.johnson", "sarahjohnson")}
    assert scores == {"sjohnson": 53, "sarah": 46, "s.johnson": 30, "sarahjohnson": 28}
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
    assert (rival.score, rival.status, rival.method) == (40, "risky", "mx_check")


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
    assert candidates[0].probability < 0.2


def test_the_order_is_the_same_every_time() -> None:
    first = find("Michael", "Weiß-Groß", "example.com", known=KNOWN, mx=FOUND)
    assert first == find("Michael", "Weiß-Groß", "example.com", known=KNOWN, mx=FOUND)


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
