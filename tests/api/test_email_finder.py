"""POST email-finder."""

import pytest

from crm import suppression
from enrichment.models import ContactEmail, EnrichedContact, Usage

FINDER = "/api/enrichment/email-finder"
ADA = {"firstName": "Ada", "lastName": "Example", "domain": "acme.example"}


def find(api, **body):
    return api.post(FINDER, {**ADA, **body}, format="json")


def used() -> list[tuple[str, int]]:
    return list(Usage.objects.values_list("kind", "amount"))


def test_the_likeliest_address_comes_first_with_all_that_is_known_of_it(api, dns) -> None:
    answer = find(api)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"success", "email", "candidates", "suppressed", "diagnostics", "domain"}
    assert (body["success"], body["email"], body["suppressed"]) == (True, "ada.example@acme.example", False)
    best = body["candidates"][0]
    assert set(best) == {
        "email", "pattern", "confidence", "verificationScore", "verificationStatus", "verificationMethod",
        "probability", "generationMethod", "apiSource", "smtpCheckPassed", "mxCheckPassed", "scoreBreakdown",
    }  # fmt: skip
    assert (best["email"], best["pattern"], best["confidence"]) == ("ada.example@acme.example", "first.last", 95)
    assert (best["mxCheckPassed"], best["smtpCheckPassed"], best["apiSource"]) == (True, None, None)
    assert sum(row["points"] for row in best["scoreBreakdown"]) == best["verificationScore"]
    chances = [candidate["probability"] for candidate in body["candidates"]]
    assert chances == sorted(chances, reverse=True)
    domain = body["domain"]
    assert (domain["domain"], domain["operator"], domain["catchAll"]) == ("acme.example", "acme.example", None)
    assert (domain["mx"]["found"], domain["mx"]["hosts"]) == (True, ["mx.acme.example"])
    assert not EnrichedContact.objects.exists()
    assert not ContactEmail.objects.exists()


def test_a_whole_name_is_split(api, dns) -> None:
    answer = api.post(FINDER, {"name": "Ada Example", "domain": "ACME.example"}, format="json")
    assert answer.json()["email"] == "ada.example@acme.example"


def test_known_addresses_show_the_companys_pattern(api, dns) -> None:
    known = [{"name": "Bo Roe", "email": "b.roe@acme.example"}, {"name": "Cy Poe", "email": "c.poe@acme.example"}]
    assert find(api, known=known).json()["email"] == "a.example@acme.example"


def test_where_no_mail_arrives_no_address_is_the_answer(api, dns) -> None:
    body = find(api, domain="null.example").json()
    assert body["email"] is None
    assert {candidate["verificationStatus"] for candidate in body["candidates"]} == {"risky"}
    assert body["domain"]["mx"]["null"] is True


def test_a_person_with_one_name_has_no_candidates(api, dns) -> None:
    body = find(api, lastName="").json()
    assert (body["email"], body["candidates"], body["suppressed"]) == (None, [], False)


def test_the_mail_server_is_asked_and_its_answer_counts(api, mail) -> None:
    body = find(api, smtp=True).json()
    assert body["email"] == "aexample@acme.example"
    best = body["candidates"][0]
    assert (best["verificationMethod"], best["smtpCheckPassed"]) == ("smtp_ping", True)
    assert best["probability"] > 0.5
    assert not mail.messages


def test_the_mail_server_is_asked_unless_told_otherwise_where_the_installation_does(api, mail) -> None:
    assert find(api, smtp=False).json()["email"] == "ada.example@acme.example"
    assert mail.asked == []
    assert find(api).json()["email"] == "aexample@acme.example"


def test_somebody_who_objected_is_not_shown_and_nobody_is_asked_about_them(api, mail) -> None:
    suppression.add(["ada.example@acme.example"], "objection")
    body = find(api).json()
    assert (body["email"], body["candidates"], body["suppressed"]) == (None, [], True)
    assert mail.asked == []


def test_an_address_on_the_suppression_list_that_is_hardly_theirs_is_left_out(api, dns) -> None:
    suppression.add(["a.example@acme.example"], "objection")
    body = find(api).json()
    assert (body["email"], body["suppressed"]) == ("ada.example@acme.example", False)
    assert "a.example@acme.example" not in [candidate["email"] for candidate in body["candidates"]]


def test_nobody_is_found_at_a_domain_on_the_suppression_list(api, mail) -> None:
    suppression.add(["acme.example"], "objection")
    body = find(api).json()
    assert (body["email"], body["candidates"], body["suppressed"]) == (None, [], True)
    assert mail.connections == 0


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "invalid_input"),
        ({"domain": "acme.example"}, "invalid_name"),
        ({"domain": "acme.example", "firstName": "", "lastName": ""}, "invalid_name"),
        ({"domain": "acme.example", "name": ""}, "invalid_input"),
        ({"domain": "acme.example", "name": "x" * 201}, "invalid_input"),
        ({"domain": "acme.example", "name": 7}, "invalid_input"),
        ({"domain": "no domain", "name": "Ada Example"}, "invalid_domain"),
        ({"domain": "https://acme.example/", "name": "Ada Example"}, "invalid_domain"),
        ({"domain": "localhost", "name": "Ada Example"}, "invalid_domain"),
        ({**ADA, "known": "Bo"}, "invalid_input"),
        ({**ADA, "known": [{"name": "Bo Roe"}]}, "invalid_input"),
        ({**ADA, "known": [{"name": "Bo Roe", "email": "b@acme.example"}] * 1001}, "invalid_input"),
        ({**ADA, "smtp": "true"}, "invalid_input"),
        ({**ADA, "smtp": None}, "invalid_input"),
        ({**ADA, "smtp": True}, "smtp_probe_off"),
        ({**ADA, "providers": True}, "no_provider"),
        ([], "invalid_input"),
    ],
)
def test_what_cannot_be_used_is_400_says_what_to_do_and_counts_nothing(api, dns, body, error) -> None:
    answer = api.post(FINDER, body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["message"]
    assert used() == []


def test_it_counts_as_one_address_and_says_what_is_left(api, dns) -> None:
    answer = find(api)
    assert used() == [("addresses", 1)]
    assert '"addresses";r=499;' in answer["RateLimit"]


def test_beyond_the_limit_it_is_429_and_nothing_is_counted(api, dns, settings) -> None:
    settings.ENRICHMENT_LIMIT_EMAILS = 1
    assert find(api).status_code == 200
    answer = find(api)
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limit_exceeded")
    assert 86300 <= int(answer["Retry-After"]) <= 86400
    assert used() == [("addresses", 1)]
