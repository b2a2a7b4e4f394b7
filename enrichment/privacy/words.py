"""What the public pages about people's data say, in the languages that they have."""

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

ENGLISH = "en"

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Your data and your rights",
        "what": "We look for the people who decide about business matters in companies, on public pages and in "
        "registers, and write to some of them at work. If we hold data about you, you may see it, have it corrected, "
        "erased or left alone, and object to its use. It costs nothing.",
        "who": "Responsible",
        "dpo": "Data protection officer",
        "complaint": "You may also complain to",
        "authority": "the data protection authority of where you live or work",
        "form": "Ask us",
        "address": "Your e-mail address",
        "kind": "What do you want?",
        "access": "See what you hold about me",
        "correction": "Have it corrected",
        "erasure": "Have it erased",
        "restriction": "Have it left alone for now",
        "objection": "Object: never write to me",
        "text": "What we should know (what is wrong, for instance)",
        "send": "Send me the link",
        "sent_title": "Look into your mailbox",
        "sent": "If we can write to this address, a mail with a link is on its way. The link works for 48 hours, "
        "once. It proves that the address is yours: then we do at once what you asked for.",
        "no_mail": "Requests cannot be made on this page at the moment. Write to us instead",
        "no_mail_nobody": "Requests cannot be made on this page at the moment. Write to the company whose message "
        "you have.",
        "too_often": "That was asked for too often. Try again in an hour.",
        "bad_address": "This is not an e-mail address: write it like ada@acme.example.",
        "bad_kind": "Choose what you want.",
        "long_text": "The text is too long: shorten it.",
        "link_what": "You came here by a link in one of our mails. The button stops our messages at once. For "
        "everything else we send a link to the address that we wrote to, so that nobody but you sees your data.",
        "stop": "Stop writing to me",
        "stopped_title": "We will not write to you again",
        "stopped": "Your objection holds from now on, for every message.",
        "mail_me": "Mail me the link",
        "broken_title": "This link does not work",
        "broken": "It was used already, is older than 48 hours, or was cut off. You can ask for a new one.",
        "again": "Ask for a new link",
        "confirm_title": "Confirm your request",
        "confirm": "Press the button to confirm that you want this:",
        "button": "Confirm",
        "done_title": "Done",
        "erasure_done": "All that we held about you is erased. We keep a fingerprint of your address, from which it "
        "cannot be read, so that we never collect your data again.",
        "restriction_done": "Your data is left alone from now on: nothing is sent, and nothing is deleted.",
        "objection_done": "Your objection holds from now on: nothing more is sent to you.",
        "correction_done": "Somebody will correct your data and write to you within a month.",
        "waits_title": "We have your request",
        "waits": "The link alone does not tell us for certain that the data is yours: others may read the mail to this "
        "address too. One of us will look at your request and answer it within a month. If you asked for data to be "
        "erased or left alone, nothing more is sent to this address from now on.",
        "data_title": "What we hold about you",
        "data_none": "We hold nothing about you.",
        "data_what": "This is everything, with where each item is from. Keep the page or take the file: the link "
        "does not open again.",
        "file": "Take it as a file (JSON)",
    },
    "de": {
        "title": "Ihre Daten und Ihre Rechte",
        "what": "Wir suchen auf öffentlichen Seiten und in Registern nach Menschen, die in Unternehmen über "
        "geschäftliche Fragen entscheiden, und schreiben einige von ihnen bei der Arbeit an. Wenn wir Daten über Sie "
        "haben, können Sie sie einsehen, berichtigen, löschen oder ruhen lassen und der Nutzung widersprechen. Das "
        "kostet nichts.",
        "who": "Verantwortlich",
        "dpo": "Datenschutzbeauftragte Person",
        "complaint": "Beschweren können Sie sich auch bei",
        "authority": "der Datenschutzbehörde Ihres Wohn- oder Arbeitsorts",
        "form": "Fragen Sie uns",
        "address": "Ihre E-Mail-Adresse",
        "kind": "Was möchten Sie?",
        "access": "Sehen, was Sie über mich haben",
        "correction": "Berichtigen lassen",
        "erasure": "Löschen lassen",
        "restriction": "Vorerst ruhen lassen",
        "objection": "Widersprechen: schreiben Sie mir nicht mehr",
        "text": "Was wir wissen sollten (etwa, was falsch ist)",
        "send": "Link zusenden",
        "sent_title": "Sehen Sie in Ihr Postfach",
        "sent": "Wenn wir an diese Adresse schreiben können, ist eine Mail mit einem Link unterwegs. Der Link gilt 48 "
        "Stunden, einmal. Er zeigt, dass die Adresse Ihre ist: dann tun wir sofort, worum Sie bitten.",
        "no_mail": "Auf dieser Seite sind gerade keine Anfragen möglich. Schreiben Sie uns",
        "no_mail_nobody": "Auf dieser Seite sind gerade keine Anfragen möglich. Schreiben Sie dem Unternehmen, von dem "
        "Sie eine Nachricht haben.",
        "too_often": "Das wurde zu oft angefragt. Versuchen Sie es in einer Stunde wieder.",
        "bad_address": "Das ist keine E-Mail-Adresse: schreiben Sie sie wie ada@acme.example.",
        "bad_kind": "Wählen Sie, was Sie möchten.",
        "long_text": "Der Text ist zu lang: kürzen Sie ihn.",
        "link_what": "Sie kommen über einen Link in einer unserer Mails. Der Knopf beendet unsere Nachrichten sofort. "
        "Für alles andere senden wir einen Link an die Adresse, an die wir geschrieben haben, damit niemand außer "
        "Ihnen Ihre Daten sieht.",
        "stop": "Schreiben Sie mir nicht mehr",
        "stopped_title": "Wir schreiben Ihnen nicht mehr",
        "stopped": "Ihr Widerspruch gilt ab jetzt, für jede Nachricht.",
        "mail_me": "Link zusenden",
        "broken_title": "Dieser Link geht nicht",
        "broken": "Er wurde schon benutzt, ist älter als 48 Stunden oder wurde abgeschnitten. Sie können einen neuen "
        "anfordern.",
        "again": "Neuen Link anfordern",
        "confirm_title": "Bestätigen Sie Ihre Anfrage",
        "confirm": "Bestätigen Sie mit dem Knopf, dass Sie das möchten:",
        "button": "Bestätigen",
        "done_title": "Erledigt",
        "erasure_done": "Alles, was wir über Sie hatten, ist gelöscht. Wir behalten einen Fingerabdruck Ihrer Adresse, "
        "aus dem sie nicht zu lesen ist, damit wir Ihre Daten nie wieder sammeln.",
        "restriction_done": "Ihre Daten ruhen ab jetzt: nichts wird gesendet, nichts gelöscht.",
        "objection_done": "Ihr Widerspruch gilt ab jetzt: Sie bekommen nichts mehr von uns.",
        "correction_done": "Jemand berichtigt Ihre Daten und schreibt Ihnen innerhalb eines Monats.",
        "waits_title": "Ihre Anfrage ist angekommen",
        "waits": "Der Link allein zeigt uns nicht sicher, dass die Daten Ihre sind: die Mails an diese Adresse lesen "
        "vielleicht auch andere. Jemand von uns sieht sich Ihre Anfrage an und antwortet innerhalb eines Monats. Wenn "
        "Sie gebeten haben, Daten zu löschen oder ruhen zu lassen, senden wir ab jetzt nichts mehr an diese Adresse.",
        "data_title": "Was wir über Sie haben",
        "data_none": "Wir haben nichts über Sie.",
        "data_what": "Das ist alles, mit der Herkunft jeder Angabe. Behalten Sie die Seite oder nehmen Sie die Datei: "
        "der Link geht nicht noch einmal auf.",
        "file": "Als Datei nehmen (JSON)",
    },
}


def language_of(request: HttpRequest) -> str:
    """Return the first language of the Accept-Language header that there are words in, otherwise English."""
    known = (tag.partition("-")[0] for tag, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")))
    return next((tag for tag in known if tag in WORDS), ENGLISH)
