"""What every page of the product does alike: who may see it, one page of a list, the way back."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

PER_PAGE = 50

View = Callable[..., HttpResponseBase]
Row = TypeVar("Row", bound=Model)


class NoColons(BaseForm):
    """A form whose labels end without a colon, as all labels of the pages do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


def allowed(*permissions: str, methods: tuple[str, ...] = ("GET", "HEAD")) -> Callable[[View], View]:
    """Make a view a page for users with all of these permissions, such as `crm.view_contact`.

    Whoever is not signed in is asked to; a user without the permission gets 403, another method 405. Pages show
    people, so no cache keeps them.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not user.is_authenticated:
                return _to_sign_in(request)
            if not user.has_perms(permissions):
                raise PermissionDenied
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            answer = view(request, *args, **kwargs)
            answer.headers.setdefault("Cache-Control", "no-store, private")
            return answer

        cast(Any, page).methods = methods  # for the test that each page which writes is in the audit trail
        return page

    return decorate


def action(*permissions: str) -> Callable[[View], View]:
    """Make a view one that changes something, for users with all of these permissions: POST only."""
    return allowed(*permissions, methods=("POST",))


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send somebody to the sign-in page and back; htmx is told to load the whole page."""
    if request.headers.get("HX-Request"):
        here = request.headers.get("HX-Current-URL", "")
        safe = url_has_allowed_host_and_scheme(here, {request.get_host()}, request.is_secure())
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = redirect_to_login(here if safe else "/").url
        return answer
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")


def user_of(request: HttpRequest) -> User:
    """Return who is signed in; `allowed` has seen to it that somebody is."""
    return cast(User, request.user)


def paginated(request: HttpRequest, rows: QuerySet[Row]) -> Page[Row]:
    """Return the page of `rows` that the address asks for (`?page=2`); the nearest one that there is."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def back(request: HttpRequest, default: str, *args: Any) -> HttpResponseRedirect:
    """Return to the page that the form was on (its field `next`), else to the page named `default`."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(target if safe and target.startswith("/") else resolve_url(default, *args))
