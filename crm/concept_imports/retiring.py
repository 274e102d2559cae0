"""What becomes of the skill of a concept that is obsolete now.

Where one concept replaces it, that one takes the skill over, with its claims; if it is a skill of its own already, the
claims move there. Else a skill that nobody claims is removed, and one that somebody claims stays, marked. A skill that
was not made from the concept, or stands for another one as well, only loses the concept.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from crm.concept_imports.concepts import Concept, Imported, Name
from crm.concept_imports.hierarchy import Hierarchy
from crm.concept_imports.results import ConceptOutcome
from crm.concept_imports.standing import Vocabulary


@dataclass
class Retiring:
    """One batch; `claimed` are the slugs of skills that claims, recommendations or evaluations name."""

    vocabulary: Vocabulary
    hierarchy: Hierarchy
    under: str
    claimed: Collection[str]
    warnings: list[str] = field(default_factory=list)

    def retire(self, concept: Concept) -> ConceptOutcome:
        known = self.vocabulary.concepts.get(concept.uri)
        if known is None:
            return ConceptOutcome.OBSOLETE
        others = self.vocabulary.uris[known.slug] - {concept.uri}
        if others or not known.made:
            self._leave(concept.uri, known, others)
        elif heir := self._heir(concept):
            self._hand_over(concept.uri, known, heir)
        elif known.slug in self.claimed or known.slug == self.under:
            self._mark(concept, known)
        else:
            self.vocabulary.remove(known.slug, instead=self.under)
        return ConceptOutcome.OBSOLETE

    def _leave(self, uri: str, known: Imported, others: Collection[str]) -> None:
        self.vocabulary.detach(uri)
        if known.made:
            other = min(others)
            self.vocabulary.attach(other, known, self.vocabulary.content_of(other))

    def _heir(self, concept: Concept) -> str | None:
        """The one concept that replaces it in the end, if that is a skill here or will be one."""
        seen = {concept.uri}
        while len(concept.replaced_by) == 1 and (uri := concept.replaced_by[0]) not in seen:
            seen.add(uri)
            found = self.hierarchy.by_uri.get(uri)
            if found is None or not found.obsolete:
                return uri if uri in self.vocabulary.concepts or self.hierarchy.is_taken(uri) else None
            concept = found
        return None

    def _hand_over(self, uri: str, known: Imported, heir: str) -> None:
        target = self._skill_of(heir)
        if target in (None, known.slug):
            content = self.vocabulary.content_of(uri)
            self.vocabulary.detach(uri)
            self.vocabulary.attach(heir, known, content)
        elif known.slug == self.under:
            self._mark(self.hierarchy.by_uri[uri], known)
        else:
            self.vocabulary.move_claims(known.slug, target)
            self.vocabulary.remove(known.slug, instead=self.under)

    def _skill_of(self, heir: str) -> str | None:
        known = self.vocabulary.concepts.get(heir)
        return known.slug if known else self.vocabulary.owner(Name.of(self.hierarchy.by_uri[heir].label))

    def _mark(self, concept: Concept, known: Imported) -> None:
        content = self.vocabulary.content_of(concept.uri)
        if content.obsolete:
            return
        self.vocabulary.mark(known.slug, obsolete=True)
        self.vocabulary.attach(concept.uri, known, replace(content, obsolete=True))
        why = "and replaced by nothing that is imported" if concept.replaced_by else "and not replaced"
        self.warnings.append(f"{known.slug} is obsolete {why}: it stays for those who claim it, and is not offered.")
