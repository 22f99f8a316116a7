"""Puts the ways in without a call together: houses go in, blueprints for Flask come out."""

from flask import Blueprint

from voicebot.callbacks.api import Api, ApiHouse
from voicebot.callbacks.page import CustomerPages, PageHouse


def create_api(house: ApiHouse) -> Blueprint:
    """The addresses under /api/callbacks. What goes wrong in them is a problem of the contract, never a page."""
    room = Blueprint("callbacks_api", __name__)
    Api(house).register(room)
    return room


def create_pages(house: PageHouse) -> Blueprint:
    """The customers' pages under /callback. They stand behind a door of their own, since nobody signs in to them."""
    room = Blueprint("callbacks", __name__, template_folder="templates")
    CustomerPages(house).register(room)
    return room
