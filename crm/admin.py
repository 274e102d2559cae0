"""The admin site: admins look at everything, and change reference data only, through the actions."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from crm import models
from crm.actions import reference
from crm.actions.disclosures import record_disclosures
from crm.errors import DomainError

if TYPE_CHECKING:  # Generic only for type checkers.
    ModelAdmin = admin.ModelAdmin[Any]
    ModelForm = forms.ModelForm[Any]
else:
    ModelAdmin, ModelForm = admin.ModelAdmin, forms.ModelForm


class Site(admin.AdminSite):
    """Only what is registered here: libraries register theirs elsewhere. People log in as everywhere."""

    site_header = site_title = "Talent pipeline"

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        page: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return page

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")


site = Site(name="admin")


class ReadOnly(ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Addresses filter by what the list offers, not by any column."""
        return lookup.split("__")[0] in self.list_filter


READ_ONLY: dict[type[Model], dict[str, Any]] = {
    models.Partner: {"list_display": ("slug", "name", "state"), "search_fields": ("slug", "name")},
    models.Representative: {
        "list_display": ("__str__", "starts", "ends"),
        "list_select_related": ("partner",),
    },
    models.Professor: {"list_display": ("__str__",), "search_fields": ("family_name",)},
    models.Consent: {
        "list_display": ("public_id", "student", "partner", "stored_state", "expires", "granted_at"),
        "list_select_related": ("student", "partner"),
    },
    models.Block: {
        "list_display": ("public_id", "student", "partner"),
        "list_select_related": ("student", "partner"),
    },
    models.Disclosure: {
        "list_display": ("at", "kind", "student", "partner", "viewer"),
        "list_select_related": ("student", "partner", "viewer"),
        "list_filter": ("kind",),
    },
    models.StageChange: {
        "list_display": ("at", "kind", "record", "from_state", "to_state"),
        "list_filter": ("kind",),
    },
    models.User: {
        "list_display": ("email", "role", "is_active", "last_login"),
        "list_filter": ("role", "is_active"),
        "search_fields": ("email",),
        "exclude": ("password",),
    },
}
for model, options in READ_ONLY.items():
    site.register(model, ReadOnly, show_full_result_count=False, **options)


@admin.register(models.Student, site=site)
class StudentAdmin(ReadOnly):
    """The list names nobody; whose record is opened is disclosed."""

    list_display = ("number", "programme", "degree", "graduation_date", "placed")
    list_select_related = ("programme",)
    list_filter = ("degree", "placed")
    search_fields = ("number",)
    show_full_result_count = False

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().change_view(request, object_id, *args, **kwargs)
        if response.status_code == 200:
            assert isinstance(request.user, models.User)
            kind = models.DisclosureKind.RECORD
            record_disclosures(student_ids=[int(object_id)], kind=kind, by=request.user)
        return response


class LinesField(forms.CharField):
    """A list of names, one a line, each as long as the column of an alias takes."""

    widget = forms.Textarea
    longest = models.SkillAlias._meta.get_field("name").max_length or 0

    def __init__(self, **options: Any) -> None:
        # Blank lines at the beginning count too, so that a line has the number that it is seen with.
        super().__init__(strip=False, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        lines = [(number, line.strip()) for number, line in enumerate(super().clean(value).splitlines(), start=1)]
        if long := [self._sentence(number, line) for number, line in lines if len(line) > self.longest]:
            raise forms.ValidationError(long)
        return [line for _, line in lines if line]

    def _sentence(self, number: int, line: str) -> str:
        return f"Line {number} (“{line[:40]}…”) has {len(line)} characters, {self.longest} are allowed."


class ReferenceForm(ModelForm):
    slug = forms.SlugField(required=False, max_length=80, help_text="Made from the name where it is empty.")


class WithAliases(ReferenceForm):
    aliases = LinesField(required=False, help_text="One name a line.")


class SkillForm(WithAliases):
    ambiguous = LinesField(required=False, help_text=f"One name a line. {reference.AMBIGUOUS}")
    broader = forms.ModelMultipleChoiceField(models.Skill.objects.all(), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            for name, unclear in (("aliases", False), ("ambiguous", True)):
                self.initial[name] = [a.name for a in self.instance.aliases.all() if a.ambiguous == unclear]
            self.initial["broader"] = list(self.instance.broader.all())


class ReferenceAdmin(ModelAdmin):
    """Saves through the action, which says what it refuses in its own words."""

    action: ClassVar[tuple[str, Callable[..., Any]]]
    form = ReferenceForm
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        name, save = self.action
        given = {field: value for field, value in form.cleaned_data.items() if field != "slug" or value}
        save(**{name: obj}, by=request.user, **given)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The action has set the links to other records already."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as error:
            sentences = [text for texts in error.fields.values() for text in texts]
            messages.error(request, " ".join(sentences) or error.message)
            return HttpResponseRedirect(request.get_full_path())


REFERENCE: dict[type[Model], dict[str, Any]] = {
    models.Lab: {
        "action": ("lab", reference.save_lab),
        "fields": ("slug", "name", "description", "collaborators"),
        "search_fields": ("slug", "name"),
        "filter_horizontal": ("collaborators",),
    },
    models.Programme: {
        "action": ("programme", reference.save_programme),
        "form": WithAliases,
        "search_fields": ("slug", "name"),
    },
    models.City: {
        "action": ("city", reference.save_city),
        "form": WithAliases,
        "search_fields": ("slug", "name", "name_ru"),
    },
    models.Skill: {
        "action": ("skill", reference.save_skill),
        "form": SkillForm,
        "search_fields": ("slug", "label", "label_ru"),
    },
}
for model, options in REFERENCE.items():
    site.register(model, ReferenceAdmin, list_display=("slug", "__str__"), **options)
