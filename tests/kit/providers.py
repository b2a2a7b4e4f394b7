"""Every provider of addresses on loopback, in the documented shapes, all of them knowing Kestrel Kites.

    with providers() as running:
        running.access        # ENRICHMENT_PROVIDER_ACCESS, under which the product asks them, and nothing outside
        running.settings      # the same as environment variables

People and addresses are invented. `pages()` makes a provider's site, `BODIES` are the documents it sends.
"""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from tests.kit.web import Content, Page, Request, WebServer

DOMAIN = "kestrel.example"
EMAIL = f"ines.fontana@{DOMAIN}"
PAGE = "https://news.example/2025/kestrel"
HUNTER_KEY, SNOV_ID, SNOV_SECRET = "hunter-key-1", "snov-id-1", "snov-secret-1"
REACHER_SECRET, CLEARBIT_KEY = "reacher-secret-1", "clearbit-key-1"
SECRETS: Mapping[str, Mapping[str, str]] = {
    "hunter": {"api_key": HUNTER_KEY},
    "snov": {"client_id": SNOV_ID, "client_secret": SNOV_SECRET},
    "reacher": {"api_key": REACHER_SECRET},
    "clearbit": {"api_key": CLEARBIT_KEY},
}

Json = dict[str, Any]


def answer(value: Any, status: int = 200) -> Page:
    """Return a page of JSON."""
    return Page(json.dumps(value), status, media_type="application/json")


SOURCE = {
    "domain": "news.example",
    "uri": PAGE,
    "extracted_on": "2024-10-19",
    "last_seen_on": "2026-05-18",
    "still_on_page": True,
}
CHECKED = {"date": "2026-06-14", "status": "valid"}


def colleague(first: str, last: str, **fields: Any) -> Json:
    """Return an address as Hunter's domain search lists it."""
    return {
        "value": f"{first}.{last}@{DOMAIN}".lower(),
        "type": "personal",
        "confidence": 92,
        "sources": [SOURCE],
        "first_name": first,
        "last_name": last,
        "position": "Support Engineer",
        "seniority": "senior",
        "department": "it",
        "linkedin": None,
        "twitter": None,
        "phone_number": None,
        "verification": CHECKED,
        **fields,
    }


def hunter_error(status: int, name: str = "wrong", details: str = "No.") -> Page:
    return answer({"errors": [{"id": name, "code": status, "details": details}]}, status)


def _smtp(email: str, **fields: Any) -> Json:
    shape = {"is_webmail": False, "is_gibberish": False, "is_disposable": False, "is_valid_format": True}
    return {"email": email, "smtp_status": "valid", **shape, **fields}


_SMTP_OF_REACHER = {
    "can_connect_smtp": True,
    "has_full_inbox": False,
    "is_catch_all": False,
    "is_deliverable": True,
    "is_disabled": False,
}

BODIES: Mapping[str, Mapping[str, Any]] = {
    "hunter": {
        "/v2/email-finder": {
            "data": {
                "first_name": "Ines", "last_name": "Fontana", "email": EMAIL, "score": 97, "domain": DOMAIN,
                "accept_all": False, "position": "Chief Financial Officer", "twitter": None, "linkedin_url": None,
                "phone_number": None, "company": "Kestrel Kites", "sources": [SOURCE], "verification": CHECKED,
            },
            "meta": {"params": {"first_name": "Ines", "last_name": "Fontana", "domain": DOMAIN}},
        },
        "/v2/email-verifier": {
            "data": {
                "status": "valid", "result": "deliverable", "_deprecation_notice": "Use status instead", "score": 100,
                "email": EMAIL, "regexp": True, "gibberish": False, "disposable": False, "webmail": False,
                "mx_records": True, "smtp_server": True, "smtp_check": True, "accept_all": False, "block": False,
                "sources": [SOURCE],
            },
            "meta": {"params": {"email": EMAIL}},
        },
        "/v2/domain-search": {
            "data": {
                "domain": DOMAIN, "disposable": False, "webmail": False, "accept_all": False,
                "pattern": "{first}.{last}", "organization": "Kestrel Kites", "technologies": [],
                "emails": [colleague("Marta", "Lindqvist"), colleague("Jonas", "Okafor")], "linked_domains": [],
            },
            "meta": {"results": 2, "limit": 10, "offset": 0, "params": {"domain": DOMAIN, "type": "personal"}},
        },
        "/v2/email-count": {
            "data": {"total": 3, "personal_emails": 2, "generic_emails": 1, "department": {}, "seniority": {}},
            "meta": {"params": {"domain": DOMAIN, "type": "personal"}},
        },
        "/v2/account": {
            "data": {
                "email": "ops@kestrel.example", "plan_name": "Starter", "plan_level": 1, "reset_date": "2026-12-07",
                "team_id": 1, "calls": {"_deprecation_notice": "…", "used": 600, "available": 2000},
                "requests": {
                    "searches": {"used": 10, "available": 500},
                    "verifications": {"used": 0, "available": 1000},
                    "credits": {"used": 600, "available": 2000},
                },
            }
        },
    },
    "snov": {
        "/v1/oauth/access_token": {"access_token": "token", "token_type": "Bearer", "expires_in": 3600},
        "/v2/emails-by-domain-by-name/start": {"data": {"task_hash": "f1nd"}, "meta": {"rows": []}},
        "/v2/emails-by-domain-by-name/result": {
            "status": "completed",
            "data": [{"people": "Ines Fontana", "result": [_smtp(EMAIL)]}],
            "meta": {"rows": [], "task_hash": "f1nd"},
        },
        "/v2/email-verification/start": {"data": {"task_hash": "ver1fy"}, "meta": {"emails": [EMAIL]}},
        "/v2/email-verification/result": {
            "status": "completed",
            "data": [{"email": EMAIL, "result": {key: value for key, value in _smtp(EMAIL).items() if key != "email"}}],
            "meta": {"emails": [EMAIL], "task_hash": "ver1fy"},
        },
        "/v2/domain-search/prospects/start": {
            "data": [],
            "meta": {"domain": DOMAIN, "task_hash": "pe0ple"},
            "links": {"result": "https://api.snov.io/v2/domain-search/prospects/result/pe0ple"},
        },
        "/v2/domain-search/prospects/result/pe0ple": {
            "status": "completed",
            "data": [
                {
                    "first_name": "Marta",
                    "last_name": "Lindqvist",
                    "position": "Chief Executive Officer",
                    "source_page": "https://www.linkedin.com/in/marta-lindqvist/",
                    "search_emails_start": "https://api.snov.io/v2/domain-search/prospects/search-emails/start/m4rta",
                }
            ],
            "meta": {"domain": DOMAIN, "tab": "prospects", "task_hash": "pe0ple", "page": 1, "total_count": 1},
            "links": {"next": ""},
        },
        "/v2/domain-search/prospects/search-emails/start/m4rta": {
            "data": [],
            "meta": {"task_hash": "ma1l"},
            "links": {"result": "https://api.snov.io/v2/domain-search/prospects/search-emails/result/ma1l"},
        },
        "/v2/domain-search/prospects/search-emails/result/ma1l": {
            "status": "completed",
            "data": {
                "searching_date": "2026-11-24 11:11:11",
                "emails": [{"email": f"marta.lindqvist@{DOMAIN}", "smtp_status": "valid"}],
            },
            "meta": {"task_hash": "ma1l"},
            "links": [],
        },
        "/v1/get-balance": {
            "success": True,
            "data": {"balance": "25000.00", "teamwork": False, "limit_resets_in": 31, "expires_in": 362},
        },
    },
    "reacher": {
        "/v0/check_email": {
            "input": EMAIL,
            "is_reachable": "safe",
            "misc": {"is_disposable": False, "is_role_account": False, "is_b2c": False, "gravatar_url": None},
            "mx": {"accepts_mail": True, "records": [f"mx.{DOMAIN}."]},
            "smtp": _SMTP_OF_REACHER,
            "syntax": {
                "address": EMAIL, "domain": DOMAIN, "is_valid_syntax": True, "username": "ines.fontana",
                "normalized_email": EMAIL, "suggestion": None,
            },
            "debug": {"backend_name": "b", "smtp": {"verif_method": {"type": "Smtp"}}},
        }
    },
    "clearbit": {
        "/v2/people/find": {
            "id": "d54c54ad",
            "name": {"fullName": "Ines Fontana", "givenName": "Ines", "familyName": "Fontana"},
            "email": EMAIL,
            "employment": {"domain": DOMAIN, "name": "Kestrel Kites", "title": "Chief Financial Officer"},
            "fuzzy": False,
            "indexedAt": "2016-11-07T00:00:00.000Z",
        },
        "/v1/people/search": {
            "page": 1,
            "page_size": 20,
            "total": 2,
            "results": [
                {"id": "p-1", "name": {"fullName": "Jonas Okafor", "givenName": "Jonas", "familyName": "Okafor"}},
                {"id": "p-2", "name": {"fullName": "Inés Fontana", "givenName": "Inés", "familyName": "Fontana"}},
            ],
        },
        "/v1/people/p-2/email": {"email": EMAIL, "verified": True},
    },
}  # fmt: skip


def pages(name: str, bodies: Mapping[str, Any] | None = None) -> dict[str, Content]:
    """Return the site of a provider that turns away who does not show its key.

    `bodies` take the place of the documented ones, by path: a Page, something that makes one, or JSON.
    """
    told = {path: copy.deepcopy(body) for path, body in BODIES[name].items()} | dict(bodies or {})
    return {path: _guarded(_KEYS[name], path, body) for path, body in told.items()}


def _guarded(let_in: Callable[[Request], Page | None], path: str, body: Any) -> Content:
    def say(request: Request) -> Page:
        refused = None if path.endswith("/access_token") else let_in(request)
        if refused:
            return refused
        made = body(request) if callable(body) else body
        return made if isinstance(made, Page) else answer(made)

    return say


def _hunter_key(request: Request) -> Page | None:
    if request.path.startswith("/v2/email-count") or request.headers.get("x-api-key") == HUNTER_KEY:
        return None
    return hunter_error(401, "authentication_failed", "No user found for the API key supplied")


def _snov_token(request: Request) -> Page | None:
    authorised = request.headers.get("authorization", "").startswith("Bearer token")
    return None if authorised else answer({"message": "invalid_client"}, 401)


def _reacher_secret(request: Request) -> Page | None:
    if request.headers.get("x-reacher-secret") == REACHER_SECRET:
        return None
    return Page('Invalid request header "x-reacher-secret"', 400, media_type="text/plain")


def _clearbit_key(request: Request) -> Page | None:
    if request.headers.get("authorization") == "Basic Y2xlYXJiaXQta2V5LTE6":
        return None
    return answer({"error": {"type": "auth_invalid", "message": "Invalid API key provided."}}, 401)


_KEYS = {"hunter": _hunter_key, "snov": _snov_token, "reacher": _reacher_secret, "clearbit": _clearbit_key}


def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a posted form."""
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


@dataclass
class Providers:
    """The running servers, by the name of their provider."""

    webs: Mapping[str, WebServer]

    @property
    def access(self) -> dict[str, dict[str, str]]:
        """Return ENRICHMENT_PROVIDER_ACCESS as the settings have it."""
        return {name: {**SECRETS[name], "base_url": f"http://{web.address}"} for name, web in self.webs.items()}

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment variables that say the same."""
        return {
            f"{name}_{field}".upper(): value for name, given in self.access.items() for field, value in given.items()
        }

    def say(self, name: str, bodies: Mapping[str, Any]) -> None:
        """Let a provider answer with other `bodies`, by path, where it answers as documented otherwise."""
        self.webs[name].sites["*"] = pages(name, bodies)

    def asked(self, name: str) -> list[str]:
        """Return the paths that a provider was asked for, without their queries."""
        return [path.partition("?")[0] for path in self.webs[name].paths]


@contextmanager
def providers(*names: str) -> Iterator[Providers]:
    """Run these, each at an address of its own; without names, all."""
    with ExitStack() as stack:
        yield Providers({name: stack.enter_context(WebServer({"*": pages(name)})) for name in names or tuple(BODIES)})
