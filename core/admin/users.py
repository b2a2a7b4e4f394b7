"""Users in the admin: added with a role, given another, deactivated. Superusers alone change them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import audit, badges, refresh_tokens, roles, second_factor

if TYPE_CHECKING:  # the stubs' classes take type arguments, Django's own do not
    CreationForm = UserCreationForm[User]
    ChangeForm = UserChangeForm[User]
    BaseAdmin = DjangoUserAdmin[User]
else:
    CreationForm, ChangeForm, BaseAdmin = UserCreationForm, UserChangeForm, DjangoUserAdmin

COLOURS = {roles.ADMIN: badges.BLUE, roles.REVIEWER: badges.GREEN, roles.OTHER: badges.GREY}
LAST = "This is the last active admin: nobody could administer any more. Make somebody else an admin first."

admin.site.unregister(User)


class RoleFilter(admin.SimpleListFilter):
    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(role, role.capitalize()) for role in roles.IN_WORDS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        role = self.value()
        return queryset.filter(pk__in=roles.having(role)) if role in roles.IN_WORDS else queryset


class AddUserForm(CreationForm):
    """The few things that a new user needs."""

    email = forms.EmailField(required=False, help_text="Where a link for a new password goes.")
    role = forms.ChoiceField(choices=roles.CHOICES, initial=roles.REVIEWER)

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "email")


class ChangeUserForm(ChangeForm):
    """Django's form; it does not take the last admin away."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        stays = all(data.get(name, True) for name in ("is_active", "is_staff", "is_superuser"))
        if not stays and roles.leaves_no_admin([self.instance]):
            raise forms.ValidationError(LAST)
        return data


@admin.register(User)
class UserAdmin(BaseAdmin):
    add_form = AddUserForm
    form = ChangeUserForm
    add_fieldsets = ((None, {"fields": ("username", "email", "role", "password1", "password2")}),)
    list_display = ["username", "email", "role", "has_second_factor", "is_active", "last_login"]
    list_filter = [RoleFilter, "is_active", "last_login"]
    actions = ["make_admin", "make_reviewer", "deactivate", "activate", "turn_off_second_factor"]
    list_per_page = 50
    audit_hides = ("email", "first_name", "last_name")  # users are people: the trail says that these changed, not how

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        users = super().get_queryset(request).prefetch_related("groups")
        return cast("QuerySet[User]", users.annotate(with_second_factor=Exists(devices)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return cast(User, request.user).is_superuser

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return cast(User, request.user).is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return cast(User, request.user).is_superuser

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        cast(Any, obj).role_before = roles.role_of(User.objects.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)
        if not change:
            roles.give(obj, form.cleaned_data["role"])
        elif not (obj.is_active and obj.is_staff):
            refresh_tokens.end_all(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        before, now = form.instance.role_before, roles.role_of(User.objects.get(pk=form.instance.pk))
        if change and before != now:
            audit.record("user.role_changed", of=form.instance, before={"role": before}, after={"role": now})

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Set another user's password."""
        with transaction.atomic():
            before = self._password(id)
            answer = super().user_change_password(request, id, form_url)
            if self._password(id) != before:
                audit.record("password.changed", of=("auth.user", id))
        return answer

    def _password(self, key: str) -> str | None:
        return User.objects.filter(pk=key).values_list("password", flat=True).first() if key.isdigit() else None

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[Any, int], set[Any], Any]:
        lists, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return lists, counts, lacking, [*protected, LAST] if roles.leaves_no_admin(objs) else protected

    @admin.display(description="role")
    def role(self, user: User) -> SafeString:
        role = roles.role_of(user)
        return badges.badge(role.capitalize(), COLOURS[role])

    @admin.display(description="second factor", boolean=True)
    def has_second_factor(self, user: User) -> bool:
        return bool(cast(Any, user).with_second_factor)

    @admin.action(description="Make admin", permissions=["change"])
    def make_admin(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._give(request, queryset, roles.ADMIN)

    @admin.action(description="Make reviewer", permissions=["change"])
    def make_reviewer(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._give(request, queryset, roles.REVIEWER)

    @admin.action(description="Deactivate: may not sign in", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, False)

    @admin.action(description="Activate: may sign in again", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, True)

    @admin.action(description="Turn off the second factor", permissions=["change"])
    def turn_off_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        off = sum(second_factor.turn_off(user, by=cast(User, request.user)) for user in queryset)
        self.message_user(request, f"{_users(off)} without a second factor now.", messages.SUCCESS)

    @transaction.atomic
    def _give(self, request: HttpRequest, queryset: QuerySet[User], role: str) -> None:
        users = [user for user in _locked(queryset) if roles.role_of(user) != role]
        if role != roles.ADMIN and self._refused(request, users):
            return
        acts = [
            audit.Act("user.role_changed", user, before={"role": roles.role_of(user)}, after={"role": role})
            for user in users
        ]
        audit.record_many(acts)
        for user in users:
            roles.give(user, role)
            if not user.is_staff:
                refresh_tokens.end_all(user)
        self._note(request, users, f"Made {role}.")

    @transaction.atomic
    def _set_active(self, request: HttpRequest, queryset: QuerySet[User], active: bool) -> None:
        users = [user for user in _locked(queryset) if user.is_active != active]
        if not active and self._refused(request, users):
            return
        for user in users:
            user.is_active = active
            user.save(update_fields=["is_active"])
            if not active:
                refresh_tokens.end_all(user)
        acts = [
            audit.Act("user.changed", user, before={"is_active": not active}, after={"is_active": active})
            for user in users
        ]
        audit.record_many(acts)
        self._note(request, users, "Activated." if active else "Deactivated.")

    def _refused(self, request: HttpRequest, users: Sequence[User]) -> bool:
        if refused := roles.leaves_no_admin(users):
            self.message_user(request, LAST, messages.ERROR)
        return refused

    def _note(self, request: HttpRequest, users: Sequence[User], what: str) -> None:
        LogEntry.objects.log_actions(cast(int, request.user.pk), users, CHANGE, what)
        self.message_user(request, f"{_users(len(users))}: {what}", messages.SUCCESS)


def _locked(queryset: QuerySet[User]) -> list[User]:
    """Return the users, with all admins locked: of two admins who lower each other at once the second is refused."""
    list(roles.having(roles.ADMIN).order_by("pk").select_for_update())
    return list(User.objects.filter(pk__in=queryset.values("pk")).prefetch_related("groups").order_by("pk"))


def _users(number: int) -> str:
    return f"{number} user{'' if number == 1 else 's'}"
