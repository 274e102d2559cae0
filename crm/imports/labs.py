"""The labs that rows name, made on the way where the import may."""

from collections.abc import Callable, Iterable

from crm.access import SystemProcess
from crm.actions.reference import save_lab
from crm.errors import DomainError
from crm.imports.lookups import Lookups, lab_title
from crm.imports.values import is_nothing, quoted
from crm.models import Lab, User
from crm.text import lab_key


class ImportedLabs:
    """`made` holds the labs of this run by key; a dry run gives them negative ids."""

    def __init__(self, *, by: User | SystemProcess, create: bool, dry_run: bool) -> None:
        self._by, self._create, self._dry_run = by, create, dry_run
        self.made: dict[str, int] = {}

    def find(self, names: Iterable[str], lookups: Lookups, warn: Callable[[str], None]) -> list[int]:
        """Primary keys; warns of names that are no lab and leaves them out."""
        found: list[int] = []
        for name in names:
            pk = None if is_nothing(name) else self._find(name, lookups)
            if pk is None:
                warn(f"Unknown lab {quoted(name)}: left out.")
            elif pk not in found:
                found.append(pk)
        return found

    def _find(self, name: str, lookups: Lookups) -> int | None:
        return lookups.lab(name) or self.made.get(lab_key(name)) or self._make(name)

    def _make(self, name: str) -> int | None:
        key = lab_key(name)
        if not self._create or not any(map(str.isalnum, key)) or len(key) > 200:
            return None
        if self._dry_run:
            pk: int | None = -1 - len(self.made)
        else:
            pk = Lab.objects.filter(name_key=key).values_list("pk", flat=True).first() or self._save(name)
        if pk is not None:
            self.made[key] = pk
        return pk

    def _save(self, name: str) -> int | None:
        try:
            return save_lab(lab=Lab(), name=lab_title(name), by=self._by).pk
        except DomainError:
            return None
