"""OUTREACH_IMAP_URL: which mailbox is read for bounces and replies, and a connection to it.

`imaps://user:password@host/INBOX`; user, password and folder are percent-encoded. `imap://` is for servers with
STARTTLS, and for this machine.
"""

import ipaddress
import ssl
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from imapclient import IMAPClient, SocketTimeout

from core.hosts import is_localhost

CONNECT_SECONDS, READ_SECONDS = 15, 60
SHAPE = "write it like imaps://user:password@imap.acme.example/INBOX, with %40 for an @ in the user or password"


@dataclass(frozen=True, slots=True)
class Account:
    """Where a mailbox is; `port` None is the usual one of the scheme."""

    host: str
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    port: int | None = None
    encrypted: bool = True

    @property
    def name(self) -> str:
        """What tells it from other mailboxes; no secret."""
        port = f":{self.port}" if self.port else ""
        return f"{self.user}@{self.host}{port}/{self.folder}"[:400]


class Refused(Exception):
    """A mailbox is not to be read in this way; the message is a sentence without secrets."""


def read(url: str) -> Account:
    """Return the account in a URL. Raises Refused, in a sentence that leaves the password out."""
    try:
        parts = urlsplit(url.strip())
        port, host = parts.port, parts.hostname
    except ValueError:
        raise Refused(f"OUTREACH_IMAP_URL cannot be read: {SHAPE}.") from None
    if parts.scheme not in {"imap", "imaps"}:
        raise Refused(f"OUTREACH_IMAP_URL begins with neither imaps:// nor imap://: {SHAPE}.")
    if not host or not parts.username or not parts.password:
        raise Refused(f"OUTREACH_IMAP_URL lacks a host, a user or a password: {SHAPE}.")
    return Account(
        host=host,
        user=unquote(parts.username),
        password=unquote(parts.password),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        port=port,
        encrypted=parts.scheme == "imaps",
    )


def connect(account: Account) -> IMAPClient:
    """Return a connection that is signed in. Raises Refused, OSError and IMAPClientError.

    Certificates are checked. A password goes unencrypted to this machine only.
    """
    timeout, context = SocketTimeout(CONNECT_SECONDS, READ_SECONDS), ssl.create_default_context()
    client = IMAPClient(account.host, account.port, ssl=account.encrypted, ssl_context=context, timeout=timeout)
    try:
        if not account.encrypted:
            _encrypt(client, account, context)
        if (account.user + account.password).isascii():
            client.login(account.user, account.password)
        else:
            client.plain_login(account.user, account.password)  # LOGIN has no way to write these
    except BaseException:
        client.shutdown()
        raise
    return client


def _encrypt(client: IMAPClient, account: Account, context: ssl.SSLContext) -> None:
    if client.has_capability("STARTTLS"):
        client.starttls(context)
    elif not _is_here(account.host):
        raise Refused(f"{account.host} offers no encryption, so the password was not sent: use imaps://.")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return is_localhost(host)
