"""Puts the ways in without a call together: houses go in, blueprints for Flask come out."""

from dataclasses import dataclass

from flask import Blueprint

from voicebot.callbacks.api import Api, ApiHouse
from voicebot.callbacks.invited import InvitedHouse, InvitedPages
from voicebot.callbacks.page import CustomerPages, PageHouse


@dataclass(frozen=True)
class CallbackHouse:
    """What is on; None where it is off. Nobody is invited without pages to answer on."""

    api: ApiHouse | None = None
    pages: PageHouse | None = None
    invited: InvitedHouse | None = None


def create_rooms(house: CallbackHouse) -> list[Blueprint]:
    """The API under /api/callbacks, and the customers' pages under /callback. Both have a door of their own: nobody signs in."""
    rooms = []
    if house.api is not None:
        rooms.append(Blueprint("callbacks_api", __name__))
        Api(house.api).register(rooms[-1])
    if house.pages is not None:
        rooms.append(Blueprint("callbacks", __name__, template_folder="templates"))
        CustomerPages(house.pages).register(rooms[-1])
        if house.invited is not None:
            InvitedPages(house.invited).register(rooms[-1])
        house.pages.counter.guard(rooms[-1])
    return rooms
