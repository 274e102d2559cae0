"""What becomes of a concept that is taken: a new skill, more names for one that is there, or what changed since."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from crm.concept_imports.concepts import LONGEST_NAME, Concept, Content, Imported, Name
from crm.concept_imports.hierarchy import Hierarchy
from crm.concept_imports.results import ConceptOutcome
from crm.concept_imports.standing import Vocabulary
from crm.imports.values import quoted
from crm.text import fold, spoken


@dataclass
class Taking:
    """One batch. Only what changed in the files since the last import changes here; what somebody edited stays."""

    vocabulary: Vocabulary
    hierarchy: Hierarchy
    under: str
    warnings: list[str] = field(default_factory=list)
    early: list[Concept] = field(default_factory=list)
    """Those that came before a concept above them, as happens in a circle."""

    def loosen(self, concept: Concept) -> None:
        """Before anything is taken: names are free for others, and places for what may stand there without a circle."""
        known = self.vocabulary.concepts.get(concept.uri)
        if known is None or not known.made:
            return
        before, now = self.vocabulary.content_of(concept.uri), self._content(concept, None, [])
        if now.names != before.names:
            for key in set(map(fold, before.names)) - set(map(fold, now.names)):
                self.vocabulary.drop_alias(known.slug, key)
        if now.label != before.label == self.vocabulary.skills[known.slug].label:
            self.vocabulary.release_label(known.slug)
        for broad in set(before.broader) - {*now.broader, self.under}:
            self.vocabulary.unlink(known.slug, broad)

    def take(self, concept: Concept) -> ConceptOutcome:
        known = self.vocabulary.concepts.get(concept.uri)
        if known is not None:
            return self._update(concept, known, self.vocabulary.content_of(concept.uri))
        owner = self.vocabulary.owner(Name.of(concept.label))
        return self._make(concept) if owner is None else self._join(concept, owner)

    def settle(self, concept: Concept) -> None:
        """Once all concepts are there, for those that came early."""
        known = self.vocabulary.concepts[concept.uri]
        if self.take(concept) == ConceptOutcome.UNCHANGED and known.made:
            self._places(concept, known.slug, self.warnings)

    def _make(self, concept: Concept) -> ConceptOutcome:
        content = self._content(concept, None, self.warnings)
        slug = self.vocabulary.make(content.label, self._free(content.label_ru, None))
        self._mark_unclear(slug)
        self._fill(slug, Content(), content)
        self.vocabulary.attach(concept.uri, Imported(slug, made=True), content)
        return ConceptOutcome.CREATED

    def _join(self, concept: Concept, slug: str) -> ConceptOutcome:
        """The skill keeps its label and its place. One that an obsolete concept left behind follows this one now."""
        left = [uri for uri in self.vocabulary.uris[slug] if self.vocabulary.content_of(uri).obsolete]
        for uri in left:
            known, before = self.vocabulary.concepts[uri], self.vocabulary.content_of(uri)
            self.vocabulary.detach(uri)
            self._update(concept, known, before)
        if not left:
            content = self._content(concept, slug, self.warnings, joined=True)
            self._fill(slug, Content(), content)
            self.vocabulary.attach(concept.uri, Imported(slug, made=False), content)
        return ConceptOutcome.JOINED

    def _update(self, concept: Concept, known: Imported, before: Content) -> ConceptOutcome:
        notes: list[str] = []
        content = self._content(concept, known.slug, notes, joined=not known.made)
        if content == before:
            return ConceptOutcome.UNCHANGED
        self.warnings += notes
        if known.made:
            self._relabel(known.slug, before, content)
        if before.obsolete:
            self.vocabulary.mark(known.slug, obsolete=False)
        self._fill(known.slug, before, content)
        self.vocabulary.attach(concept.uri, known, content)
        return ConceptOutcome.UPDATED

    def _relabel(self, slug: str, before: Content, now: Content) -> None:
        skill = self.vocabulary.skills[slug]
        label, label_ru = skill.label, skill.label_ru
        if label == before.label != now.label:
            label = self._free(now.label, slug) or label
        if label_ru == before.label_ru != now.label_ru:
            label_ru = self._free(now.label_ru, slug)
        if (label, label_ru, True) != (skill.label, skill.label_ru, skill.keeps_label):
            self.vocabulary.relabel(slug, label, label_ru)
            self._mark_unclear(slug)

    def _fill(self, slug: str, before: Content, now: Content) -> None:
        """Adds the names and places that are new, and takes it from places that are no more."""
        for name in now.names:
            if name not in before.names:
                self._offer(slug, Name.of(name))
        for broad in sorted(set(now.broader) - set(before.broader)):
            self.vocabulary.link(slug, broad)
        for broad in set(before.broader) - set(now.broader):
            self.vocabulary.unlink(slug, broad)

    def _offer(self, slug: str, name: Name) -> None:
        holder = self.vocabulary.holder(name)
        if holder is None and name.key not in self.vocabulary.skills[slug].aliases:
            self.vocabulary.add_alias(slug, name, ambiguous=self._is_unclear(name))
        elif holder not in (None, slug):
            self.warnings.append(f"{quoted(name.text)} names the skill {holder}: left with it.")

    def _free(self, label: str, slug: str | None) -> str:
        """The label, or blank where it names another skill."""
        owner = self.vocabulary.owner(Name.of(label)) if label else None
        if owner in (None, slug):
            return label
        self.warnings.append(f"{quoted(label)} names the skill {owner}: left with it.")
        return ""

    def _mark_unclear(self, slug: str) -> None:
        """A label is marked by an alias of that name."""
        skill = self.vocabulary.skills[slug]
        for name in (Name.of(skill.label), Name.of(skill.label_ru)):
            if self._is_unclear(name) and name.key not in skill.aliases:
                self.vocabulary.add_alias(slug, name, ambiguous=True)

    def _is_unclear(self, name: Name) -> bool:
        return name.is_short or self.vocabulary.is_unclear(name)

    def _content(self, concept: Concept, slug: str | None, notes: list[str], *, joined: bool = False) -> Content:
        label_ru = concept.label_ru if Name.of(concept.label_ru).fits else ""
        labels = {spoken(concept.label), spoken(label_ru)}
        names = [*concept.names, concept.label, concept.label_ru] if joined else concept.names
        return Content(
            label=concept.label,
            label_ru=label_ru,
            names=tuple(self._names(concept.uri, names, set() if joined else labels, notes)),
            broader=() if joined else self._places(concept, slug, notes),
        )

    def _names(self, uri: str, names: Iterable[str], taken: set[str], notes: list[str]) -> Iterator[str]:
        """Without those that are labels, of this concept or of another one of the files."""
        seen: set[str] = set()
        for name in map(Name.of, sorted(names)):
            if not name.said or name.said in taken or name.key in seen:
                continue
            seen.add(name.key)
            if not name.fits:
                notes.append(f"{quoted(name.text)} is longer than {LONGEST_NAME} characters: left out.")
            elif self.hierarchy.labels.get(name.said, uri) != uri:
                notes.append(f"{quoted(name.text)} is the label of another concept: left to that one.")
            else:
                yield name.text

    def _places(self, concept: Concept, slug: str | None, notes: list[str]) -> tuple[str, ...]:
        """Slugs of the skills above it; a root, and what would stand alone, hangs below `under`."""
        above: set[str] = set()
        for uri in self.hierarchy.above(concept):
            known = self.vocabulary.concepts.get(uri)
            if known is None:
                self.early += [concept] if self.hierarchy.is_taken(uri) else []
            elif self._stands_above(slug, known.slug):
                notes.append(f"{concept.uri} and {uri} stand above each other: the first is not put below the second.")
            else:
                above.add(known.slug)
        if (concept.uri in self.hierarchy.roots or not above) and not self._stands_above(slug, self.under):
            above.add(self.under)
        return tuple(sorted(above))

    def _stands_above(self, slug: str | None, other: str) -> bool:
        """Whether a skill that is there is the other one, or anywhere above it."""
        return slug is not None and self.vocabulary.is_above(slug, other)
