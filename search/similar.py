"""More like this: whoever is most like one candidate, made of what the viewer may read of that one and nothing else."""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from crm import reference
from crm.access import Reach, require
from crm.actions.disclosures import record_disclosures
from crm.languages import CODES
from crm.models import DisclosureKind, Student, User
from crm.reference import Entry
from search import outbox
from search.analysis import plain, stem, tokens
from search.audiences import audience_for
from search.candidates import CandidatePage, first_answer, page_of
from search.cards import TEXTS, Card, load_cards
from search.idle_words import FUNCTION_WORDS
from search.profiles import reach_that_sees
from search.query import CandidateQuery
from search.readings import Step
from search.recognition import Name, recogniser
from search.sorting import SORTS
from search.understanding import Reading, Understood
from search.words import Concept, Node, Some, Word, leaf_of

MOST_CLAIMS, MOST_MENTIONS, MOST_WORDS = 12, 6, 12
"""Of the best claims, of the skills that texts name most often, of the words of the thesis title."""
WRITTEN = {*TEXTS, "publications"}
"""Where a text of a card stands that names skills."""
LANGUAGES = frozenset(map(stem, CODES))
NOBODY = CandidatePage(0, [], None, None, {}, None, None)


def find_similar(*, user: User, public_id: uuid.UUID, query: CandidateQuery) -> CandidatePage:
    """A page as `find_candidates` gives it, without the candidate; `query` says which page, and has no words.

    Raises Student.DoesNotExist where the user does not see the candidate.
    """
    require(user, "candidate.search")
    reach = reach_that_sees(user)
    audience = audience_for(reach)
    excluded = outbox.excluded_for(audience)
    card = _seen(reach, public_id)
    step = likeness(card)
    if step is None:
        return NOBODY
    wanted = replace(query, text=step.reading.node, sort=SORTS["relevance"], position=None, facets=())
    answer = first_answer(reach, audience, wanted, [step], excluded | {card.row["pk"]})
    page = page_of(answer, wanted, by=user)
    if page.results:  # What matched tells of the one whom they are like.
        record_disclosures(student_ids=[card.row["pk"]], kind=DisclosureKind.SEARCH_PAGE, by=user)
    return page


def _seen(reach: Reach, public_id: uuid.UUID) -> Card:
    pk = Student.objects.within(reach).values_list("pk", flat=True).get(public_id=public_id)
    card = load_cards(reach, [pk], reference.current(), with_texts=True).get(pk)
    if card is None:  # A consent ended between the two reads.
        raise Student.DoesNotExist
    return card


def likeness(card: Card) -> Step | None:
    """Any of the skills and words, the more the better; None for a profile that says nothing."""
    understood = [_understood(skill) for skill in _skills(card)]
    parts: list[Node] = [one.concept for one in understood]
    parts += [Word(word, word) for word in _title_words(card)]
    if not parts:
        return None
    return Step(Reading(Some(tuple(parts), 1), tuple(understood)), least=1)


def _skills(card: Card) -> Iterator[Entry]:
    """Claimed, the best first, then those that only texts name, the most frequent first."""
    claimed = [claim.skill for claim in sorted(card.claims, key=lambda c: (-c.level, c.skill.slug))]
    yield from claimed[:MOST_CLAIMS]
    own = {skill.pk for skill in claimed}
    texts = [text for where, text in card.texts() if where in WRITTEN]
    named = Counter(pk for pk in recogniser(card.known).skills_in(texts, own) if pk not in own)
    entries = card.known.skills.by_pk
    ranked = sorted(named, key=lambda pk: (-named[pk], entries[pk].slug))
    yield from (entries[pk] for pk in ranked[:MOST_MENTIONS])


def _understood(skill: Entry) -> Understood:
    words = leaf_of(skill.label, typed="")
    assert words
    name = Name("skill", skill, skill.label, is_label=True, ambiguous=False, has_capitals=False)
    return Understood(skill.label, Concept((skill.pk,), (), words), (name,))


def _title_words(card: Card) -> list[str]:
    """Without languages: who speaks one is not like somebody who writes of it."""
    words = dict.fromkeys(map(plain, tokens(card.row["thesis_title"])))
    return [word for word in words if word not in FUNCTION_WORDS and stem(word) not in LANGUAGES][:MOST_WORDS]
