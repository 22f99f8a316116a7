"""Puts the API for other systems together: the house goes in, a blueprint comes out."""

from flask import Blueprint

from voicebot.callbacks.api import Api, ApiHouse


def create_api(house: ApiHouse) -> Blueprint:
    """The addresses under /api/callbacks. What goes wrong in them is a problem of the contract, never a page."""
    room = Blueprint("callbacks_api", __name__)
    Api(house).register(room)
    return room
