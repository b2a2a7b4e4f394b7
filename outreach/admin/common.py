"""What the admin's lists of outreach share: searching people, acting on rows, and a log that names nobody."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from core.fields import blind_index, normalise_email
from core.read_only import ReadOnly

_Row = TypeVar("_Row", bound=Model)

MOST_AT_ONCE = 200
OF_A_CONTACT = ["linkedin_url", "evidence"]  # encrypted, and shown in no list


def user_of(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def log(request: HttpRequest, rows: Iterable[Model], sentence: Any, flag: int = CHANGE) -> None:
    """Write into the admin's log what was done to rows: by their ids, since it outlives the people they are about."""
    user_id = int(request.user.pk or 0)
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=user_id,
            content_type_id=get_content_type_for_model(row).pk,
            object_id=str(row.pk),
            object_repr=f"{row._meta.verbose_name} {row.pk}",
            action_flag=flag,
            change_message=sentence,
        )
        for row in rows
    )


class NamesNobody(admin.ModelAdmin):
    """Rows that are logged without what they are called, such as an address."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        log(request, [obj], message, ADDITION)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        log(request, [obj], message, CHANGE)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> Any:
        log(request, queryset, "", DELETION)


class Kept(ReadOnly, NamesNobody):
    """Rows that only the product writes. They go with their contact or sequence, never by themselves.

    Whoever may change the model may use its actions (`permissions=["decide"]`).
    """

    list_per_page = 50
    show_full_result_count = False
    search_help_text = "The contact's name, or a whole e-mail address."
    addresses: tuple[str, ...] = ()  # blind indexes that a whole address is looked for in

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        raise PermissionDenied

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        kept = {**(extra_context or {}), "show_delete": False}
        return super().changeform_view(request, object_id, form_url, kept)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if "@" not in search_term:
            return super().get_search_results(request, queryset, search_term)
        index, found = blind_index(normalise_email(search_term)), Q()
        for field in self.addresses:
            found |= Q(**{field: index})
        return queryset.filter(found), False


def act_on_each(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    rows: QuerySet[_Row],
    act: Callable[[_Row], object],
    done_word: str,
) -> None:
    """Do something to each of the rows chosen, and say to how many, and why not to the others (ValueError)."""
    noun = str(model_admin.opts.verbose_name)
    chosen = list(rows[: MOST_AT_ONCE + 1])
    if len(chosen) > MOST_AT_ONCE:
        model_admin.message_user(request, f"Too many at once: choose up to {MOST_AT_ONCE}.", messages.ERROR)
        return
    done: list[_Row] = []
    refused: Counter[str] = Counter()
    for row in chosen:
        try:
            act(row)
        except ValueError as error:
            refused[str(error)] += 1
        else:
            done.append(row)
    log(request, done, f"{done_word.capitalize()}.")
    if done:
        model_admin.message_user(request, f"{count(len(done), noun)} {done_word}.", messages.SUCCESS)
    elif not refused:
        model_admin.message_user(request, f"None of them can be {done_word}.", messages.WARNING)
    for sentence, number in refused.items():
        model_admin.message_user(request, f"{count(number, noun)} left alone: {sentence}", messages.WARNING)
