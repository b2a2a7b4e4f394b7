"""How a message leaves: through Django's mail connection, told apart by what surely did not go and what may have.

By SMTP each command is given by itself, since only then is it known whether the text was under way when something
broke (RFC 5321, 4.2.5 and 6.1: from the end of DATA on the server may have taken the message). A mail service is asked
through django-anymail.
"""

import smtplib
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parseaddr
from types import TracebackType
from typing import Any, NoReturn, Self

from anymail.exceptions import (
    AnymailAPIError,
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import sanitize_address

CLOSING = 421  # "service not available, closing": about the server, whatever was asked (RFC 5321, 3.8)
NO_ANSWER = 0


class NotSent(Exception):
    """The message surely did not go.

    `code` and `text` are the server's (code 0: it did not answer); `retry`: it may go later. `ours`: the failure is
    about us or the server and not about this message, so that the next one would fail as well. `at_data`: it came
    after the recipient had been accepted, so it is about the content.
    """

    def __init__(self, retry: bool, code: int, text: str, *, ours: bool = False, at_data: bool = False) -> None:
        super().__init__(f"{code} {text}" if code else text)
        self.retry = retry
        self.code = code
        self.text = text
        self.ours = ours
        self.at_data = at_data


class Uncertain(Exception):
    """The message may have gone: it was under way, and no answer came."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The server or the service took the message; `provider_id` is what the service calls it, empty by SMTP."""

    provider_id: str = ""


class Transport:
    """One connection, opened when the first message goes and again after an error. Use it in a `with`."""

    def __init__(self) -> None:
        self._backend: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, email: EmailMessage) -> Sent:
        """Send one message to its one recipient. Raises NotSent or Uncertain, and nothing else."""
        try:
            self._open()
            smtp = getattr(self._backend, "connection", None)
            if isinstance(smtp, smtplib.SMTP):
                return _by_smtp(smtp, email)
            return _by_backend(self._backend, email)
        except NotSent as failure:
            if failure.ours:
                self.close()
            raise
        except Uncertain:
            self.close()
            raise

    def close(self) -> None:
        """End the connection, whatever state it is in."""
        backend, self._backend = self._backend, None
        if backend is not None:
            with suppress(Exception):  # nothing depends on how we part
                backend.close()

    def _open(self) -> None:
        """Open the connection, unless it is open and answers. Raises NotSent."""
        if self._backend is not None and not _alive(self._backend):
            self.close()
        if self._backend is not None:
            return
        try:
            self._backend = get_connection(fail_silently=False)
            self._backend.open()
            smtp = getattr(self._backend, "connection", None)
            if isinstance(smtp, smtplib.SMTP):
                smtp.ehlo_or_helo_if_needed()
        except smtplib.SMTPResponseException as error:  # a banner other than 220, HELO or the password refused
            raise NotSent(True, error.smtp_code, _decoded(error.smtp_error), ours=True) from error
        except (OSError, ValueError, ImproperlyConfigured, AnymailError) as error:  # SMTPException is an OSError
            raise NotSent(True, NO_ANSWER, f"The mail server cannot be used: {error}", ours=True) from error


def _alive(backend: Any) -> bool:
    """Return whether a connection from the message before can be used; it has a clean state then."""
    smtp = getattr(backend, "connection", None)
    if not isinstance(smtp, smtplib.SMTP):
        return True
    try:
        return smtp.rset()[0] == 250
    except OSError:
        return False


def _by_smtp(smtp: smtplib.SMTP, email: EmailMessage) -> Sent:
    try:
        sender, recipient, content = _parts(email)
    except ValueError as error:  # a line break in a header, an address that SMTP cannot carry
        raise NotSent(False, NO_ANSWER, f"The message cannot be written: {error}", at_data=True) from error
    try:
        options = [f"size={len(content)}"] if smtp.has_extn("size") else []
        _expect(smtp.mail(sender, options), ours=True)
        _expect(smtp.rcpt(recipient))
    except (OSError, ValueError) as error:  # hung up, no answer in time, an answer that is none: no text went yet
        raise NotSent(True, NO_ANSWER, f"The mail server broke off: {error}", ours=True) from error
    try:
        reply = smtp.data(content)
    except smtplib.SMTPDataError as error:  # anything but 354: it did not want to hear the text
        reply = (error.smtp_code, _bytes(error.smtp_error))
        if reply[0] < 400:
            raise NotSent(True, reply[0], _decoded(reply[1]), ours=True) from error
    except (OSError, ValueError) as error:
        raise Uncertain(f"The mail server broke off while it took the message: {error}") from error
    if not 200 <= reply[0] <= 299 and not 400 <= reply[0] <= 599:
        raise Uncertain(f"The mail server took the message and gave an answer that is none: {_decoded(reply[1])}")
    _expect(reply, at_data=True)
    return Sent()


def _expect(reply: tuple[int, bytes], *, ours: bool = False, at_data: bool = False) -> None:
    """Raise NotSent unless the reply is a good one."""
    code, text = reply
    if 200 <= code <= 299:
        return
    if not 400 <= code <= 599:
        raise NotSent(True, NO_ANSWER, f"The mail server gave an answer that is none: {_decoded(text)}", ours=True)
    ours = ours or code == CLOSING
    raise NotSent(ours or code < 500, code, _decoded(text), ours=ours, at_data=at_data)


def _parts(email: EmailMessage) -> tuple[str, str, bytes]:
    """Return the envelope's sender and recipient, and the message as it goes over the wire."""
    (to,) = email.recipients()
    encoding = email.encoding or "utf-8"
    sender, recipient = (parseaddr(sanitize_address(address, encoding))[1] for address in (email.from_email, to))
    if not recipient.isascii() or recipient.startswith("=?"):
        raise ValueError("its address is not written in ASCII")
    return sender, recipient, email.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own


def _by_backend(backend: Any, email: EmailMessage) -> Sent:
    """Send through a mail service, or another of Django's connections."""
    try:
        count = backend.send_messages([email])
    except AnymailRecipientsRefused as error:
        raise NotSent(False, 550, f"The mail service refuses the address: {_statuses(email)}") from error
    except AnymailAPIError as error:
        _api_error(error)
    except (AnymailInvalidAddress, ImproperlyConfigured) as error:
        ours = isinstance(error, ImproperlyConfigured)
        raise NotSent(ours, NO_ANSWER, _sentence(error), ours=ours, at_data=True) from error
    except AnymailError as error:  # made before the service is asked: what it cannot express
        raise NotSent(True, NO_ANSWER, _sentence(error), ours=True) from error
    except Exception as error:
        raise Uncertain(f"The message was under way when something failed: {type(error).__name__}") from error
    if not count:
        raise NotSent(True, NO_ANSWER, "The mail connection sent nothing and gave no reason.", ours=True)
    if _statuses(email) == "failed":
        raise NotSent(True, NO_ANSWER, "The mail service could not send the message.")
    response = getattr(getattr(email, "anymail_status", None), "esp_response", None)
    if getattr(response, "status_code", 200) >= 400:  # an error that anymail could not read
        raise Uncertain("The mail service gave an answer that could not be read.")
    return Sent(_provider_id(email))


def _api_error(error: AnymailAPIError) -> NoReturn:
    """Raise what an error of a mail service means.

    An answer of 4xx, or 503, says that it took nothing. Of the others nobody knows what was done before, nor of a
    request without an answer, unless there was no connection at all.
    """
    status = error.status_code
    if status is None and any(isinstance(cause, ConnectionRefusedError | socket.gaierror) for cause in _causes(error)):
        raise NotSent(True, NO_ANSWER, "The mail service cannot be reached.", ours=True) from error
    if status is None or not (400 <= status <= 499 or status == 503):
        answer = f"It answered {status}." if status else "It did not answer."
        raise Uncertain(f"The mail service may have taken the message. {answer}") from error
    ours = status in {401, 402, 403, 404, 408, 429, 503}  # key, account, address of the service, pace
    raise NotSent(ours, status, _sentence(error), ours=ours, at_data=True) from error


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those it came from. urllib3's are asked by their OSError: theirs differ by version."""
    following: BaseException | None = error
    while following is not None:
        yield following
        following = following.__cause__ or following.__context__


def _statuses(email: EmailMessage) -> str:
    status = getattr(email, "anymail_status", None)
    return ", ".join(sorted(filter(None, getattr(status, "status", None) or ())))


def _provider_id(email: EmailMessage) -> str:
    name = getattr(getattr(email, "anymail_status", None), "message_id", None)
    return "" if name is None or isinstance(name, set) else str(name)


def _sentence(error: Exception) -> str:
    """Return an error of a mail service on one line."""
    return " ".join(str(error).split())


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _decoded(text: bytes | str) -> str:
    """Return what a server said, on one line."""
    return " ".join(_bytes(text).decode("utf-8", "replace").split())
