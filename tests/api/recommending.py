"""What Pavel writes of Sonya, by the actions."""

from typing import Any

from crm.actions.recommendations import move_recommendation, write_recommendation
from crm.models import Recommendation
from tests import cast
from tests.api.conftest import World

TEXT = "Canary: she sees what others overlook."


def written(world: World, **fields: Any) -> Recommendation:
    levels = fields.pop("levels", {})
    endorsements = [{"skill": cast.skill(slug), "level": level} for slug, level in levels.items()]
    pavel = world.users["professor"]
    return write_recommendation(student=world.sonya, text=TEXT, by=pavel, endorsements=endorsements, **fields)


def shared(world: World, **fields: Any) -> Recommendation:
    return move_recommendation(recommendation=written(world, **fields), to="shared", by=world.users["student"])
