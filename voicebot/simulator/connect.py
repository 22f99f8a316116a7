"""<Start><Stream> and <Stop><Stream> on a leg: opening sockets beside the call, closing them, and telling the product.

What a <Connect><Stream> has in common with them is here, too.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from voicebot.simulator.document import Verb
from voicebot.simulator.leg import Leg
from voicebot.simulator.media import MediaStream, StreamOrder
from voicebot.simulator.record import CallbackSent, What
from voicebot.simulator.settings import Faults, StreamFault, new_sid
from voicebot.simulator.webhooks import Params, WebhookFailed

MOST_STREAMS = 4
STREAM_NAME_TAKEN = 31904


def start_streams(leg: Leg, start: Verb) -> None:
    """Fork the leg's sound to each stream named here. The document goes on at once."""
    for stream in (noun for noun in start.inside if noun.name == "Stream" and "url" in noun.attributes):
        name = stream.attributes.get("name") or new_sid("MZ")
        if name in leg.streams:
            leg.fail(STREAM_NAME_TAKEN, f"the stream name {name} has been used in this call before")
        elif sum(one.open for one in leg.streams.values()) >= MOST_STREAMS:
            leg.fail(31900, f"more than {MOST_STREAMS} streams at once")
        elif stream.attributes.get("track", "inbound_track") != "inbound_track":
            leg.fail(31941, "the twin streams the inbound track only")
        else:
            _open(leg, stream, name)


def _open(leg: Leg, stream: Verb, name: str) -> None:
    if (order := order_of(leg, stream, name)) is None:
        return
    faults = faults_of(leg)
    leg.record.streams.append(name)
    match faults.stream:
        case StreamFault.DOUBLED:
            _run(leg, stream, faults, {name: order, f"{name} again": order})
        case StreamFault.FOREIGN:
            foreign = replace(order, parameters={**order.parameters, "call": "somebody-elses"}, call_sid=new_sid("CA"))
            _run(leg, stream, faults, {f"{name} of nobody": foreign, name: order})
        case _:
            _run(leg, stream, faults, {name: order})


def order_of(leg: Leg, stream: Verb, name: str) -> StreamOrder | None:
    """What a <Stream> asks for; None, and a failure noted, where its address is not the product's."""
    url = stream.attributes["url"]
    parameters = {noun.attributes.get("name", ""): noun.attributes.get("value", "") for noun in stream.inside}
    settings = leg.exchange.settings
    try:
        address = "ws" + leg.exchange.webhooks.address("https" + url.removeprefix("wss")).removeprefix("http")
    except WebhookFailed:
        leg.fail(31901, "the stream's address is not the product's public address", url)
        return None
    return StreamOrder(name, url, address, parameters, leg.sid, settings.account_sid, settings.auth_token)


def faults_of(leg: Leg) -> Faults:
    """What goes wrong with the leg's next stream."""
    struck = leg.faults.stream_times is None or len(leg.record.streams) < leg.faults.stream_times
    return leg.faults if struck else replace(leg.faults, stream=None)


def _run(leg: Leg, stream: Verb, faults: Faults, orders: Mapping[str, StreamOrder]) -> None:
    """Open these one after the other, beside the call."""
    opened = {name: MediaStream(order, faults, partial(tell_of_stream, leg, stream)) for name, order in orders.items()}
    leg.streams |= opened

    async def run() -> None:
        for media in opened.values():
            await media.start()
            leg.mouth.add(media)
            if media.open:
                leg.background(media.watch())

    opening = leg.background(run())
    leg.opening.add(opening)
    opening.add_done_callback(leg.opening.discard)


def tell_of_stream(leg: Leg, stream: Verb, media: MediaStream, event: str, error: str) -> None:
    """Note what became of a stream, and tell the product where it wants to know."""
    leg.tell(What.STREAM_OPENED if event == "stream-started" else What.STREAM_CLOSED, f"{media.order.name} {error}".strip())
    if error:
        leg.warn(int(error.split(maxsplit=1)[0]), f"stream {media.order.name}: {error.partition(' ')[2]}")
    url = stream.attributes.get("statusCallback")
    if url is None:
        return
    about: Params = (("StreamSid", media.sid), ("StreamName", media.order.name), ("StreamEvent", event))
    request = leg.callback(url, (*about, ("StreamError", error)) if error else about)
    leg.exchange.callbacks.send(media.sid, request, CallbackSent(leg.at, event, None, 0), leg.faults, leg.record)


def stop_streams(leg: Leg, stop: Verb) -> None:
    """Close the streams named here."""
    for noun in (noun for noun in stop.inside if noun.name == "Stream"):
        name = noun.attributes.get("name", "")
        if (media := leg.streams.get(name)) is None:
            leg.warn(31900, f"there is no stream {name} to stop")
        else:
            leg.background(media.stop())
