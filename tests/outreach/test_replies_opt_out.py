import pytest

from outreach import replies

WISHES = """
    Unsubscribe
    Please remove me from your list.
    stop emailing me
    Take me off this list!
    Please do not contact me again
    No
    no.
    No thanks!
    Not interested, thanks
    No more emails please
    Leave me alone
    Bitte keine weiteren Mails
    Bitte keine weiteren.
    Bitte schreiben Sie mich nicht mehr an.
    Bitte löschen Sie meine Daten
    Kein Interesse
    Nein danke
    Ich widerspreche der Nutzung meiner Daten.
    Merci de ne plus me contacter
    Désabonnez-moi
    Je ne souhaite plus recevoir vos messages
    Pas intéressée
    Por favor, dame de baja
    No me escriban más
    No me interesa
    Eliminen mis datos
    Cancellatemi dalla lista
    Non contattatemi più
    Non siamo interessati, grazie
    Graag uitschrijven
    Mail mij niet meer
    Stuur mij geen mails meer
    Geen interesse
    Por favor remova meu e-mail
    Não me envie mais emails
    Não tenho interesse
    Proszę mnie wypisać
    Proszę nie wysyłać więcej wiadomości
    Nie jestem zainteresowany
    Ta bort mig från listan
    Kontakta mig inte igen
    Inga fler mejl tack
    Nej tack
"""

OTHERS = """
    Yes, let's talk on Monday.
    No problem, send me more.
    No, Tuesday does not work, but Wednesday does.
    Not this week, but please don't hesitate to call.
    Can you delete the old quote and send me a new one?
    Please remove the second item from the offer and send it again.
    We stopped using that tool last year.
    I do not write code. Who does?
    Don't email the PDF, send me a link please.
    I am very interested, and my colleague says he is not interested in the small one, so tell us about the big one.
    Klingt gut. Nein, Dienstag geht nicht.
    Ich melde mich nicht vor Montag, aber schicken Sie gern Unterlagen.
    Oui, avec plaisir. Je ne suis pas disponible lundi.
    Me interesa, ¿cuándo hablamos?
    Mi interessa, sentiamoci.
    Ja, bel mij morgen.
    Tenho interesse, envie mais detalhes.
    Nie wiem, proszę zadzwonić.
    Ja, hör av dig på måndag.
"""


def opts_out(body: str, subject: str = "Re: Hi", headers: str = "") -> bool:
    head = f"From: Ada <ada@acme.example>\nSubject: {subject}\n{headers}"
    return replies.read(f"{head}\n{body}".encode()).opt_out


def lines(table: str) -> list[str]:
    return [line.strip() for line in table.strip().splitlines()]


@pytest.mark.parametrize("text", lines(WISHES))
def test_a_wish_for_no_more_mail(text: str) -> None:
    assert opts_out(text)


@pytest.mark.parametrize("text", lines(OTHERS))
def test_no_such_wish(text: str) -> None:
    assert not opts_out(text)


def test_a_wish_that_is_quoted_is_ours() -> None:
    assert not opts_out("Yes, gladly.\n\n> Reply “unsubscribe” to hear no more of us.")
    assert opts_out("Unsubscribe\n\n> Hello")


def test_an_automatic_answer_wishes_nothing() -> None:
    assert not opts_out("Thanks. To unsubscribe, click here.", headers="Auto-Submitted: auto-replied\n")


def test_a_subject_asks_when_there_are_no_words() -> None:
    assert opts_out("", "unsubscribe")
    assert not opts_out("Yes, tell me more.", "Re: How to unsubscribe from the noise")
