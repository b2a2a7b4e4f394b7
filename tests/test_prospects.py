"""What would change a score is promised by scoring itself, and only what can happen in this installation."""

import re
from collections.abc import Iterable
from dataclasses import asdict
from itertools import product

import pytest

from enrichment.emails import scoring
from enrichment.emails.scoring import Points, Proof, total
from enrichment.emails.verification.mx import Mx
from enrichment.models import ContactEmail
from enrichment.review import prospects
from enrichment.review.prospects import Available

FOUND = Mx("found", ("mx.example.com",))
CLAIMS = {
    "best pattern": [Points("Pattern first.last", 75, "")],
    "rare pattern": [Points("Pattern last", 9, ""), Points("Rarer spelling of the name", -5, "")],
    "published": scoring.published_points("https://acme.example/team"),
    "by hand": scoring.manual_points(),
}
STATES = [
    *[(), *((proof,) for proof in Proof)],
    (Proof.CATCH_ALL, Proof.DELIVERABLE),
    (Proof.CATCH_ALL, Proof.REJECTED),
    (Proof.CATCH_ALL, Proof.RIVAL),
    (Proof.HIDDEN_DIRECTORY, Proof.FULL),
    (Proof.VOUCHED, Proof.FULL),
    (Proof.VOUCHED, Proof.REJECTED),
]
MEANS = [Available(*given) for given in product((False, True), repeat=3)]
REPLACED = {Proof.DELIVERABLE, Proof.REJECTED, Proof.FULL, Proof.RIVAL}


def address(
    claims: str = "best pattern", mx: Mx | None = FOUND, proofs: Iterable[Proof] = (), **fields: object
) -> ContactEmail:
    """An address as scoring leaves it behind."""
    score = total(CLAIMS[claims], mx, disposable="mailinator" in str(fields.get("domain")), proofs=proofs)
    given = {
        "domain": "acme.example",
        "mx_check_passed": mx.passed if mx else None,
        "probability": 0.4,
        "generation_method": {"published": "published", "by hand": "manual"}.get(claims, "pattern_detection"),
        **fields,
    }
    breakdown = [asdict(row) for row in score.breakdown]
    return ContactEmail(verification_score=score.value, score_breakdown=breakdown, **given)


@pytest.mark.parametrize("mx", [FOUND, None, Mx("unknown"), Mx("implicit", ("acme.example",)), Mx("null")])
@pytest.mark.parametrize("claims", CLAIMS)
def test_every_promise_is_what_scoring_yields(claims: str, mx: Mx | None) -> None:
    for proofs, means in product(STATES, MEANS):
        row = address(claims, mx, proofs)
        others = set(proofs) - REPLACED
        for sentence in prospects.prospects(row, means):
            if found := re.match(r"If .*(confirms it|answers a message)", sentence):
                least = int(re.search(r"(?:at least|at) (\d+)", sentence)[1])
                assert total(CLAIMS[claims], mx, proofs=others | {Proof.DELIVERABLE}).value >= least, sentence
                assert total([], mx, proofs=others | {Proof.DELIVERABLE}).value == least, found
                assert ("rises" in sentence) == (row.verification_score < least)
            elif found := re.search(r"falls to (\d+) or less", sentence):
                assert total(CLAIMS[claims], mx, proofs=others | {Proof.REJECTED}).value <= int(found[1])
                assert row.verification_score > int(found[1])
            elif found := re.search(r"pages, the score rises to (\d+)", sentence):
                published = total(CLAIMS["published"], mx, proofs=set(proofs) - {Proof.RIVAL}).value
                assert published == int(found[1]) > row.verification_score
            if found := re.search(r"(\d+) is the most", sentence):
                assert total(CLAIMS["best pattern"], mx, proofs=proofs).value == int(found[1]), sentence
            if found := re.search(r"the score is (\d+) by what is known", sentence):
                looked_up = sentence.startswith(("Whether its domain", "Its domain"))
                left = set(proofs) if looked_up else set(proofs) - {Proof.RIVAL}
                assert total(CLAIMS[claims], FOUND if looked_up else mx, proofs=left).value == int(found[1])


def test_nobody_is_promised_who_cannot_be_asked_here() -> None:
    for claims, proofs, means in product(CLAIMS, STATES, MEANS):
        said = " ".join(prospects.prospects(address(claims, FOUND, proofs), means))
        server = re.search(r"the mail server (or a provider )?(itself )?(confirms|says)", said)
        provider = re.search(r"a provider (confirms|says)", said)
        assert means.smtp or not server
        assert means.provider or not provider
        assert means.website or "own pages" not in said
        assert not (server and set(proofs) & {Proof.CATCH_ALL, Proof.HIDDEN_DIRECTORY, Proof.RIVAL})


EVERYBODY, NOBODY = Available(True, True, True), Available(False, False, False)


@pytest.mark.parametrize(
    ("row", "means", "expected"),
    [
        (address(), Available(True, False, True), "If the mail server confirms it, or the person answers a message"),
        (address(), EVERYBODY, "If the mail server or a provider says that there is no such mailbox"),
        (address(), NOBODY, "ENRICHMENT_SMTP_PROBE=true allows it"),
        (address(), NOBODY, "HUNTER_API_KEY"),
        (address("rare pattern"), EVERYBODY, "own pages, the score rises to 100"),
        (address("rare pattern", proofs=[Proof.CATCH_ALL]), EVERYBODY, "own pages, the score rises to 79"),
        (address(proofs=[Proof.CATCH_ALL]), EVERYBODY, "(catch-all), so its mail server cannot prove this one: 79"),
        (address(proofs=[Proof.RIVAL]), EVERYBODY, "If the other one is refused, the score is 100"),
        (address(probability=0.001), EVERYBODY, "not asked about a guess with a chance of less than 2%"),
        (address(mx=Mx("null")), EVERYBODY, "takes no mail: 10 is the most. Once it does, the score is 100"),
        (address(domain="mailinator.com"), EVERYBODY, "throw-away addresses: 10 is the most"),
        (address(proofs=[Proof.REJECTED]), EVERYBODY, "If the mail server itself confirms it"),
        (address("by hand", None, [Proof.VOUCHED]), EVERYBODY, "not known. If it does, the score is 100"),
    ],
)
def test_it_says_what_matters(row: ContactEmail, means: Available, expected: str) -> None:
    assert expected in " ".join(prospects.prospects(row, means))


def test_a_refusal_by_the_server_stands_and_a_confirmed_address_falls_only_by_a_bounce() -> None:
    refused = address(proofs=[Proof.REJECTED], smtp_check_passed=False)
    assert prospects.prospects(refused, EVERYBODY) == [
        "The mailbox was refused: 10 is the most until a later answer says otherwise."
    ]
    confirmed = address(proofs=[Proof.DELIVERABLE], smtp_check_passed=True)
    assert prospects.prospects(confirmed, EVERYBODY) == ["If a message to it bounces, it falls to 10 or less."]


def test_nobody_is_asked_about_the_suppressed() -> None:
    assert prospects.prospects(address(), EVERYBODY, suppressed=True) == [prospects.SUPPRESSED]


def test_a_breakdown_that_is_not_scorings_promises_nothing() -> None:
    row = ContactEmail(domain="acme.example", score_breakdown=[{"label": "Pattern", "points": 75, "evidence": ""}])
    (sentence,) = prospects.prospects(row, EVERYBODY)
    assert not re.search(r"\d", sentence)


def test_the_settings_say_who_can_be_asked(settings) -> None:
    settings.ENRICHMENT_SMTP_PROBE, settings.ENRICHMENT_SOURCES = True, ["wikidata"]
    assert prospects.available() == Available(smtp=True, provider=False, website=False)
