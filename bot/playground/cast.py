"""Who lives in the playground before anybody wrote a word."""

from typing import NamedTuple

from bot.playground.world import Chat, Person, World


class Cast(NamedTuple):
    """Three people with three languages, and a group of them all that the bot is not in yet."""

    ada: Person
    lin: Person
    marta: Person
    group: Chat


def add_cast(world: World) -> Cast:
    """Put the playground's people into a world."""
    ada = world.add_person("Ada", "en")
    lin = world.add_person("小林", "zh-hans")
    marta = world.add_person("Marta", "es")
    group = world.add_group("Vision Lab", [ada, lin, marta], admins=[ada])
    return Cast(ada, lin, marta, group)
