import pytest

from enrichment.emails import proofs
from enrichment.emails.checks import Check
from enrichment.emails.scoring import Proof
from tests.emails.evidence import accepted, catch_all, outcome, refused, unclear

A = "jane.roe@example.com"


@pytest.mark.parametrize(
    ("checks", "proven", "method", "passed"),
    [
        ([], set(), None, None),
        ([accepted(A)], {Proof.DELIVERABLE}, "smtp_ping", True),
        ([refused(A)], {Proof.REJECTED}, "smtp_ping", False),
        ([accepted(A, "hunter")], {Proof.DELIVERABLE}, "api", None),
        ([refused(A, "hunter")], {Proof.REJECTED}, "api", None),
        ([outcome(A, "replied")], {Proof.DELIVERABLE}, "smtp_ping", True),
        ([outcome(A, "bounced")], {Proof.REJECTED}, "smtp_ping", False),
        ([catch_all(A)], {Proof.CATCH_ALL}, None, None),
        ([unclear(A, "directory_hidden")], {Proof.HIDDEN_DIRECTORY}, None, None),
        ([unclear(A, "mailbox_full")], {Proof.FULL}, None, None),
        ([unclear(A, "blocked")], set(), None, None),
        ([unclear(A, "greylisted"), unclear(A, "timeout", "reacher")], set(), None, None),
        # The giver closest to the mailbox decides.
        ([refused(A), accepted(A, "hunter")], {Proof.REJECTED}, "smtp_ping", False),
        ([accepted(A), refused(A, "hunter")], {Proof.DELIVERABLE}, "smtp_ping", True),
        ([accepted(A), outcome(A, "bounced")], {Proof.REJECTED}, "smtp_ping", False),
        ([unclear(A, "mailbox_full"), accepted(A, "hunter")], {Proof.FULL}, None, None),
        ([catch_all(A), accepted(A, "hunter")], {Proof.CATCH_ALL, Proof.DELIVERABLE}, "api", None),
        ([catch_all(A), refused(A, "hunter")], {Proof.CATCH_ALL, Proof.REJECTED}, "api", None),
        # Of one giver the latest answer counts, unless it says nothing.
        ([accepted(A, days=9), refused(A)], {Proof.REJECTED}, "smtp_ping", False),
        ([accepted(A, days=9), unclear(A, "blocked")], {Proof.DELIVERABLE}, "smtp_ping", True),
        ([accepted(A, days=9), catch_all(A)], {Proof.CATCH_ALL}, None, None),
        ([accepted(A, days=9), unclear(A, "directory_hidden")], {Proof.HIDDEN_DIRECTORY}, None, None),
        ([refused(A, "snov", days=9), accepted(A, "hunter")], {Proof.DELIVERABLE}, "api", None),
    ],
)  # fmt: skip
def test_what_checks_prove(checks: list[Check], proven: set[Proof], method: str | None, passed: bool | None) -> None:
    for given in (checks, checks[::-1]):
        assert set(proofs.proofs(given)) == proven
        assert (proofs.method(given), proofs.smtp_passed(given)) == (method, passed)


def test_a_proof_carries_the_sentence_of_its_check() -> None:
    said = proofs.proofs([catch_all(A, sentence="Every name is taken"), refused(A, "hunter", sentence="Hunter: no")])
    assert said == {Proof.CATCH_ALL: "Every name is taken", Proof.REJECTED: "Hunter: no"}


def test_the_strongest_answer_of_each_kind() -> None:
    clear, silent = accepted(A, "hunter", days=3), unclear(A, "timeout", "snov")
    checks = [silent, clear, catch_all(A, "reacher"), unclear(A, "greylisted"), outcome(A, "delivered")]
    assert proofs.by_provider(checks) == clear
    assert proofs.by_server(checks) == unclear(A, "greylisted")
    assert proofs.by_provider([unclear(A, "greylisted")]) is None
    assert proofs.by_server([clear]) is None


def test_of_each_giver_one_answer_counts_the_newest_first() -> None:
    checks = [accepted(A, days=9), unclear(A, "blocked"), accepted(A, "hunter", days=3), refused(A, "hunter", days=1)]
    assert proofs.latest(checks) == [refused(A, "hunter", days=1), accepted(A, days=9)]
