"""What the law of a country says to a first message: the table, each rule, and what may never happen."""

import csv
from dataclasses import replace
from urllib.parse import urlsplit

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import regions
from crm.models import ContactAddress
from crm.regions import Action, Confidence, Evidence, GeneratedAddress, Policy

ORIGINS = ContactAddress.Origin.values

# A country whose law allows a first message to anybody, at any address, sent by a program.
OPEN = replace(
    regions.REGIONS["US"],
    code="XA",
    country="Openland",
    generated_address=GeneratedAddress.YES,
    label_required="",
    optout_deadline_days=None,
)


def decide(monkeypatch: pytest.MonkeyPatch, message: dict | None = None, **changes: object) -> regions.Decision:
    """Return the decision for a country that is open but for `changes`."""
    row = replace(OPEN, **changes)
    monkeypatch.setattr(regions, "REGIONS", {**regions.REGIONS, "XA": row})
    return regions.decide("XA", **{"origin": "guessed", "relevant": True} | (message or {}))


# The table


def test_the_table_has_every_country_once_and_the_row_for_others() -> None:
    with regions.TABLE.open(encoding="utf-8", newline="") as table:
        codes = [row["country_code"] for row in csv.DictReader(table)]
    assert codes == sorted(set(codes))
    assert len(codes) == 66
    assert [code for code in codes if pycountry.countries.get(alpha_2=code) is None] == ["ZZ"]
    assert list(regions.REGIONS) == codes


@pytest.mark.parametrize("code", regions.REGIONS)
def test_every_row_is_consistent(code: str) -> None:
    row = regions.REGIONS[code]
    assert (row.policy == Policy.NEEDS_CONSENT) == (row.default_action == Action.BLOCK)
    assert row.policy != Policy.RESTRICTED or row.default_action == Action.HOLD
    assert not (row.confidence == Confidence.LOW and row.default_action == Action.ALLOW)
    assert row.conditions.endswith(".")
    assert row.source_law or code == "ZZ"
    if row.evidence == Evidence.UNCHECKED:
        assert (row.source_url, row.confidence) == ("", Confidence.LOW)
    else:
        assert urlsplit(row.source_url).scheme in {"http", "https"}


@pytest.mark.parametrize("code", [None, "", "QQ", "Germany", "ZZ"])
def test_a_country_that_is_not_known_gets_the_row_for_others(code: str | None) -> None:
    assert regions.policy(code).code == "ZZ"
    assert regions.decide(code, origin="published", relevant=True).action == "hold"


def test_codes_are_read_in_any_case() -> None:
    assert regions.policy(" de ").country == "Germany"


# The rules


def test_nothing_stands_in_the_way_of_an_open_country(monkeypatch: pytest.MonkeyPatch) -> None:
    decision = decide(monkeypatch)
    assert decision.action == "allow"
    (reason,) = decision.reasons
    assert reason.startswith("Openland: ")
    assert "opt out" in reason


def test_where_consent_is_needed_the_message_is_blocked_and_the_reason_names_the_country() -> None:
    decision = regions.decide("DE", origin="published", relevant=True, automated=False)
    assert decision.action == "block"
    assert decision.reasons[0] == "Germany: prior consent is needed before a first message may be sent."


def test_a_row_that_holds_by_default_says_what_its_rule_is() -> None:
    decision = regions.decide("SE", origin="published", relevant=True)
    assert decision.action == "hold"
    assert "unsettled" in decision.reasons[0]


def test_low_confidence_turns_allow_into_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    decision = decide(monkeypatch, confidence=Confidence.LOW)
    assert decision.action == "hold"
    assert "low confidence" in decision.reasons[0]


@pytest.mark.parametrize(
    ("origin", "action"), [("published", "allow"), ("guessed", "hold"), ("provider", "hold"), ("manual", "hold")]
)
def test_where_the_address_must_be_published_only_a_published_one_will_do(monkeypatch, origin, action) -> None:
    assert decide(monkeypatch, {"origin": origin}, need_published_address=True).action == action


@pytest.mark.parametrize(
    ("generated", "action"), [("yes", "allow"), ("caution", "allow"), ("unknown", "hold"), ("no", "block")]
)
def test_an_address_formed_from_the_name_goes_by_its_own_rule(monkeypatch, generated, action) -> None:
    rule = GeneratedAddress(generated)
    decision = decide(monkeypatch, generated_address=rule)
    assert decision.action == action
    assert any("formed from the name" in reason for reason in decision.reasons) == (generated != "yes")
    for origin in ("published", "provider", "manual"):
        assert decide(monkeypatch, {"origin": origin}, generated_address=rule).action == "allow"


@pytest.mark.parametrize(("relevant", "action"), [(True, "allow"), (False, "hold"), (None, "hold")])
def test_where_the_message_must_concern_the_role_it_must_surely_do_so(monkeypatch, relevant, action) -> None:
    assert decide(monkeypatch, {"relevant": relevant}, need_role_relevance=True).action == action
    assert decide(monkeypatch, {"relevant": relevant}).action == "allow"


@pytest.mark.parametrize(("automated", "action"), [(True, "hold"), (False, "allow")])
def test_where_programs_may_not_send_a_message_is_sent_by_hand(monkeypatch, automated, action) -> None:
    assert decide(monkeypatch, {"automated": automated}, automated_send_ok=False).action == action
    assert decide(monkeypatch, {"automated": automated}).action == "allow"


def test_a_register_to_look_into_holds_unless_the_law_allows_the_first_message_without(monkeypatch) -> None:
    held = decide(monkeypatch, registry_to_check="Robinson list", default_action=Action.HOLD)
    allowed = decide(monkeypatch, registry_to_check="Robinson list")
    assert (held.action, allowed.action) == ("hold", "allow")
    assert any("register first (Robinson list)" in reason for reason in allowed.reasons)


def test_labels_and_deadlines_are_things_to_mind(monkeypatch) -> None:
    decision = decide(monkeypatch, label_required="AD", optout_deadline_days=7)
    assert decision.action == "allow"
    assert decision.reasons[1:] == (
        "Openland: the message must be labelled as the law asks (AD).",
        "Openland: an opt-out must be honoured within 7 days.",
    )
    assert decide(monkeypatch, optout_deadline_days=0).reasons[-1].endswith("at once.")


def test_the_strictest_rule_wins_and_its_reason_stands_first(monkeypatch) -> None:
    decision = decide(monkeypatch, need_published_address=True, generated_address=GeneratedAddress.NO)
    assert decision.action == "block"
    assert ["must not" in reason for reason in decision.reasons] == [True, False, False]


@given(
    code=st.sampled_from([*regions.REGIONS, None, "QQ"]),
    origin=st.sampled_from(ORIGINS),
    relevant=st.sampled_from([True, False, None]),
    automated=st.booleans(),
)
def test_no_message_gets_past_a_consent_rule_or_a_row_of_low_confidence(code, origin, relevant, automated) -> None:
    row = regions.policy(code)
    decision = regions.decide(code, origin=origin, relevant=relevant, automated=automated)
    if row.policy == Policy.NEEDS_CONSENT:
        assert decision.action == "block"
    if row.confidence == Confidence.LOW:
        assert decision.action != "allow"
    assert regions.STRICTNESS.index(decision.action) >= regions.STRICTNESS.index(row.default_action)
    assert decision.reasons
    assert all(reason.startswith(f"{row.country}: ") and reason.endswith(".") for reason in decision.reasons)


# For people


@pytest.mark.parametrize("code", regions.REGIONS)
def test_an_explanation_has_conditions_source_and_date_and_is_no_legal_advice(code: str) -> None:
    row, text = regions.REGIONS[code], regions.explanation(code)
    assert text.startswith(f"{row.country}: a first business e-mail ")
    for part in (row.conditions, row.source_law, row.source_url, row.checked_on.isoformat(), "not legal advice"):
        assert part in text


def test_an_explanation_says_what_is_not_known() -> None:
    assert "not checked against a source; low confidence" in regions.explanation("NG")
    assert regions.explanation(None) == regions.explanation("ZZ")
    assert "Direct messages fall under the same rule." in regions.explanation("DE")
    assert "Direct messages" not in regions.explanation("US")


@pytest.mark.parametrize(
    ("seniority", "concerns"), [("head", True), ("board", True), ("senior", False), ("staff", False), ("unknown", None)]
)
def test_a_message_about_work_concerns_whoever_decides_something(seniority, concerns) -> None:
    assert regions.concerns_role(seniority) is concerns
