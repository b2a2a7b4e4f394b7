"""The gate's answers: every region, origin and consent; each other rule; and what a release lifts."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import regions
from crm.models import ContactAddress, LawfulBasis
from outreach import gate
from outreach.gate import Action, Decision, Facts, Sender

ORIGINS = ContactAddress.Origin.values
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SENDER = Sender(id=UUID(int=1))
OPEN = Facts(
    channel="email",
    region="US",
    origin="published",
    probability=0.95,
    relevant=True,
    lawful_basis=LawfulBasis.B2B_LEGITIMATE_INTEREST,
    sender=SENDER,
    min_probability=0.8,
    has_public_url=True,
)


def judge(**changes: Any) -> Decision:
    return gate.judge(replace(OPEN, **changes))


def sender(**changes: Any) -> Decision:
    return judge(sender=replace(SENDER, **changes))


def rows() -> list[dict[str, str]]:
    with regions.TABLE.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def expected(row: dict[str, str], origin: str) -> str:
    """Return the answer to a relevant e-mail sent by a program, straight from the table."""
    guessed = row["generated_address"] if origin == "guessed" else "yes"
    if row["policy"] == "needs_consent" or guessed == "no":
        return "block"
    holds = [
        row["default_action"] == "hold",
        row["confidence"] == "low",
        row["need_published_address"] == "1" and origin != "published",
        guessed == "unknown",
        row["automated_send_ok"] == "0",
        row["registry_to_check"] and row["default_action"] != "allow",
    ]
    return "hold" if any(holds) else "allow"


# Regions, origins, consent


@pytest.mark.parametrize("consent", [False, True])
@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("row", rows(), ids=lambda row: row["country_code"])
def test_every_region_origin_and_consent_has_its_answer_and_names_the_country(
    row: dict[str, str], origin: str, consent: bool
) -> None:
    decision = judge(region=row["country_code"], origin=origin, consent=consent)
    assert decision.action == ("allow" if consent else expected(row, origin))
    assert decision.reasons[0].startswith(f"{row['country']}: ")
    assert ("consent is recorded" in decision.reasons[0]) == consent
    assert not decision.temporary


CASES = [
    ("DE", {}, "block", "Germany: prior consent is needed before a first message may be sent."),
    ("DE", {"released_at": NOW}, "block", "Germany: prior consent is needed before a first message may be sent."),
    ("DE", {"consent": True}, "allow", "Germany: the person's consent is recorded, which a message may rest on."),
    (
        "DE",
        {"lawful_basis": "contact_request"},
        "allow",
        "Germany: the person asked to be contacted, which a message may rest on.",
    ),
    (
        "DE",
        {"channel": "linkedin"},
        "block",
        "Germany: prior consent is needed before a first message may be sent.",
    ),
    (
        "ES",
        {"channel": "linkedin"},
        "hold",
        "Spain: whether this rule holds for direct messages is not known, so a person has to decide.",
    ),
    ("ES", {"channel": "manual_email"}, "block", "Spain: prior consent is needed before a first message may be sent."),
    (
        "SG",
        {"origin": "guessed"},
        "block",
        "Singapore: an address that was formed from the name must not be written to.",
    ),
    ("FI", {"relevant": None}, "hold", "Finland: the message must concern the person's role, and that is not certain."),
    (
        "FI",
        {"relevant": False},
        "hold",
        "Finland: the message must concern the person's role, and that is not certain.",
    ),
    (
        "FI",
        {"relevant": True},
        "allow",
        "Finland: a first message may be sent with a way to opt out. The rule: Named employee may be mailed if the "
        "product relates essentially to the person's tasks; a job title alone is not enough evidence.",
    ),
    (
        "",
        {},
        "hold",
        "Any other or unknown country: a person has to decide whether a first message may be sent. The rule: Country "
        "unknown or not listed: hold for a human.",
    ),
    (
        "US",
        {"lawful_basis": None, "consent": True},
        "allow",
        "United States: the person's consent is recorded, which a message may rest on.",
    ),
    ("SE", {"released_at": NOW}, "allow", "Released by a person on 2026-11-24."),
    ("CH", {"released_at": NOW}, "allow", "Released by a person on 2026-11-24."),
]


@pytest.mark.parametrize(("region", "changes", "action", "sentence"), CASES)
def test_the_answer_reads_as_a_person_would_say_it(
    region: str, changes: dict[str, Any], action: str, sentence: str
) -> None:
    decision = judge(region=region, **changes)
    assert (decision.action, decision.reasons[0]) == (action, sentence)


def test_an_address_must_be_published_where_the_law_says_so() -> None:
    sentence = "New Zealand: the address must be one that the company publishes, and this one is not."
    assert sentence in judge(region="NZ", origin="manual").reasons
    assert sentence not in judge(region="NZ", origin="published").reasons
    assert sentence not in judge(region="NZ", origin="manual", channel="linkedin").reasons


def test_a_message_sent_by_hand_is_not_held_for_being_automated() -> None:
    sentence = "Switzerland: a message must be sent by hand, not automatically."
    assert sentence in judge(region="CH").reasons
    for by_hand in ({"channel": "manual_email"}, {"channel": "linkedin"}, {"released_at": NOW}):
        assert sentence not in judge(region="CH", **by_hand).reasons


# Each other rule: what is found, and whether a release lifts it


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"suppressed": True}, "suppression list"),
        ({"refused": True}, "at another address"),
        ({"consent_withdrawn": True}, "withdrew"),
        ({"had_sequence": True}, "in this sequence before"),
        ({"probability": 0.09}, "hardly exists (9%)"),
    ],
)
def test_what_blocks_stays_blocked_whoever_releases_it(changes: dict[str, Any], word: str) -> None:
    for more in ({}, {"released_at": NOW}, {"lawful_basis": "contact_request"}, {"sender": None}):
        decision = judge(**(changes | more))
        assert decision.action == "block"
        assert word in decision.reasons[0]
        assert not decision.temporary


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"lawful_basis": None}, "lawful basis"),
        ({"probability": 0.1}, "a chance of 10%, and 80% is the least"),
        ({"probability": 0.7999}, "79.99%"),
        ({"origin": "guessed", "probability": None}, "Nobody knows whether the address exists"),
        ({"origin": "provider", "probability": None}, "Nobody knows whether the address exists"),
        ({"region": "SE"}, "Sweden: a person has to decide"),
    ],
)
def test_what_a_person_may_decide_is_held_until_they_have(changes: dict[str, Any], word: str) -> None:
    held = judge(**changes)
    assert (held.action, held.temporary) == ("hold", False)
    assert word in held.reasons[0]
    released = judge(**changes, released_at=NOW)
    assert released.action == "allow"
    assert released.reasons[0] == "Released by a person on 2026-11-24."
    assert any(word in reason for reason in released.reasons)  # still there to be read


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"origin": "", "probability": None}, "no address to write to"),
        ({"sender": None}, "OUTREACH_FROM"),
        ({"sender": replace(SENDER, active=False)}, "switched off"),
        ({"sender": replace(SENDER, company=False)}, "company is missing"),
        ({"sender": replace(SENDER, postal_address=False)}, "postal address is missing"),
        ({"has_public_url": False}, "OUTREACH_PUBLIC_URL"),
    ],
)
def test_what_is_missing_is_in_the_way_also_of_what_was_released(changes: dict[str, Any], word: str) -> None:
    for more in ({}, {"released_at": NOW}):
        decision = judge(**changes, **more)
        # The sender's side is set right without looking at each message again; an address is the message's own matter.
        assert (decision.action, decision.temporary) == ("hold", "origin" not in changes)
        assert word in decision.reasons[0]
    assert judge(**changes, channel="linkedin").action == "allow"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"paused": True, "pause_reason": "4 of 50 messages bounced."}, "4 of 50 messages bounced."),
        ({"problems": ("SPF: sender.example has no record.",)}, "SPF: sender.example has no record."),
        ({"used": 50, "cap": 50}, "daily cap is reached (50 of 50)"),
        ({"used": 0, "cap": 0}, "daily cap is reached (0 of 0)"),
    ],
)
def test_what_passes_by_itself_holds_for_now(changes: dict[str, Any], word: str) -> None:
    decision = sender(**changes)
    assert (decision.action, decision.temporary) == ("hold", True)
    assert word in decision.reasons[0]
    channels = {"manual_email": "hold", "linkedin": "allow"}
    for channel, action in channels.items():
        assert judge(channel=channel, sender=replace(SENDER, **changes)).action == action
    released = judge(sender=replace(SENDER, **changes), released_at=NOW)
    assert (released.action, released.temporary) == ("hold", True)


def test_a_hold_that_passes_beside_one_that_does_not_is_not_temporary() -> None:
    busy = replace(SENDER, used=50)
    assert not judge(sender=busy, lawful_basis=None).temporary
    assert judge(sender=busy, lawful_basis=None, released_at=NOW).temporary
    assert not judge(sender=busy, suppressed=True).temporary
    assert not judge().temporary


@pytest.mark.parametrize("origin", ["published", "manual"])
def test_an_address_that_somebody_saw_needs_no_number(origin: str) -> None:
    assert judge(origin=origin, probability=None).action == "allow"


def test_nothing_of_an_address_concerns_a_message_on_linkedin() -> None:
    for changes in ({"probability": 0.01}, {"probability": None, "origin": "guessed"}, {"probability": 0.5}):
        assert judge(channel="linkedin", **changes).action == "allow"
    assert judge(channel="linkedin", suppressed=True).action == "block"


facts = st.builds(
    Facts,
    channel=st.sampled_from(["email", "linkedin", "manual_email"]),
    region=st.sampled_from([*regions.REGIONS, "", "QQ"]),
    origin=st.sampled_from([*ORIGINS, ""]),
    probability=st.none() | st.floats(0, 1),
    relevant=st.none() | st.booleans(),
    lawful_basis=st.none() | st.sampled_from(LawfulBasis.values),
    sender=st.none()
    | st.builds(
        Sender,
        id=st.just(UUID(int=1)),
        active=st.booleans(),
        company=st.booleans(),
        postal_address=st.booleans(),
        paused=st.booleans(),
        problems=st.sampled_from([(), ("SPF: no record.",)]),
        used=st.integers(0, 60),
    ),
    min_probability=st.just(0.8),
    has_public_url=st.booleans(),
    consent=st.booleans(),
    consent_withdrawn=st.booleans(),
    suppressed=st.booleans(),
    refused=st.booleans(),
    had_sequence=st.booleans(),
    released_at=st.none() | st.just(NOW),
)


@given(facts)
def test_whatever_is_known_the_answer_has_a_reason_and_a_release_never_makes_it_stricter(one: Facts) -> None:
    decision = gate.judge(one)
    assert decision.reasons
    assert all(reason.endswith(".") for reason in decision.reasons)
    if one.suppressed or one.refused or one.consent_withdrawn or one.had_sequence:
        assert decision.action == "block"
    before, after = (gate.judge(replace(one, released_at=moment)) for moment in (None, NOW))
    order = list(Action)
    assert order.index(after.action) <= order.index(before.action)
    assert (before.action == "block") == (after.action == "block")
    if decision.action == "allow" and one.by_mail:
        assert one.sender
        assert one.origin
        assert one.has_public_url
    json.dumps(gate.receipt(one, decision, NOW))


# Signs that conflict


def test_a_sign_of_a_stricter_country_holds_until_a_person_decides() -> None:
    doubts = (("DE", "tld"), ("FR", "phone"))
    held = judge(doubts=doubts)
    assert (held.action, held.temporary, held.region) == ("hold", False, "stopped")
    assert held.reasons[0] == (
        "United States: another sign (the ending of the domain) says Germany, whose rules are stricter: correct the "
        "country, or release the message."
    )
    assert judge(doubts=doubts, released_at=NOW).action == "allow"
    assert judge(doubts=doubts, consent=True).action == "allow"
    assert judge(doubts=doubts, region_rules_apply=False).region == "warned"
    assert judge(doubts=(("FR", "phone"),)).action == "allow"
    assert judge(region="DE", doubts=(("US", "tld"),)).action == "block"


def test_nothing_that_protects_a_person_is_only_a_warning() -> None:
    for stop in ("suppressed", "refused", "consent_withdrawn"):
        assert judge(**{stop: True, "region_rules_apply": False, "released_at": NOW}).action == "block"


# The receipt


def test_the_receipt_holds_what_was_looked_at_and_answered() -> None:
    one = replace(OPEN, sender=replace(SENDER, used=7))
    decision = gate.judge(one)
    assert gate.receipt(one, decision, NOW) == {
        "action": "allow",
        "reasons": list(decision.reasons),
        "judgedAt": "2026-11-24T12:00:00+00:00",
        "channel": "email",
        "region": "US",
        "policy": "allowed_opt_out",
        "origin": "published",
        "probability": 0.95,
        "lawfulBasis": "b2b_legitimate_interest",
        "consent": False,
        "suppressed": False,
        "released": False,
        "mailbox": str(UUID(int=1)),
        "cap": {"used": 7, "of": 50},
    }
    bare = gate.receipt(replace(OPEN, sender=None, refused=True), decision, NOW)
    assert (bare["mailbox"], bare["cap"], bare["suppressed"]) == (None, None, True)


def test_rules_that_only_warn_stop_nothing_and_say_so() -> None:
    strict = judge(region="DE")
    assert (strict.action, strict.region) == ("block", "stopped")
    warned = judge(region="DE", region_rules_apply=False)
    assert (warned.action, warned.region) == ("allow", "warned")
    assert any(reason.startswith("Warning only, as an admin decided. Germany: ") for reason in warned.reasons)
    assert judge(region="DE", region_rules_apply=False, suppressed=True).action == "block"
    assert judge(region="DE", region_rules_apply=False, consent_withdrawn=True).action == "block"
    assert judge(region="US").region == ""
