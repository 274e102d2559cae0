"""The skills as they stand, in memory. An import changes them here; `changes` says what is to be written."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from crm.concept_imports.concepts import Content, Imported, Name
from crm.models import BroaderSkill, Skill, SkillAlias, SkillConcept
from crm.text import fold, make_slug, spoken, words_of


@dataclass(slots=True)
class Standing:
    """A skill; `aliases` says of each folded name whether it is ambiguous."""

    label: str
    label_ru: str = ""
    obsolete: bool = False
    aliases: dict[str, bool] = field(default_factory=dict)
    keeps_label: bool = True
    """False while its label is about to change: until then it names nothing."""


@dataclass
class Changes:
    """What differs from the database. Skills are named by slug, aliases by slug and folded name."""

    made: list[str] = field(default_factory=list)
    altered: set[str] = field(default_factory=set)
    named: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)
    """Alias -> as it is written, and whether it is ambiguous."""
    dropped: set[tuple[str, str]] = field(default_factory=set)
    linked: set[tuple[str, str]] = field(default_factory=set)
    unlinked: set[tuple[str, str]] = field(default_factory=set)
    concepts: dict[str, tuple[Imported, Content] | None] = field(default_factory=dict)
    """None for one that means no skill any more."""
    moved: list[tuple[str, str]] = field(default_factory=list)
    """Skills whose claims move to another one."""
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(vars(self).values())


class Vocabulary:
    def __init__(self) -> None:
        self.skills: dict[str, Standing] = {}
        self.above: dict[str, set[str]] = defaultdict(set)
        self.below: dict[str, set[str]] = defaultdict(set)
        self.concepts: dict[str, Imported] = {}
        self.uris: dict[str, set[str]] = defaultdict(set)
        self.changes = Changes()
        self._taken: dict[str, Content] = {}
        self._recalled: dict[str, Content] = {}
        self._owners: dict[str, tuple[str, ...]] = {}
        self._unclear: dict[str, tuple[str, ...]] = {}
        self._words: set[str] = set()
        """What no new slug may be: slugs, and names without a space."""

    @classmethod
    def read(cls) -> "Vocabulary":
        self = cls()
        for slug, label, label_ru, obsolete in Skill.objects.values_list("slug", "label", "label_ru", "obsolete"):
            self.skills[slug] = Standing(label, label_ru, obsolete)
        aliases = SkillAlias.objects.order_by("pk").values_list("skill__slug", "key", "ambiguous")
        for slug, key, ambiguous in aliases.iterator():
            self.skills[slug].aliases[key] = ambiguous
        for slug in self.skills:
            self._learn(slug)
        for narrow, broad in BroaderSkill.objects.values_list("narrow__slug", "broad__slug"):
            self._set_link(narrow, broad)
        for uri, slug, made in SkillConcept.objects.values_list("uri", "skill__slug", "made"):
            self._set_concept(uri, Imported(slug, made))
        return self

    def recall(self, uris: Iterable[str]) -> None:
        """Reads at once what imports took from the concepts of a batch: those of all at a time are too much."""
        stored = SkillConcept.objects.filter(uri__in=list(uris)).values_list("uri", "content")
        self._recalled = {uri: Content.from_json(content) for uri, content in stored}

    def content_of(self, uri: str) -> Content:
        """What the last import took from a concept that is known."""
        if uri not in self._taken and uri not in self._recalled:
            self._recalled[uri] = Content.from_json(SkillConcept.objects.get(uri=uri).content)
        return self._taken.get(uri) or self._recalled[uri]

    def owner(self, name: Name) -> str | None:
        """The skill that has it for a label or a plain alias, or one of our own that has it for its slug."""
        if owners := self._owners.get(name.said):
            return owners[0]
        return name.key if name.key in self.skills and not self._is_made(name.key) else None

    def holder(self, name: Name) -> str | None:
        """The owner, or whichever skill has it for its slug: nobody else may have it for an alias."""
        return self.owner(name) or (name.key if name.key in self.skills else None)

    def is_unclear(self, name: Name) -> bool:
        """Whether a skill has it for an ambiguous alias."""
        return bool(self._unclear.get(name.said))

    def means_something(self, key: str) -> bool:
        """Whether a folded name is the slug, a label or an alias of a skill."""
        owners = self._owners.get(words_of(key), ())
        return key in self.skills or any(key in self._folded(slug) for slug in owners)

    @property
    def released(self) -> dict[str, str]:
        """Slug -> the label that it shall not keep."""
        return {slug: skill.label for slug, skill in self.skills.items() if not skill.keeps_label}

    def make(self, label: str, label_ru: str) -> str:
        slug = make_slug(label, taken=self._words, fallback="skill")
        self.skills[slug] = Standing(label, label_ru)
        self.changes.made.append(slug)
        self._learn(slug)
        return slug

    def release_label(self, slug: str) -> None:
        self._alter(slug, keeps_label=False)

    def relabel(self, slug: str, label: str, label_ru: str) -> None:
        self._alter(slug, label=label, label_ru=label_ru, keeps_label=True)
        self.changes.altered.add(slug)

    def mark(self, slug: str, *, obsolete: bool) -> None:
        self.skills[slug].obsolete = obsolete
        self.changes.altered.add(slug)

    def add_alias(self, slug: str, name: Name, *, ambiguous: bool) -> None:
        self.skills[slug].aliases[name.key] = ambiguous
        self._learn_name(slug, name.said, unclear=ambiguous)
        self._words.update({name.key} if " " not in name.key else ())
        self.changes.named[slug, name.key] = name.text, ambiguous

    def drop_alias(self, slug: str, key: str) -> None:
        if key in (aliases := self.skills[slug].aliases):
            self._alter(slug, aliases={other: unclear for other, unclear in aliases.items() if other != key})
            self.changes.dropped.add((slug, key))

    def link(self, narrow: str, broad: str) -> bool:
        """False where that would make a circle."""
        if self.is_above(narrow, broad):
            return False
        if broad not in self.above[narrow]:
            self._set_link(narrow, broad)
            self.changes.linked.add((narrow, broad))
        return True

    def is_above(self, slug: str, other: str) -> bool:
        """Whether a skill is the other one, or stands anywhere above it."""
        if not self.below.get(slug):
            return slug == other
        seen, frontier = {other}, [other]
        while frontier and slug not in seen:
            new = self.above[frontier.pop()] - seen
            seen |= new
            frontier += new
        return slug in seen

    def unlink(self, narrow: str, broad: str) -> None:
        if broad in self.above[narrow]:
            self.above[narrow].discard(broad)
            self.below[broad].discard(narrow)
            self.changes.unlinked.add((narrow, broad))

    def attach(self, uri: str, imported: Imported, content: Content) -> None:
        self._set_concept(uri, imported)
        self._taken[uri] = content
        self.changes.concepts[uri] = imported, content

    def detach(self, uri: str) -> None:
        self.uris[self.concepts.pop(uri).slug].discard(uri)
        self.changes.concepts[uri] = None

    def move_claims(self, old: str, new: str) -> None:
        self.changes.moved.append((old, new))

    def remove(self, slug: str, instead: str) -> None:
        """What stood below it stands below its broader skills then, or below `instead`."""
        above = sorted(self.above.pop(slug, ())) or [instead]
        for broad in above:
            self.below[broad].discard(slug)
        for narrow in sorted(self.below.pop(slug, ())):
            self.above[narrow].discard(slug)
            self._rehang(narrow, slug, [broad for broad in above if self.link(narrow, broad)])
        for uri in self.uris.pop(slug, ()):
            del self.concepts[uri]
        self._forget(slug)
        del self.skills[slug]
        self.changes.removed.append(slug)

    def _rehang(self, narrow: str, gone: str, places: list[str]) -> None:
        """For the next import it is as if the files had said so: what they say instead takes these places over."""
        for uri in [uri for uri in self.uris[narrow] if self.concepts[uri].made]:
            content = self.content_of(uri)
            broader = tuple(sorted({*content.broader, *places} - {gone}))
            self.attach(uri, self.concepts[uri], replace(content, broader=broader))

    def _alter(self, slug: str, **fields: object) -> None:
        self._forget(slug)
        for name, value in fields.items():
            setattr(self.skills[slug], name, value)
        self._learn(slug)

    def _learn(self, slug: str) -> None:
        self._words.update((slug, *(name for name in self._folded(slug) if " " not in name)))
        for said, unclear in self._names(slug):
            self._learn_name(slug, said, unclear=unclear)

    def _learn_name(self, slug: str, said: str, *, unclear: bool) -> None:
        names = self._unclear if unclear else self._owners
        if slug not in (owners := names.get(said, ())):
            names[said] = (*owners, slug)

    def _forget(self, slug: str) -> None:
        for said, unclear in self._names(slug):
            names = self._unclear if unclear else self._owners
            names[said] = tuple(owner for owner in names[said] if owner != slug)

    def _names(self, slug: str) -> Iterator[tuple[str, bool]]:
        """As they are said, with whether they are ambiguous aliases."""
        skill = self.skills[slug]
        labels = (skill.label, skill.label_ru) if skill.keeps_label else (skill.label_ru,)
        yield from ((said, False) for said in map(spoken, labels) if said)
        yield from ((said, unclear) for key, unclear in skill.aliases.items() if (said := words_of(key)))

    def _is_made(self, slug: str) -> bool:
        return any(self.concepts[uri].made for uri in self.uris[slug])

    def _folded(self, slug: str) -> Iterable[str]:
        skill = self.skills[slug]
        return (fold(skill.label), fold(skill.label_ru), *skill.aliases)

    def _set_link(self, narrow: str, broad: str) -> None:
        self.above[narrow].add(broad)
        self.below[broad].add(narrow)

    def _set_concept(self, uri: str, imported: Imported) -> None:
        self.concepts[uri] = imported
        self.uris[imported.slug].add(uri)
