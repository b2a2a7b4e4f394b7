"""What every page of the product for staff does alike: who may see it, one page of a list, the way back."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

PER_PAGE = 50

View = Callable[..., HttpResponse]
Row = TypeVar("Row", bound=Model)


class NoColons(BaseForm):
    """A form whose labels end without a colon, as all labels of the pages do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


def staff(*permissions: str, methods: tuple[str, ...] = ("GET", "HEAD")) -> Callable[[View], View]:
    """Make a view a page for staff with all of these permissions, such as `crm.view_contact`.

    Whoever is not signed in is asked to; a staff member without the permission gets 403, another method 405. Pages
    show people, so no cache keeps them.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = request.user
            if not (user.is_active and user.is_staff):
                return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
            if not user.has_perms(permissions):
                raise PermissionDenied
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            answer = view(request, *args, **kwargs)
            answer.headers.setdefault("Cache-Control", "no-store, private")
            return answer

        return page

    return decorate


def action(*permissions: str) -> Callable[[View], View]:
    """Make a view one that changes something, for staff with all of these permissions: POST only."""
    return staff(*permissions, methods=("POST",))


def user_of(request: HttpRequest) -> User:
    """Return who is signed in; `staff` has seen to it that somebody is."""
    return cast(User, request.user)


def paginated(request: HttpRequest, rows: QuerySet[Row]) -> Page[Row]:
    """Return the page of `rows` that the address asks for (`?page=2`); the nearest one that there is."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def back(request: HttpRequest, default: str, *args: Any) -> HttpResponseRedirect:
    """Return to the page that the form was on (its field `next`), else to the page named `default`."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(target if safe and target.startswith("/") else resolve_url(default, *args))
