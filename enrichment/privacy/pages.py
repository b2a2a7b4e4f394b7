"""The public pages about people's data. Without session, cookie or sign-in: a token is the permission.

GET changes nothing, since mail filters open links before people do. Whatever address somebody writes, the answer is
the same: nobody learns here whom we know.
"""

from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_ratelimit.core import get_usage
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from core.refusals import InputError
from enrichment import register, request_links, requests, subject_rights
from enrichment.models import RequestKind, RequestOrigin, RequestState
from enrichment.privacy import readable
from enrichment.privacy.words import WORDS, language_of
from enrichment.tasks import mail_privacy_link
from outreach import notices, unsubscribing

RATE = "20/h"  # requests from one client address

_SAFETY = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
}


@csrf_exempt  # nobody is signed in here
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Say what we do and take a request; the link that proves who asks goes to the address."""
    if request.method != "POST" or not requests.possible():
        return _form(request)
    given = {name: request.POST.get(name, "") for name in ("address", "kind", "text")}
    if _too_often(request):
        return _form(request, given, {"form": "too_often"}, status=429)
    try:
        _ask(request, given["kind"], given["address"], given["text"], RequestOrigin.PAGE)
    except InputError:
        known = given["kind"] in RequestKind.values
        return _form(request, given, {"text": "long_text"} if known else {"kind": "bad_kind"}, status=400)
    except ValueError:
        return _form(request, given, {"address": "bad_address"}, status=400)
    return _say(request, "sent")


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def from_mail(request: HttpRequest, token: str) -> HttpResponse:
    """What the link in our mails leads to, which may have been forwarded: no data, but what can be done.

    Objecting is done at once; for all else a link goes to the address that the mail went to.
    """
    try:
        index = notices.read(token)
    except unsubscribing.BadToken:
        return _say(request, "broken", status=404)
    if request.method != "POST":
        return _answer(request, "privacy/link.html", {"kinds": _kinds(request), "can_mail": requests.possible()})
    kind = request.POST.get("kind", "")
    if kind == RequestKind.OBJECTION:
        requests.object_by_link(index)
        return _say(request, "stopped")
    if kind not in RequestKind.values:
        return _say(request, "broken", status=400)
    return _mail_link(request, index, kind)


def _mail_link(request: HttpRequest, index: str, kind: str) -> HttpResponse:
    """Have a link mailed to the address with this blind index, where we hold it; what is said is the same."""
    if not requests.possible():
        return _form(request)
    if _too_often(request):
        return _form(request, errors={"form": "too_often"}, status=429)
    if address := subject_rights.address_of(index):
        _ask(request, kind, address, "", RequestOrigin.LINK)
    return _say(request, "sent")


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button; on POST take the link as the proof and do at once what was asked for."""
    try:
        if request.method != "POST":
            kind = request_links.opened(token).kind
            return _answer(request, "privacy/confirm.html", {"wish": _words(request)[kind]})
        if request.POST.get("file"):
            return _file(request_links.take_copy(token))
        wish, came, second = request_links.prove(token)
    except request_links.BadLink:
        return _say(request, "broken", status=404)
    if wish.kind == RequestKind.ACCESS and came:
        return _answer(request, "privacy/data.html", {"second": second, **readable.context_of(came)})
    if wish.state == RequestState.OPEN and wish.kind != RequestKind.RECTIFICATION:
        return _say(request, "waits")
    return _answer(request, "privacy/said.html", {"heading": "done_title", "sentence": f"{wish.kind}_done"})


def public_url(request: HttpRequest) -> str:
    """Return where people reach this server: as configured, for what a client says its host is may be made up."""
    public: str = settings.OUTREACH_PUBLIC_URL
    if urlsplit(public).scheme in {"http", "https"}:
        return public
    return f"{request.scheme}://{request.get_host()}"  # one of ALLOWED_HOSTS


def _ask(request: HttpRequest, kind: str, address: str, text: str, origin: str) -> None:
    asked = requests.ask(kind, address, text, origin)
    if asked is None:
        return
    try:
        mail_privacy_link.delay(str(asked.pk), public_url(request), language_of(request))
    except (RedisError, BrokerError, OSError):
        asked.delete()  # it counts towards no limit
        raise


def _too_often(request: HttpRequest) -> bool:
    client = request.META.get("REMOTE_ADDR", "")
    usage = get_usage(request, group="privacy", key=lambda _group, _request: client, rate=RATE, increment=True)
    return bool(usage and usage["should_limit"])


def _words(request: HttpRequest) -> Any:
    return WORDS[language_of(request)]


def _kinds(request: HttpRequest) -> list[tuple[str, str]]:
    return [(kind, _words(request)[kind]) for kind in RequestKind.values]


def _form(
    request: HttpRequest, given: dict[str, str] | None = None, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    words = _words(request)
    context = {
        "given": given or {},
        "errors": {name: words[word] for name, word in (errors or {}).items()},
        "kinds": _kinds(request),
        "can_mail": requests.possible(),
        "told": register.controller(),
    }
    return _answer(request, "privacy/page.html", context, status)


def _say(request: HttpRequest, what: str, status: int = 200) -> HttpResponse:
    context = {"heading": f"{what}_title", "sentence": what, "again": what == "broken"}
    return _answer(request, "privacy/said.html", context, status)


def _answer(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    words = _words(request)
    said: dict[str, Any] = {name: words[context[name]] for name in ("heading", "sentence") if name in context}
    # Rendered without the request: its context processors know sessions and users.
    page = render_to_string(template, {"language": language_of(request), "words": words, **context, **said})
    response = HttpResponse(page, status=status, headers=_SAFETY)
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _file(data: dict[str, Any]) -> HttpResponse:
    headers = {**_SAFETY, "Content-Disposition": 'attachment; filename="your-data.json"'}
    return HttpResponse(
        orjson.dumps(data, option=orjson.OPT_INDENT_2), content_type="application/json", headers=headers
    )
