"""What the admin's lists of outreach share: acting on rows, and what of a contact they leave out."""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from core.names_nobody import log

_Row = TypeVar("_Row", bound=Model)

MOST_AT_ONCE = 200
OF_A_CONTACT = ["linkedin_url", "evidence"]  # encrypted, and shown in no list


def user_of(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


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
