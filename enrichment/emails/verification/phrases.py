"""The wordings of mail servers, by what they are about.

Each line of a table is one regular expression, matched anywhere in a reply that was made plain: lower case, no accents,
no punctuation, "e-mail" and "black list" in one word, and an asterisk for each address, link and host name.
"""

import enum
import re
import unicodedata


class Topic(enum.Enum):
    """What a reply is about; one reply may have several topics."""

    BLOCKED = enum.auto()  # our address, host or domain is not wanted
    GREYLISTED = enum.auto()
    RELAY = enum.auto()  # the server does not keep the domain's mail
    TOO_MANY = enum.auto()  # recipients, domains or mistakes in one session
    RATE = enum.auto()  # the mailbox receives too much at once
    SENDER = enum.auto()  # the envelope sender or our greeting
    FULL = enum.auto()
    DISABLED = enum.auto()
    UNSUPPORTED = enum.auto()  # an address beyond ASCII
    NO_SUCH_USER = enum.auto()
    RECIPIENT_REJECTED = enum.auto()  # Microsoft's and Postfix's lead-in to a reason
    UNAVAILABLE = enum.auto()  # the stock text of 550, which some write over policies
    POLICY = enum.auto()


_BOX = r"(?:mailbox|inbox|maildrop|account|user|users|username|recipients?|address|addresses)"
_IS = r"(?:is|are|was|were|has been|have been)"
_SPAM_LIST = (
    r"(?:block(?:ed|ing|list\w*)?|blacklist\w*|banned|reputation|dnsbls?|rbls?|rhsbl|spamhaus|spamcop|sorbs|xbl|pbl)"
)


def _either(lines: str) -> str:
    return "|".join(line.strip() for line in lines.strip().splitlines())


# Words for a mailbox or its owner, and for their absence, in other languages.
_OTHER_BOX = _either(r"""
    benutzer\w*|empf\S{0,3}\s?nger\w*|postfach|konto|adressat\w*|teilnehmer|nutzer
    utilisateur|destinataire|boite|compte|adresse|abonné
    usuario|destinatario|buzón|cuenta|dirección|usuari
    utente|casella|indirizzo
    usuário|destinatário|caixa|conta|endereço
    gebruiker|ontvanger|postvak|adres
    użytkownik\w*|adresat\w*|odbiorca|skrzynka
    uživatel\w*|příjemce|schránka
    mottagare\w*|användare\w*|modtager\w*|bruger\w*|mottaker\w*|bruker\w*|vastaanottaja\w*|käyttäjä\w*
    felhasználó|címzett|kullanıcı|alıcı|utilizator\w*|mailbox
    пользовател\w*|получател\w*|адресат\w*|адрес|ящик\w*
""")
_OTHER_ABSENCE = _either(r"""
    unbekannt\w*|ungültig\w*|existiert nicht|nicht (?:gefunden|vorhanden|bekannt)|gibt es nicht
    inconnue?|introuvable|inexistante?|invalide|nexiste (?:pas|plus)
    desconocid[oa]|no existe|no encontrad[oa]|inexistente|inválid[oa]
    sconosciut[oa]|non esiste|non trovat[oa]|non valid[oa]|inesistente
    desconhecid[oa]|não existe|não encontrad[oa]
    onbekend\w*|bestaat niet|niet gevonden
    nieznan[yae]|nie istnieje|neznámý|neexistuje|necunoscut
    okänd|finns (?:inte|ej)|ukendt|findes ikke|ukjent|finnes ikke|tuntematon|ei löydy
    ismeretlen|nem létezik|bulunamadı|bilinmiyor
    не (?:найден|существует)\w*|неизвест\w*
""")

_WORDINGS = {
    Topic.BLOCKED: rf"""
        \b{_SPAM_LIST}\b
        \bclient host (?:\S+ )?rejected
        \b{_IS} (?:currently )?listed\b
        \blisted (?:in|on|by|at)\b
        \breverse (?:dns|hostname|lookup|address|name)\b
        \b(?:ptr|r ?dns|spf|dkim|dmarc|sender policy framework)\b
        \bfind your hostname|\bresolve your (?:address|ip|hostname)|\baccess denied ip name lookup
        \b(?:from|by) your (?:ip|host|server|network|address)\b
        \bnot (?:in (?:our|the) )?whitelist\w*
        \bgeographic\w* location
        \bopen proxy\b
        \bunsolicited (?:email|mail|messages?)\b
        \b(?:user complaints|spammers?|spam abuse|sending spam|spam sources?)\b
        \b(?:directory|dictionary|address) harvest|\bharvest\w* attack|\bdictionary attack
        \b(?:mail|messages?|traffic|connections?) (?:will )?not (?:be )?accepted from\b
        \bnot accept(?:ing)? (?:email|mail|messages|connections|traffic) from (?:your?|this)\b
        \bconnections? {_IS}? ?(?:refused|rejected|denied)\b
        \bmessages from \S+ (?:will|were|werent|are|temporarily)\b
        \bnot allowed to (?:connect|send)\b
        \byour (?:ip|host|server|mail server|network|mta|isp|access)\b.*\b(?:reject|den|refus|prohibit|not allowed|abus)
        \b(?:ip|ip address|server|host) (?:\S+ )?(?:{_IS} )?(?:rejected|denied|refused|not permitted|not allowed)
        \b(?:dynamic|residential|dialup|dial up) (?:ip|host|address|client|pool|range)
        \bservice refuse\b
        \bask your postmaster
        \bliste noire\b
        \blista (?:negra|nera)\b
        \bgesperrt\w* .*\bip\b|\bip\b.*\bgesperrt
    """,
    Topic.GREYLISTED: r"""
        \bgr[ea]ylist\w*
        \bpostgrey\b
        \btemporarily rejected\b
        \binternal resources? (?:are |is )?temporarily unavailable
        \blist[ea] gris[ea]?\b
    """,
    Topic.RELAY: r"""
        \brelay(?:ing)? (?:access )?(?:is )?(?:denied|prohibited|disabled)
        \brelay(?:ing)? (?:is )?not (?:permitted|allowed|authori[sz]ed|supported)
        \b(?:not (?:permitted|allowed|authori[sz]ed) to|unable to|cannot|cant|not|wont|refus\w* to) relay
        \bno (?:open )?relay
        \brcpthosts\b
        \b(?:domain|we) (?:\S+ )?(?:is |do |are )?not (?:hosted|served|handled|local|found|accepted|relay)
        \bnot (?:a )?local domain
        \b(?:unknown|no such|unrecogni[sz]ed|invalid) (?:local |virtual )?domain\b
        \bforwarding to remote hosts
        \bauthentication (?:is )?required(?!.*\bsender was not authenticated)
        \bsmtp auth\w*
        \brelayage (?:interdit|refusé)
    """,
    Topic.TOO_MANY: r"""
        \btoo many (?:\w+ ){0,2}(?:recipients|rcpts?|addresses|domains|users)\b(?!.*\b(?:hour|day|minute)\b)
        \btoo many (?:\w+ )?(?:errors|commands)
        \btoo many messages (?:in|per|on|for) (?:this|one|a) (?:session|connection)
        \bmultiple (?:destination|recipient) domains
        \b(?:one|single) recipient (?:per|at a)\b
        \brecipients belong to (?:multiple|different)
    """,
    Topic.RATE: r"""
        \breceiving (?:email|mail|messages) (?:at a rate|too (?:quickly|fast))
        \bp=receivingrate
    """,
    Topic.SENDER: r"""
        \bsender (?:address |domain |email )?(?:\S+ )?(?:rejected|denied|refused|invalid|unknown)\b
        \bsender (?:address |domain )?(?:does|is|must|has)\b
        \bsender (?:verif\w*|callout) (?:failed|fails|callout)
        \bverif\w* (?:of )?sender
        \bdomain of sender
        \b(?:helo|ehlo|from address|return path|mail from)\b(?! (?:your?|this|ip|\*))
    """,
    Topic.FULL: rf"""
        \b(?:over|out of|exceed\w*) (?:\w+ )?(?:\w+ )?(?:quota|storage|disk)\b
        \boverquota\b
        \bquota (?:{_IS} )?(?:exceeded|full|exhausted|reached)
        \b{_BOX} (?:\S+ )?(?:{_IS} )?(?:over ?)?full\b
        \bfull (?:mailbox|inbox)
        \bmailbox (?:{_IS} )?exceed\w*|\bmailbox size limit
        \bquota (?:dépassé|superado|superata|excedid[oa]|überschritten)
        \b(?:boite|messagerie)\b.*\bpleine\b
        \b(?:postfach|mailbox)\b.*\b(?:voll|überfüllt)\b
        \b(?:buzón lleno|caixa (?:postal )?cheia|skrzynka pełna|casella (?:di posta )?piena)\b
        \bp=overquota
    """,
    Topic.DISABLED: rf"""
        \b(?:{_BOX}|\*) (?:{_IS} )?(?:\w+ )?(?:disabled|deactivated|inactive|not active|suspended|locked|frozen)\b
        \b(?:{_BOX}|\*) (?:{_IS} )?(?:\w+ )?(?:closed|expired|retired|deleted|discontinued|terminated|archived)\b
        \b(?:disabled|inactive|deactivated|suspended|closed|expired) {_BOX}\b
        \bno longer (?:active|in use|available|valid|exists|works?|employed|with|on|accept\w*|an? valid)\b
        \b{_BOX} (?:{_IS} )?blocked\b
        \bdue to inactivity
        \b(?:konto|postfach|benutzer|mailbox)\b.*\b(?:deaktiviert|gesperrt|inaktiv|geschlossen)
        \b(?:compte|boite)\b.*\b(?:désactivée?|suspendue?|fermée?|bloquée?|archivée?)\b
        \b(?:cuenta|buzón|conta|usuario)\b.*\b(?:des(?:h?ab|a)(?:ilitad|tivad)[oa]|desactivad[oa]|suspens?did[oa]|inactiv[oa])
        \b(?:casella|utente|account)\b.*\b(?:disabilitat[oa]|disattivat[oa]|sospes[oa])
        \bp=disableduser
    """,
    Topic.UNSUPPORTED: r"""
        \bsmtputf8\b
        \bnon ?ascii\b
        \binternationali[sz]ed (?:email )?address
    """,
    Topic.NO_SUCH_USER: rf"""
        \b(?:unknown|invalid|unrout[ea]+ble|undeliverable|non ?existent|unrecogni[sz]ed|bad|wrong) (?:\w+ )?{_BOX}\b
        \b(?:unknown|invalid|illegal) (?:local ?part|alias|name|email)\b
        \b(?:bad|valid)(?:rcpt|recipient)to\b
        \buser(?:unknown|notfound)\b
        ^(?:\* not found|no mailbox)$
        \b{_BOX} (?:\S+ ){{0,2}}(?:unknown|invalid|unrout[ea]+ble|undeliverable|nonexistent|notfound)\b
        \b{_BOX} (?:\S+ ){{0,3}}not (?:be )?(?:found|known|valid|recogni[sz]ed|exists?|listed|present|local|available)\b
        \b(?:no|not an?|isnt an?) (?:such|known|valid|local|matching|active)(?: \w+)? (?:{_BOX}|person|alias|name)\b
        \bno such (?:\w+ )?(?:here|one)\b
        \bno (?:one|{_BOX}|person) (?:\w+ )?(?:here|found|available|for|at this|(?:by|with|of) that name)\b
        \bnot (?:a|our) (?:customer|subscriber|employee)\b
        \b(?:doesnt|does not|do not|dont|didnt|did not) (?:currently )?exist
        \b(?:doesnt|does not) have an? (?:\S+ )?(?:account|mailbox)
        \b(?:we have|there is|there are) no (?:\w+ )?{_BOX}
        \b(?:cant|cannot|could not|unable to) (?:\w+ )?(?:find|locate|verify|validate|accept) (?:\w+ )?{_BOX}
        \bunknown (?:in (?:local|virtual|relay)|to this system|at this)
        \bnot found by smtp address lookup
        \bmailbox name not allowed
        \bp=nosuchuser
        \b(?:{_OTHER_BOX})\b.{{0,40}}\b(?:{_OTHER_ABSENCE})\b
        \b(?:{_OTHER_ABSENCE})(?: \w{{1,3}})? (?:{_OTHER_BOX})\b
        \bkein\w* (?:\w+ )?(?:{_OTHER_BOX})\b
        \baucune? (?:{_OTHER_BOX})\b
        \b(?:no hay|no existe|ningún|nessun|nenhum) (?:\w+ )?(?:{_OTHER_BOX}|persona|pessoa)\b
        \bnie ma (?:takiego |takiej )?(?:{_OTHER_BOX})\b
        \bнет такого (?:{_OTHER_BOX})\b
        (?:用户|用戶|收件人|邮箱|郵箱|帐号|帳號|账号|信箱|使用者).{{0,10}}(?:不存在|无效|無效|未找到)
        (?:无此|無此|没有此|没有该)(?:用户|用戶|收件人|邮箱|郵箱|使用者)
        (?:ユーザ|宛先|アドレス|メールボックス).{{0,10}}(?:存在しません|見つかりません|不明)
    """,
    Topic.RECIPIENT_REJECTED: r"""
        \brecipient address(?:es)? rejected
    """,
    Topic.UNAVAILABLE: rf"""
        \bmailbox (?:is )?unavailable
        \b{_BOX} (?:\S+ )?(?:{_IS} )?(?:rejected|refused|not accepted)$
    """,
    Topic.POLICY: r"""
        \b(?:policy|policies|prohibition|spam|content|security)\b
    """,
}

# The hosts and links of block lists count, other hosts and links are left out.
_LIST_HOSTS = re.compile(
    r"spamhaus|spamcop\.|sorbs\.net|barracudacentral|barracudanetworks\.com/reputation|uceprotect|abuseat\.org|mailspike|"
    r"spamrats|senderscore|ipcheck\.proofpoint|csi\.mimecast|csi\.cloudmark|talosintelligence|junkemailfilter|spamrl\."
)
_MAILBOX_BLOCKED = re.compile(rf"\b{_BOX} (?:{_IS} )?blocked\b")
# In lower case only, so that a sentence which begins right after a full stop is not taken for a host.
_HOST = re.compile(r"(?<![\w.-])[a-z0-9-]+(?:\.[a-z0-9-]+)+\b")
_ONE_WORD = re.compile(r"\b(e|mail|black|block|gr[ea]y)[ -](mail|box|list)")
_PUNCTUATION = re.compile(r"[^\w*=]+")
_LETTERS = str.maketrans("ıłøđ", "ilod")  # letters that are no letter with a mark
_APOSTROPHES = re.compile(r"['’`´]")


def topics(text: str) -> frozenset[Topic]:
    """Return what a reply is about. `text` holds no status codes and is of bounded length."""
    plain = _plain(text)
    found = {topic for topic, pattern in _PATTERNS.items() if pattern.search(plain)}
    if Topic.BLOCKED in found and not _PATTERNS[Topic.BLOCKED].search(_MAILBOX_BLOCKED.sub("", plain)):
        found.discard(Topic.BLOCKED)  # the mailbox is blocked, not we
    if any(_LIST_HOSTS.search(word.lower()) for word in text.split() if "@" not in word):
        found.add(Topic.BLOCKED)
    return frozenset(found)


def says_anything(text: str) -> bool:
    """Return whether a reply holds a word, beside addresses, links and hosts."""
    return any(character.isalpha() for character in _plain(text))


def _plain(text: str) -> str:
    text = _HOST.sub("*", " ".join(map(_without_address, text.split())))
    text = _APOSTROPHES.sub("", _folded(text.casefold()).replace("_", " "))
    return _PUNCTUATION.sub(" ", _ONE_WORD.sub(r"\1\2", text)).strip()


def _without_address(word: str) -> str:
    if "@" in word:
        return "*"
    if "://" in word:
        _, reason, rest = word.partition("?p=")  # Google names its reason in the link
        return f"* p={rest}" if reason else "*"
    return word


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).translate(_LETTERS)


_PATTERNS = {topic: re.compile(_folded(_either(lines))) for topic, lines in _WORDINGS.items()}
