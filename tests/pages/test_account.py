"""One's own account: password, second factor, time zone, sign-ins; and what each role may do."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings as django_settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import roles, second_factor, tasks
from enrichment.roles import REVIEWER_PERMISSIONS

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
OTHER = "another staple entirely"
SIGN_IN, CODE, TOKEN = "/account/sign-in/", "/account/sign-in/code/", "/api/auth/token"


@pytest.fixture
def ada() -> User:
    return User.objects.create_superuser("ada", email="ada@acme.example", password=PASSWORD)


@pytest.fixture
def own(ada: User, client: Client) -> Client:
    client.post(SIGN_IN, {"username": "ada", "password": PASSWORD})
    return client


@pytest.fixture
def guarded(ada: User) -> list[str]:
    """Ada has a second factor; these are her recovery codes."""
    device = second_factor.begin(ada)
    codes = second_factor.confirm(ada, _code(device, ago=60))
    assert codes
    return codes


def _code(device: TOTPDevice | None = None, ago: int = 0) -> str:
    device = device or TOTPDevice.objects.get()
    device.tolerance = 3
    device.save(update_fields=["tolerance"])
    return f"{totp(device.bin_key, t0=ago):06d}"


def first_step(client: Client, next_page: str = "/account/") -> Any:
    return client.post(SIGN_IN, {"username": "ada", "password": PASSWORD, "next": next_page})


def text(answer: Any) -> str:
    return answer.content.decode()


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# The account page ---------------------------------------------------------------------------------


def test_the_page_says_who_one_is_and_shows_ones_sign_ins_alone(own: Client) -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    AccessLog.objects.update(user_agent=firefox)
    AccessLog.objects.create(username="ada", ip_address="192.0.2.1", user_agent="<b>curl</b>", session_hash="x")
    AccessLog.objects.create(username="other", ip_address="192.0.2.77", user_agent="Other")
    Client().post(SIGN_IN, {"username": "ADA", "password": "wrong"})
    shown = text(own.get(reverse("account")))
    for words in (
        "ada@acme.example",
        "Admin: everything, and the API",
        "Firefox on Windows, from 127.0.0.1",
        "&lt;b&gt;curl",
        "1 failed attempt under your name",
    ):
        assert words in shown
    assert "192.0.2.77" not in shown


def test_nobody_else_sees_it() -> None:
    for name in ("account", "password", "second-factor"):
        assert Client().get(reverse(name))["Location"].startswith(f"{SIGN_IN}?next=/account/")


def test_a_new_password_ends_the_other_sessions_and_asks_for_the_old_one(own: Client, ada: User, settings) -> None:
    elsewhere = Client()
    elsewhere.force_login(ada)
    new = {"new_password1": OTHER, "new_password2": OTHER}
    assert "not your password" in text(own.post(reverse("password"), {"old_password": "wrong", **new}))
    assert own.post(reverse("password"), {"old_password": PASSWORD, **new})["Location"] == reverse("account")
    assert own.get(reverse("account")).status_code == 200
    assert elsewhere.get(reverse("account")).status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(OTHER)
    own.post(reverse("sign-out"))
    signed_in_by_page = AccessLog.objects.get(ip_address="127.0.0.1", path_info=SIGN_IN)
    assert signed_in_by_page.logout_time, "the sign-out is found under the session's new key"


def test_whoever_sits_at_a_session_of_anothers_cannot_guess_the_password(own: Client, settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    data = {"old_password": "wrong", "new_password1": OTHER, "new_password2": OTHER}
    assert [own.post(reverse("password"), data).status_code for _ in range(4)] == [200, 200, 429, 429]
    assert own.post(reverse("password"), {**data, "old_password": PASSWORD}).status_code == 429


def test_the_time_zone_is_kept_in_the_browser_and_dates_follow_it(own: Client) -> None:
    AccessLog.objects.update(attempt_time="2026-01-10T23:30:00Z")
    own.post(reverse("time-zone"), {"zone": "Asia/Tokyo"})
    cookie = own.cookies["time_zone"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"]) == ("Asia/Tokyo", "Lax", "")
    shown = text(own.get(reverse("account")))
    assert '<option value="Asia/Tokyo" selected>' in shown
    assert "08:30" in shown
    own.post(reverse("time-zone"), {"zone": "Mars/Olympus"})
    assert own.cookies["time_zone"].value == "Asia/Tokyo"
    own.post(reverse("time-zone"), {"zone": ""})
    assert own.cookies["time_zone"].value == ""


# The second factor --------------------------------------------------------------------------------


def test_it_is_set_up_by_a_first_code_and_gives_recovery_codes_once(own: Client, ada: User) -> None:
    assert own.get(reverse("second-factor"))["Location"] == reverse("account")
    page = text(own.post(reverse("second-factor-begin"), follow=True))
    device = TOTPDevice.objects.get()
    assert 'src="data:image/svg+xml' in page
    assert second_factor.secret(device) in page
    assert second_factor.of(ada) is None, "not before a code was seen"
    assert "not the code" in text(own.post(reverse("second-factor"), {"code": "000000"}))
    TOTPDevice.objects.update(throttling_failure_timestamp=None)
    done = own.post(reverse("second-factor"), {"code": f" {_code()[:3]} {_code()[3:]} "})
    codes = re.findall(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code>", text(done))
    assert len(set(codes)) == 10
    assert done["Cache-Control"] == "no-store, private"
    assert not StaticToken.objects.filter(token__in=codes).exists(), "kept as hashes"
    page = text(own.get(reverse("second-factor")))
    assert "10 left" in page
    assert codes[0] not in page
    assert second_factor.secret(TOTPDevice.objects.get()) not in page
    assert LogEntry.objects.get().change_message == "Second factor turned on."


def test_signing_in_takes_the_code_after_the_password(guarded, client: Client) -> None:
    answer = first_step(client, "/account/second-factor/")
    assert answer["Location"] == f"{CODE}?next=%2Faccount%2Fsecond-factor%2F"
    assert not is_in(client)
    assert client.get("/account/").status_code == 302
    assert AccessLog.objects.count() == 0
    wrong = client.post(answer["Location"], {"code": "000000"})
    assert (wrong.status_code, "This code is not right" in text(wrong), is_in(client)) == (200, True, False)
    assert AccessFailureLog.objects.get().username == "ada"
    TOTPDevice.objects.update(throttling_failure_timestamp=None)
    done = client.post(answer["Location"], {"code": _code()})
    assert (done.status_code, done["Location"], is_in(client)) == (302, "/account/second-factor/", True)
    assert AccessLog.objects.count() == 1
    assert not AccessAttempt.objects.exists()


def test_a_code_is_good_once(guarded, client: Client) -> None:
    code = _code()
    first_step(client)
    client.post(CODE, {"code": code})
    assert is_in(client)
    again = Client()
    first_step(again)
    assert "This code is not right" in text(again.post(CODE, {"code": code}))
    assert not is_in(again)


def test_a_recovery_code_is_good_once_however_it_is_typed(guarded, client: Client) -> None:
    first_step(client)
    done = client.post(CODE, {"code": f" {guarded[0].upper().replace('-', ' ')}"}, follow=True)
    assert "you have 9 left" in text(done)
    again = Client()
    first_step(again)
    again.post(CODE, {"code": guarded[0]})
    assert not is_in(again)


def test_the_code_must_come_within_five_minutes_of_the_password(guarded, client: Client) -> None:
    first_step(client)
    with time_machine.travel(timezone.now() + timedelta(seconds=301)):
        answer = client.post(f"{CODE}?next=/account/", {"code": guarded[0]})
        assert answer["Location"] == f"{SIGN_IN}?next=/account/"
        assert "The time for the code is over" in text(client.get(answer["Location"]))
    assert not is_in(client)
    assert second_factor.codes_left(User.objects.get()) == 10


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "!"}])
def test_who_was_deactivated_or_got_another_password_meanwhile_begins_again(guarded, client, ada, change) -> None:
    first_step(client)
    User.objects.update(**change)
    assert client.post(CODE, {"code": guarded[0]}).status_code == 302
    assert not is_in(client)


def test_without_a_password_there_is_no_second_step(client: Client, ada: User) -> None:
    assert client.get(CODE)["Location"].startswith(SIGN_IN)
    assert client.post(CODE, {"code": "1"})["Location"].startswith(SIGN_IN)


def test_the_second_step_leads_nowhere_else(guarded, client: Client) -> None:
    first_step(client)
    answer = client.post(f"{CODE}?next=https://evil.example/", {"code": guarded[0]})
    assert answer["Location"] == "/"


def test_codes_cannot_be_guessed(guarded, client: Client, settings) -> None:
    first_step(client)
    client.post(CODE, {"code": "000000"})
    waits = client.post(CODE, {"code": _code()})
    assert (waits.status_code, waits["Retry-After"]) == (429, "1")
    assert "The last codes were wrong. Try again in 1 second." in text(waits)
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(2):
        TOTPDevice.objects.update(throttling_failure_timestamp=None)
        answer = client.post(CODE, {"code": "000000"})
    assert (answer.status_code, "it is locked for your address" in text(answer)) == (429, True)
    assert client.post(CODE, {"code": guarded[0]}).status_code == 429
    assert first_step(Client()).status_code == 429
    assert not is_in(client)


def test_the_api_asks_for_the_code_too(guarded, client: Client) -> None:
    def ask(**more: str) -> Any:
        data = {"username": "ada", "password": PASSWORD, **more}
        return client.post(TOKEN, data, content_type="application/json")

    lacking = ask()
    assert (lacking.status_code, lacking.json()["error"]) == (400, "invalid_input")
    assert "second factor" in lacking.json()["message"]
    wrong = ask(otp="000000")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "authentication_failed")
    assert "`otp` is wrong" in wrong.json()["message"]
    assert ask(otp=_code()).status_code == 429, "a wrong code has to be waited out"
    TOTPDevice.objects.update(throttling_failure_timestamp=None)
    assert set(ask(otp=_code()).json()) == {"access", "refresh"}
    assert ask(otp=guarded[0]).status_code == 200
    assert ask(otp=guarded[0]).status_code == 401
    hidden = client.post(TOKEN, {"username": "ada", "password": "wrong"}, content_type="application/json")
    assert (hidden.status_code, "second factor" in hidden.json()["message"]) == (401, False)


def test_turning_it_off_and_new_codes_take_the_password(own: Client, ada: User, guarded) -> None:
    url = reverse("second-factor-change")
    refused = own.post(url, {"do": "off", "password": "wrong"})
    assert "not your password" in text(refused)
    assert second_factor.of(ada)
    new = text(own.post(url, {"do": "codes", "password": PASSWORD}))
    assert new.count("<code>") == 10
    assert second_factor.match(ada, guarded[0]) is None, "earlier codes are void"
    assert "is off" in text(own.post(url, {"do": "off", "password": PASSWORD}, follow=True))
    assert (second_factor.of(ada), second_factor.codes_left(ada)) == (None, 0)
    assert first_step(Client())["Location"] == "/account/"


# A new password by mail ---------------------------------------------------------------------------


@pytest.fixture
def mailing(settings, monkeypatch) -> None:
    settings.EMAIL_URL, settings.DEFAULT_FROM_EMAIL = "smtp://127.0.0.1", "accounts@acme.example"
    monkeypatch.setattr(tasks.send_reset_links, "delay", tasks.send_reset_links)


@pytest.mark.parametrize(
    "missing", [{"EMAIL_URL": "", "ANYMAIL_ESP": ""}, {"EMAIL_URL": "smtp://127.0.0.1", "DEFAULT_FROM_EMAIL": ""}]
)
def test_where_no_mail_can_be_sent_the_pages_say_who_helps(client: Client, settings, missing) -> None:
    for name, value in {"DEFAULT_FROM_EMAIL": "accounts@acme.example", **missing}.items():
        setattr(settings, name, value)
    for page in (SIGN_IN, reverse("password-reset")):
        shown = text(client.get(page))
        assert "manage.py reset_admin_password" in shown
        assert 'name="email"' not in shown
    assert 'name="email"' not in text(client.post(reverse("password-reset"), {"email": "ada@acme.example"}))


def test_a_link_by_mail_gives_a_new_password_once(mailing, ada: User, client: Client) -> None:
    assert reverse("password-reset") in text(client.get(SIGN_IN))
    client.post(reverse("password-reset"), {"email": "ADA@acme.example"})
    (message,) = mail.outbox
    assert (message.to, message.from_email) == (["ada@acme.example"], "accounts@acme.example")
    link = re.search(r"http://testserver(/account/password/reset/\S+)", message.body)
    assert link
    form = client.get(link[1])
    assert form["Location"].endswith("/set-password/"), "no token in the address of a page with links"
    new = {"new_password1": OTHER, "new_password2": OTHER}
    assert "Sign in with the new one" in text(client.post(form["Location"], new, follow=True))
    ada.refresh_from_db()
    assert ada.check_password(OTHER)
    assert not is_in(client)
    assert "does not work any more" in text(Client().get(link[1]))


def test_nobody_learns_who_has_an_account(mailing, ada: User, client: Client) -> None:
    User.objects.create_user("gone", email="gone@acme.example", password=PASSWORD, is_active=False)
    answers = [
        client.post(reverse("password-reset"), {"email": email}, follow=True)
        for email in ("ada@acme.example", "nobody@acme.example", "gone@acme.example")
    ]
    assert len({re.sub(r'"X-CSRFToken": "[^"]*"', "", text(answer)) for answer in answers}) == 1
    assert [message.to for message in mail.outbox] == [["ada@acme.example"]]


def test_links_cannot_be_asked_for_without_end(mailing, ada: User, client: Client, settings) -> None:
    settings.TOKEN_ATTEMPTS_RATE = "2/h"
    for _ in range(3):
        answer = client.post(reverse("password-reset"), {"email": "ada@acme.example"})
    assert "asked for too often" in text(answer)
    assert len(mail.outbox) == 2


def test_a_mail_server_that_refuses_is_logged_without_the_address(mailing, ada, monkeypatch, caplog) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("ada@acme.example")

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", refuse)
    tasks.send_reset_links([ada.pk], "http://testserver")
    assert "was not sent" in caplog.text
    assert "acme.example" not in caplog.text


# Roles --------------------------------------------------------------------------------------------


@pytest.fixture
def rev() -> User:
    user = User.objects.create_user("rev", password=PASSWORD)
    roles.give(user, roles.REVIEWER)
    return User.objects.get(pk=user.pk)


def test_a_reviewer_signs_in_and_sees_the_pages_but_neither_api_nor_admin(rev: User, client: Client) -> None:
    answer = client.post(SIGN_IN, {"username": "rev", "password": PASSWORD}, follow=True)
    assert answer.status_code == 200
    shown = text(client.get(reverse("account")))
    assert "Reviewer: reads, rejects and writes notes" in shown
    assert reverse("admin:index") not in shown
    assert client.get(reverse("crm:contacts")).status_code == 200
    for page in ("crm:suppression", "outreach:sequences", "outreach:outbox", "outreach:senders"):
        assert client.get(reverse(page)).status_code == 403
    refused = client.get("/api/enrichment/contacts")
    assert (refused.status_code, refused.json()["error"]) == (403, "Forbidden: Admin access required")
    assert client.get("/admin/", follow=True).status_code == 403
    token = client.post(TOKEN, {"username": "rev", "password": PASSWORD}, content_type="application/json").json()
    by_token = Client().get("/api/enrichment/contacts", headers={"authorization": f"Bearer {token['access']}"})
    assert (by_token.status_code, by_token.json()["error"]) == (403, "Forbidden: Admin access required")


def test_a_reviewer_reads_rejects_and_writes_notes_and_no_more(rev: User, ada: User) -> None:
    assert rev.get_all_permissions() == set(REVIEWER_PERMISSIONS)
    assert rev.has_perms(["enrichment.reject_enrichedcontact", "enrichment.add_contactnote"])
    for permission in (
        "enrichment.change_enrichedcontact",
        "enrichment.delete_enrichedcontact",
        "enrichment.add_enrichmentjob",
        "outreach.view_message",
        "crm.view_suppression",
        "auth.view_user",
    ):
        assert not rev.has_perm(permission)
        assert ada.has_perm(permission)


def test_a_role_given_replaces_what_there_was(rev: User) -> None:
    rev.groups.add(Group.objects.create(name="Others"))
    roles.give(rev, roles.ADMIN)
    assert (roles.role_of(rev), rev.is_staff, rev.is_superuser, rev.groups.count()) == (roles.ADMIN, True, True, 0)
    roles.give(rev, roles.REVIEWER)
    assert (roles.role_of(rev), rev.is_staff, rev.is_superuser) == (roles.REVIEWER, False, False)
    assert set(roles.having(roles.REVIEWER)) == {rev}


def test_a_session_ends_after_hours_without_work_and_not_while_at_work(own: Client) -> None:
    start = timezone.now()
    hours = timedelta(seconds=django_settings.SESSION_COOKIE_AGE)
    with time_machine.travel(start + hours - timedelta(minutes=5)):
        assert own.get(reverse("account")).status_code == 200
    with time_machine.travel(start + hours + timedelta(minutes=5)):
        assert own.get(reverse("account")).status_code == 200
    with time_machine.travel(start + 2 * hours + timedelta(minutes=20)):
        assert own.get(reverse("account")).status_code == 302
