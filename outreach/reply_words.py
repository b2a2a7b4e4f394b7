"""The wordings of automatic answers and of wishes to be left alone, in nine languages.

Each line of a table is one regular expression, continued by lines that are indented further, for a text made plain by
`bounce_words.plain`: lower case, no accents, no punctuation. English, German, French, Spanish, Italian, Dutch,
Portuguese, Polish, Swedish, in this order.
"""

import re

from outreach.bounce_words import either, plain

# How the subject of an automatic answer begins.
_SUBJECTS = r"""
    auto ?(?:matic(?:ally)?)? ?(?:reply|response|respond|answer|generated)|automatic (?:reply|response)
    out of (?:the )?office|(?:i am |im )?(?:on|away on|currently on) (?:vacation|holiday|leave|annual leave)
    away from (?:my )?(?:email|desk|the office)|ooo\b|oof\b|vacation (?:reply|notice)|absence note
    automatische (?:antwort|ruckantwort|abwesenheits)|abwesen|nicht im (?:buro|haus)|auser haus
    ich bin (?:im urlaub|nicht)|urlaubs?(?:notiz|abwesenheit|vertretung)|im urlaub
    reponse automatique|absen(?:ce|t)|message d ?absence|message automatique|en conges?\b|hors du bureau
    respuesta automatica|fuera de (?:la )?oficina|ausen(?:cia|te)|estoy de vacaciones|mensaje automatico
    risposta automatica|fuori (?:sede|ufficio)|assen(?:za|te)|messaggio automatico|in ferie
    automatisch antwoord|afwezig|niet aanwezig|automatische beantwoording|met vakantie|met verlof
    resposta automatica|fora do escritorio|fora da empresa|mensagem automatica|de ferias
    automatyczna odpowiedz|odpowiedz automatyczna|autoodpowiedz|nieobecn|poza biurem|urlop
    autosvar|automatiskt svar|franvaro|inte pa kontoret|pa semester
"""

# What an automatic answer says, or a person who is away: without a quotation it is the former.
_AWAY = r"""
    \b(?:i am|im|i will be|ill be|currently|is|we are) (?:\w+ ){0,3}(?:out of (?:the )?office|away from (?:the office
        |my (?:desk|email))|on (?:annual |parental |maternity |sick |paternity )?(?:leave|vacation|holiday)
        |on holidays)
    \bout of (?:the )?office (?:until|from|till|through|and|with|message|reply)|\bthis is an automat\w+
    \blimited access to (?:my )?email|\bautomat\w+ (?:reply|response|generated)\b
    \b(?:ich bin|bin ich|wir sind|bin|zurzeit|derzeit) (?:\S+ ){0,8}(?:nicht im (?:buro|haus|office)|auser haus
        |abwesend|im urlaub|nicht erreichbar|in elternzeit|in mutterschutz|ab \S+ wieder)
    \b(?:emails?|nachrichten?|mails?) (?:\w+ ){0,3}(?:nicht gelesen|nicht weitergeleitet)
    \bautomatisch (?:erstellt|generiert|versendet)\w*|\bautomatische (?:antwort|nachricht|email)
    \bje suis (?:\S+ ){0,4}(?:absente?|en conges?|en vacances|en deplacement|hors du bureau)|\bactuellement absente?
    \babsente? du bureau|\bde retour (?:le|au bureau)|\breponse automatique
    \b(?:estoy|estare|me encuentro|estamos) (?:\S+ ){0,4}(?:fuera de (?:la )?oficina|de vacaciones|ausente|de baja)
    \brespuesta automatica|\bfuera de (?:la )?oficina (?:hasta|del|desde)
    \b(?:sono|saro|siamo) (?:\S+ ){0,4}(?:fuori (?:ufficio|sede)|in ferie|assente|in congedo)|\brisposta automatica
    \brientrero\b
    \b(?:ik ben|ben ik|wij zijn) (?:\S+ ){0,8}(?:afwezig|niet (?:aanwezig|op kantoor|bereikbaar)|met vakantie
        |op vakantie|met verlof|vrij)
    \bautomatisch (?:antwoord|bericht)
    \b(?:estou|estarei|encontro me|estamos) (?:\S+ ){0,4}(?:fora do escritorio|de ferias|ausente|de licenca)
    \bresposta automatica
    \b(?:jestem|bede|przebywam) (?:\S+ ){0,5}(?:nieobecn\w+|na urlopie|poza biurem|niedostepn\w+)
    \bautomatyczna (?:odpowiedz|wiadomosc)|\bodpowiedz automatyczna
    \bjag (?:ar|har|kommer att vara) (?:\S+ ){0,4}(?:pa semester|inte pa kontoret|franvarande|tjanstledig
        |foraldraledig|ledig|semester)
    \b(?:autosvar|automatiskt svar)
"""

# A wish that no more mail comes.
_STOP = r"""
    \b(?:un ?subscribe|opt ?out|opt me out)\b
    \b(?:remove|delete|take|drop|strike) (?:me|us|my|our|this) (?:\S+ ){0,4}?(?:from|off)\b
    \b(?:remove|delete) (?:me|us|my (?:data|email|address|details|information))\b
    \b(?:please )?(?:stop|cease|quit) (?:\w+ ){0,2}?(?:email\w*|mailing|contact\w*|sending|writing|messaging|spamming
        |this|these|it)\b
    \b(?:do not|dont|never) (?:\w+ )?(?:contact|email|write|mail|message|send|call)(?: (?:to )?(?:me|us)| any| this
        | again| anymore)
    \bno (?:more|further) (?:emails?|mails?|messages?|contact|communication)\b|\bleave (?:me|us) alone
    \bkeine (?:weitere\w* |werbe)?(?:emails?|mails?|nachrichten|werbung|werbemails?|anfragen|kontaktaufnahme\w*
        |newsletter)(?: mehr)?\b
    \bkeine weiteren\b
    \b(?:nicht (?:mehr|weiter|wieder)|nie wieder) (?:\w+ ){0,2}?(?:an ?schreiben|kontaktieren|an mailen|anmailen
        |melden|zusenden|schicken|zu kontaktieren)
    \b(?:abmelden|abbestellen|austragen)\b
    \b(?:schreiben|kontaktieren|schicken|senden) sie (?:mich|mir|uns) (?:\w+ ){0,2}?(?:nicht|keine|nie)
    \b(?:loschen|entfernen|streichen|nehmen) sie (?:\w+ )?(?:mich|meine|uns|unsere)\b
    \b(?:mich|meine \w+|uns) (?:\S+ ){0,5}(?:zu loschen|loschen|entfernen|streichen)\b|\bunterlassen sie
    \bhoren sie auf|\bwiderspreche\b
    \b(?:me )?(?:desabonner|desinscrire|desinscription|desabonnement|desinscrivez|desabonnez)\b
    \bne (?:me |nous )?(?:plus |pas )?(?:me |nous )?(?:contacte[rz]|ecri\w+|envoye[rz]|sollicite[rz]|recontacte[rz]
        |demarche[rz])
    \bne (?:souhaite|veux|desire|souhaitons) (?:plus|pas) (?:\w+ ){0,2}(?:recevoir|contacte\w*|sollicite\w*)
    \b(?:retire|supprime|enleve|efface)[rz] (?:moi|mon|mes|nous|notre)\b
    \b(?:me|nous) (?:retirer|supprimer|enlever) de\b|\bplus (?:de|aucun|d) (?:mails?|emails?|messages?|courriels?)
    \b(?:dar(?:me|nos)?|denme|dame|deme|darse|damos|doy) (?:de )?baja\b|\bde baja\b
    \bno (?:me|nos) (?:\w+ )?(?:contacte\w*|escrib\w+|envi\w+|mande\w*|llame\w*|moleste\w*)
    \b(?:no|dejen? de) (?:quiero|deseo|queremos|deseamos)? ?(?:recibir|enviarme|escribirme|contactarme|mandarme)
    \b(?:elimin\w+|borr\w+|quit\w+) (?:mis? (?:datos|correo|direccion|email)|me\b)
    \b(?:eliminenme|borrenme|quitenme|eliminarme|borrarme)|\bno mas (?:correos?|mensajes?|emails?)
    \b(?:cancellatemi|cancellami|cancellarmi|rimuovetemi|rimuovimi|rimuovermi|toglietemi|toglimi|disiscriv\w+
        |disiscrizione|disiscrivetemi)\b
    \bnon (?:mi |ci )?(?:contatt\w+|scriv\w+|inviat\w+|mandat\w+|inviarmi|disturb\w+)
    \bnon (?:desidero|voglio|vogliamo|desideriamo) (?:piu )?(?:ricevere|essere contattat\w)
    \bbasta (?:email|mail|messaggi)|\b(?:cancella\w*|rimuov\w+|eliminat\w*) (?:il mio|i miei|la mia)\b
    \bnessun altra? (?:email|mail)
    \b(?:uitschrijven|afmelden|uitgeschreven|uit te schrijven|af te melden)\b
    \b(?:niet (?:meer|langer|nogmaals)|nooit meer) (?:\w+ ){0,2}?(?:mailen|contacteren|benaderen|te mailen|benaderd
        |contact|ontvangen|sturen|schrijven)
    \bgeen (?:verdere |enkele )?(?:emails?|mails?|berichten|contact|reclame)(?: meer)?\b
    \bverwijder(?:en|t)? (?:mij|me|mijn|ons)\b|\b(?:mij|me|mijn \w+) (?:\S+ ){0,4}(?:verwijderen|te verwijderen)\b
    \b(?:mail|contacteer|benader|schrijf|bel) (?:mij|me|ons) niet|\bstop met (?:mailen|het|sturen)
    \b(?:descadastr\w+|desinscre\w+|cancelar (?:a |minha )?(?:inscricao|subscricao|assinatura))\b
    \bnao (?:me |nos )?(?:contact\w+|contat\w+|envi\w+|escrev\w+|mande\w*|incomod\w+)
    \bnao (?:quero|desejo|queremos|desejamos|pretendo) (?:mais )?(?:receber|ser contactad\w)
    \b(?:remov\w+|retir\w+|elimin\w+|apag\w+|exclu\w+) (?:me\b|o meu|meus?|minha|os meus|a minha)
    \bpare(?:m)? de (?:\w+ )?(?:enviar|mandar|escrever|contact\w+)|\b(?:sem|nao) mais (?:emails?|mensagens)
    \b(?:wypisac|wypisz\w*|wypisanie|rezygnuje)\b
    \b(?:prosze )?(?:o )?(?:nie |niekontaktowa\w*)(?:\w+ ){0,2}?(?:kontaktowac|kontaktuj\w*|pisac|wysylac|wysylaj\w*
        |przysylac|pisz\w*|wysylanie)
    \b(?:usun\w*|usuniecie|wykresl\w*) (?:mnie|moje|mojego|moj|nas|danych)
    \bnie (?:zycze|chce|wyrazam) (?:\w+ ){0,3}(?:wiecej|otrzymywac|zgody|kontaktu|wiadomosci)
    \b(?:avregistrera|avprenumerera|avanmala|avsluta prenumeration\w*)\b|\bta bort (?:mig|min|mina|oss|var)\b
    \b(?:kontakta|maila|mejla|skriv|skicka|hor av er)(?: \S+){0,2}? (?:inte|aldrig|inga|ej)\b
    \b(?:inga|inte) (?:fler|mer|ytterligare) (?:mejl|mail|meddelanden|epost|utskick)
    \bsluta (?:maila|mejla|skicka|kontakta|skriva)|\b(?:vill|onskar) inte (?:\w+ ){0,2}(?:ha|fa|bli kontaktad)
"""

# An answer of nothing but this.
_ALONE = r"""
    no|nope|stop|remove|please stop|stop please|please remove|remove please|no (?:thanks?|thank you|thx)
    nein|stopp|bitte nicht|abmelden|nein (?:danke|vielen dank)
    non|non merci
    baja|no gracias
    no grazie|basta
    nee|uitschrijven|nee (?:bedankt|dank je|dank u)
    nao|nao obrigad[oa]
    nie|nie dziekuje
    nej|nej tack
"""
_DECLINED = r"""
    \bnot (?:\w+ )?interested\b|\bno (?:interest|need)\b
    \b(?:kein|keinerlei|kein weiteres) interesse\b|\bnicht interessiert\b|\bkein bedarf\b
    \bpas (?:du tout )?interesse\w*\b
    \bno (?:me|nos|estoy|estamos) interesa\w*
    \bnon (?:sono|siamo|mi|ci) interessa\w*
    \bgeen interesse\b|\bniet geinteresseerd\b
    \b(?:nao|sem) (?:tenho |temos |estou |estamos )?interess\w+
    \bnie (?:jestem|jestesmy) zainteresowan\w+
    \binte intresserad\w*|\binget intresse\b
"""
_SHORT = 15  # words of an answer that is nothing but a refusal


_SUBJECT_RE = re.compile(rf"^(?:(?:re|aw|sv|antw|rif|odp|fwd?|wg) )*(?:\* )?(?:{either(_SUBJECTS)})")
_ALONE_RE = re.compile(f"(?:{either(_ALONE)})$")
_AWAY_RE = re.compile(either(_AWAY))
_STOP_RE = re.compile(either(_STOP))
_DECLINED_RE = re.compile(either(_DECLINED))


def is_automatic_subject(subject: str) -> bool:
    """Return whether a subject begins like one of an automatic answer."""
    return bool(_SUBJECT_RE.search(plain(subject[:300])))


def says_away(text: str) -> bool:
    """Return whether a text begins by saying that somebody is away, or that it was written by no person."""
    return bool(_AWAY_RE.search(plain(text[:600])))


def wants_no_mail(text: str) -> bool:
    """Return whether an answer, or its subject, says that no more mail is wanted. An answer "no" says so too."""
    words = plain(text[:3000])
    if _ALONE_RE.match(words) or _STOP_RE.search(words):
        return True
    return len(words.split()) <= _SHORT and bool(_DECLINED_RE.search(words))
