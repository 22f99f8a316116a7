"""Our own requests go where the settings say, and nowhere that an answer says."""

from typing import Any

import pytest

from tests.hostile.stage import connections
from tests.serving_stage import served
from tests.telephony.stage import CALL, KEYS, LEG, settings
from voicebot.errors import CarrierUnavailable
from voicebot.telephony.carrier import TwilioCarrier
from voicebot.telephony.rung import RungLegs

ELSEWHERE = "http://169.254.169.254/latest/meta-data/"


async def leading_elsewhere(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        for _ in ("startup", "shutdown"):
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
        return
    await send({"type": "http.response.start", "status": 307, "headers": [(b"location", ELSEWHERE.encode())]})
    await send({"type": "http.response.body", "body": b""})


def test_the_carriers_api_leads_us_nowhere_else() -> None:
    with served(leading_elsewhere) as server:
        carrier = TwilioCarrier(settings(api_base_url=f"http://127.0.0.1:{server.port}"), KEYS, RungLegs())
        with connections() as tried:
            for ask in (
                lambda: carrier.ring("+12025550131", "r1", CALL, 20),
                lambda: carrier.push(LEG, CALL, 1),
                lambda: carrier.end_leg(LEG),
                lambda: carrier.has_ended(LEG),
                lambda: carrier.close_room("room-1"),
            ):
                with pytest.raises(CarrierUnavailable):
                    ask()
        carrier.close()
    assert tried
    assert all("'127.0.0.1'" in one and str(server.port) in one for one in tried)
