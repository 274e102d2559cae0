"""A few candidates side by side: each as opened, and who has which skill at which level."""

import uuid
from collections.abc import Sequence
from typing import Any

from crm.models import User
from search.profiles import Profile, open_profiles


def compare(*, user: User, public_ids: Sequence[uuid.UUID]) -> dict[str, Any]:
    """The candidates in the order of the ids; all of them or none. Each is disclosed and counts for the daily quota.

    Raises as `open_candidate`.
    """
    profiles = open_profiles(user=user, public_ids=public_ids)
    return {"candidates": [profile.shown for profile in profiles], "skills": _table(profiles)}


def _table(profiles: Sequence[Profile]) -> list[dict[str, Any]]:
    """A row for each skill that somebody has, those of most candidates first; None where a candidate has it not."""
    claims = [{claim.skill: claim for claim in profile.card.claims} for profile in profiles]
    skills = {skill: sum(skill in own for own in claims) for own in claims for skill in own}
    ordered = sorted(skills, key=lambda skill: (-skills[skill], skill.slug))
    return [
        {
            "slug": skill.slug,
            "label": skill.label,
            "candidates": [
                {"level": own[skill].level, "evidenced": own[skill].backed > 0, "evidenced_level": own[skill].backed}
                if skill in own
                else None
                for own in claims
            ],
        }
        for skill in ordered
    ]
