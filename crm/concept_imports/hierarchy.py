"""Which concepts of a vocabulary are taken, what stands above each, and in which order they come."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from crm.concept_imports.concepts import Concept
from crm.errors import Invalid
from crm.imports.values import quoted
from crm.text import fold, make_slug, spoken

SHOWN = 5


class Hierarchy:
    """The concepts of the files, of which those below the roots are chosen; without roots, all."""

    def __init__(self, concepts: Sequence[Concept], roots: Collection[str] = ()) -> None:
        self.concepts = concepts
        self.roots = frozenset(roots)
        self.by_uri = {concept.uri: concept for concept in concepts}
        self._refused = {id(concept) for concept in concepts if concept.refusal()}
        self.live = {concept.uri for concept in concepts if not concept.obsolete and self._is_good(concept)}
        self.chosen = self._below(self.roots) if roots else set(self.by_uri)
        self.labels: dict[str, str] = {}
        """Label, as it is said -> the first of the concepts called so."""
        for uri in self.by_uri:
            if uri in self.live:
                self.labels.setdefault(spoken(self.by_uri[uri].label), uri)

    def _below(self, roots: Collection[str]) -> set[str]:
        narrower: dict[str, list[str]] = defaultdict(list)
        for concept in self.concepts:
            for broad in concept.broader:
                narrower[broad].append(concept.uri)
        found, frontier = set(roots), list(roots)
        while frontier:
            new = set(narrower[frontier.pop()]) - found
            found |= new
            frontier += new
        return found

    def _is_good(self, concept: Concept) -> bool:
        return id(concept) not in self._refused

    def is_taken(self, uri: str) -> bool:
        return uri in self.live and uri in self.chosen

    def above(self, concept: Concept) -> Iterator[str]:
        """URIs; in place of a concept that is obsolete or cannot be taken, what replaces it, or those above it."""
        seen, waiting = {concept.uri}, list(reversed(concept.broader))
        while waiting:
            uri = waiting.pop()
            if uri in seen:
                continue
            seen.add(uri)
            if uri in self.live or uri not in self.by_uri:
                yield uri
            else:
                broad = self.by_uri[uri]
                is_replaced = len(broad.replaced_by) == 1 and broad.replaced_by[0] not in seen
                waiting += reversed(broad.replaced_by if is_replaced else broad.broader)

    def rejected(self) -> Iterator[Concept]:
        """Those without a URI may belong below any root."""
        return (c for c in self.concepts if not self._is_good(c) and (not c.uri or c.uri in self.chosen))

    def obsolete(self, known: Collection[str]) -> Iterator[Concept]:
        """Also those that were imported before: an obsolete concept often stands below nothing any more."""
        good = (c for c in self.concepts if c.obsolete and self._is_good(c))
        return (c for c in good if c.uri in self.chosen or c.uri in known)

    def in_order(self) -> Iterator[Concept]:
        """Those that are taken, what stands above before what stands below it, as far as there is no circle."""
        opened: set[str] = set()
        done: set[str] = set()
        for start in self.by_uri:
            waiting = [start] if self.is_taken(start) else []
            while waiting:
                uri = waiting[-1]
                if uri not in opened:
                    opened.add(uri)
                    above = self.above(self.by_uri[uri])
                    waiting += [broad for broad in above if self.is_taken(broad) and broad not in opened]
                    continue
                waiting.pop()
                if uri not in done:
                    done.add(uri)
                    yield self.by_uri[uri]


def find_roots(concepts: Iterable[Concept], names: Iterable[str], slugs: Mapping[str, str]) -> list[str]:
    """The URIs meant by URIs, labels, slugs made from labels, or slugs of our skills (`slugs`: URI -> slug).

    Raises Invalid for a name that means no concept, or several.
    """
    meant: dict[str, dict[str, None]] = defaultdict(dict)
    for concept in concepts:
        label_slug = make_slug(concept.label, fallback=concept.uri)
        for name in (concept.uri, fold(concept.label), label_slug, slugs.get(concept.uri, "")):
            meant[name][concept.uri] = None
    return [_only(name, list(meant.get(name) or meant.get(fold(name)) or ())) for name in names]


def _only(name: str, found: list[str]) -> str:
    if not found:
        raise Invalid.field("root", f"No concept of these files has the URI or the name {quoted(name)}.")
    if len(found) > 1:
        raise Invalid.field("root", f"{quoted(name)} means several: {', '.join(found[:SHOWN])}. Name one by its URI.")
    return found[0]
