import pytest

from outreach import replies
from outreach.replies import Answer


def answer(body: str, subject: str = "Re: Hi", headers: str = "") -> Answer:
    head = (
        f"From: Ada <ada@acme.example>\nTo: us@us.example\nSubject: {subject}\nDate: Fri, 20 Nov 2026 10:00:00 +0100\n"
    )
    return replies.read(f"{head}{headers}\n{body}".encode())


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner-email=x",
        "X-Auto-Response-Suppress: All",
        "X-Autoreply: yes",
        "X-Autorespond: Hi",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "Return-Path: <>",
    ],
)
def test_a_header_that_only_programs_write_makes_an_answer_automatic(header: str) -> None:
    found = answer("Thank you for your message.", headers=f"{header}\n")
    assert (found.automatic, found.reason) == (True, "automatic")


@pytest.mark.parametrize("header", ["Auto-Submitted: no", "Precedence: list", "Precedence: normal", "X-Mailer: Mutt"])
def test_other_headers_leave_a_person_a_person(header: str) -> None:
    assert answer("Thank you for your message.", headers=f"{header}\n").reason == "person"


@pytest.mark.parametrize(
    "subject",
    [
        "Out of Office: Hi",
        "Re: Out of office",
        "Automatic reply: Hi",
        "[Auto-Reply] Hi",
        "Automatische Antwort: Hi",
        "Abwesenheitsnotiz",
        "AW: Ich bin im Urlaub",
        "Réponse automatique : Hi",
        "Absence du bureau",
        "Respuesta automática: Hi",
        "Fuera de la oficina",
        "Risposta automatica: Hi",
        "Fuori sede",
        "Automatisch antwoord: Hi",
        "Afwezig: Hi",
        "Resposta automática: Hi",
        "Fora do escritório",
        "Odpowiedź automatyczna: Hi",
        "Nieobecność w biurze",
        "Automatiskt svar: Hi",
        "Frånvaro: Hi",
    ],
)
def test_the_subject_of_an_absence_note(subject: str) -> None:
    assert answer("Hello.", subject).reason == "out_of_office"


@pytest.mark.parametrize(
    "subject",
    ["Re: Your question", "Automation at Acme", "Office hours", "Re: Urlaubsplanung bei Acme", "Absolutely", ""],
)
def test_the_subject_of_a_persons_answer(subject: str) -> None:
    assert answer("Hello.", subject).reason == "person"


@pytest.mark.parametrize(
    "text",
    [
        "Hi, I am currently out of the office and back on Monday.",
        "Ich bin bis 30.11. nicht im Büro. Ihre Nachricht wird nicht weitergeleitet.",
        "Bonjour, je suis actuellement en congés jusqu'au 30 novembre.",
        "Estoy fuera de la oficina hasta el 30 de noviembre.",
        "Sono in ferie fino al 30 novembre.",
        "Ik ben tot 30 november afwezig.",
        "Estou de férias até 30 de novembro.",
        "Jestem na urlopie do 30 listopada.",
        "Jag är på semester till och med 30 november.",
    ],
)
def test_the_words_of_an_absence_note_unless_it_quotes(text: str) -> None:
    assert answer(text).reason == "out_of_office"
    assert answer(f"{text}\n\nOn Fri, 20 Nov 2026, Us wrote:\n> Hello").reason == "person"


def test_a_read_receipt_is_automatic() -> None:
    content = "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n"
    found = answer("--b\n\nYour message was displayed.\n--b--\n", headers=content)
    assert (found.automatic, found.reason) == (True, "read_receipt")


def test_the_ids_that_are_answered_come_nearest_first_and_once() -> None:
    found = answer(
        "Yes.", headers="References: <1@us.example>\n <2@us.example>\n <3@us.example>\nIn-Reply-To: <3@us.example>\n"
    )
    assert found.answers == ("<3@us.example>", "<2@us.example>", "<1@us.example>")
    assert answer("Yes.", headers="In-Reply-To: your message of Friday\n").answers == ()


@pytest.mark.parametrize(
    "quotation",
    [
        "On Fri, 20 Nov 2026 at 10:00, Us <us@us.example> wrote:\n> Stop reading here?",
        "On Fri, 20 Nov 2026 at 10:00, Us With A Very Long Name\n<us@us.example> wrote:\n\n> Hello",
        "Am 20.11.2026 um 10:00 schrieb Us <us@us.example>:\n> Hallo",
        "Le ven. 20 nov. 2026 à 10:00, Us <us@us.example> a écrit :\n> Bonjour",
        "El vie, 20 nov 2026 a las 10:00, Us (<us@us.example>) escribió:\n> Hola",
        "Il giorno ven 20 nov 2026 alle 10:00 Us <us@us.example> ha scritto:\n> Ciao",
        "Op vr 20 nov 2026 om 10:00 schreef Us <us@us.example>:\n> Hallo",
        "Em sex., 20 de nov. de 2026 às 10:00, Us <us@us.example> escreveu:\n> Olá",
        "pt., 20 lis 2026 o 10:00 Us <us@us.example> napisał(a):\n> Witam",
        "Den fre 20 nov. 2026 10:00 Us <us@us.example> skrev:\n> Hej",
        "-----Original Message-----\nFrom: Us\nUnsubscribe",
        "-----Ursprüngliche Nachricht-----\nVon: Us",
        "________________________________\nFrom: Us <us@us.example>\nSent: Friday",
        "From: Us <us@us.example>\nSent: Friday, 20 November 2026 10:00\nTo: Ada\n\nUnsubscribe",
        "Von: Us <us@us.example>\nGesendet: Freitag, 20. November 2026 10:00\nAn: Ada",
        "De : Us <us@us.example>\nEnvoyé : vendredi 20 novembre 2026 10:00\nÀ : Ada",
        "> Hello\n> Unsubscribe",
    ],
)
def test_what_is_quoted_is_left_out(quotation: str) -> None:
    found = answer(f"Yes, with pleasure.\n\nAda\n\n{quotation}\n")
    assert found.text == "Yes, with pleasure.\n\nAda"
    assert not found.opt_out


def test_words_between_and_below_quoted_lines_are_kept() -> None:
    found = answer("On Friday Us wrote:\n> First?\nYes.\n> Second?\nNo, later.\n-- \nAda\nAcme\n")
    assert found.text == "Yes.\nNo, later."


def test_the_line_of_a_device_is_left_out() -> None:
    assert answer("Yes.\n\nSent from my phone\n").text == "Yes."
    assert answer("Ja.\n\nVon meinem Telefon gesendet\n").text == "Ja."


def test_of_a_page_the_quotation_is_left_out() -> None:
    page = "<p>Yes,<br>gladly.</p><div>On Friday Us wrote:</div><blockquote><p>unsubscribe</p></blockquote><p>Ada</p>"
    found = answer(page, headers="Content-Type: text/html; charset=utf-8\n")
    assert found.text == "Yes,\ngladly.\n\nAda"
    assert not found.opt_out


def test_an_attached_text_is_no_part_of_the_answer() -> None:
    body = "--b\nContent-Type: text/plain\n\nYes.\n--b\nContent-Type: text/plain; name=a.txt\n\nunsubscribe\n--b--\n"
    found = answer(body, headers="Content-Type: multipart/mixed; boundary=b\n")
    assert (found.text, found.opt_out) == ("Yes.", False)


@pytest.mark.parametrize(
    ("charset", "text"),
    [("iso-8859-1", "Grüße"), ("windows-1252", "Grüße – Ada"), ("utf-8", "Żółw"), ("nonsense", "Hi")],
)
def test_charsets(charset: str, text: str) -> None:
    encoded = text.encode("utf-8" if charset == "nonsense" else charset)
    found = replies.read(f"From: a@b.example\nContent-Type: text/plain; charset={charset}\n\n".encode() + encoded)
    assert found.text == text


@pytest.mark.parametrize(
    "header",
    [
        "In-Reply-To: first@sender.example",
        "In-Reply-To:\r\n <first@sender.example>",
        "In-Reply-To: <first\r\n\t@sender.example>",
        "In-Reply-To: < first@sender.example >",
        "In-Reply-To: <<first@sender.example>>",
        "In-Reply-To: =?utf-8?Q?=3Cfirst=40sender=2Eexa?=\r\n =?utf-8?Q?mple=3E?=",
        "References:\r\n first@sender.example",
    ],
)
def test_an_id_is_found_however_a_mail_program_wrote_it(header: str) -> None:
    raw = f"From: ada@acme.example\r\n{header}\r\n\r\nYes\r\n".encode()
    assert replies.read(raw).answers == ("<first@sender.example>",)
