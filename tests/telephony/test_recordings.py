"""Listening to what lies with the carrier: one address, made by us, and nothing that an answer says leads elsewhere."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.telephony.stage import ACCOUNT, CALL, TOKEN, Line, settings
from voicebot.errors import CarrierUnavailable, LegGone
from voicebot.telephony import recordings
from voicebot.telephony.recordings import TwilioRecordings, is_recording

SID = "RE" + "0a" * 16


class Elsewhere:
    """A server that answers as told and notes what it was asked."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 200, {"Content-Type": "audio/mpeg"}, b"sound"
        self.asked: list[tuple[str, str]] = []
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                told.asked.append((self.path, self.headers["Authorization"]))
                self.send_response(told.status)
                for name, value in told.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(told.body)

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def sounds(elsewhere: Elsewhere) -> Iterator[TwilioRecordings]:
    made = TwilioRecordings(settings(api_base_url=elsewhere.url))
    yield made
    made.close()


def test_the_address_is_made_of_account_and_id_and_the_key_goes_there(sounds: TwilioRecordings, elsewhere: Elsewhere) -> None:
    sound = sounds.sound(SID)
    assert (sound.content_type, b"".join(sound.pieces)) == ("audio/mpeg", b"sound")
    assert elsewhere.asked[0][0] == f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{SID}.mp3"
    assert elsewhere.asked[0][1].startswith("Basic ")
    assert TOKEN not in repr(sounds.__dict__.get("_base")) + repr(sound)


@pytest.mark.parametrize("sid", [
    "", "RE", "RE" + "0" * 31, "RE" + "0" * 33, "RE" + "G" * 32, "re" + "0" * 32, SID + "/../x", SID + "\\n", "http://evil.test/",
    f"../Calls/{SID}", SID.upper(),
])  # fmt: skip
def test_what_is_no_id_asks_nobody(sounds: TwilioRecordings, elsewhere: Elsewhere, sid: str) -> None:
    assert not is_recording(sid)
    with pytest.raises(LegGone):
        sounds.sound(sid)
    assert elsewhere.asked == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(sounds: TwilioRecordings, elsewhere: Elsewhere, status: int) -> None:
    elsewhere.status, elsewhere.headers = status, {"Location": f"{elsewhere.url}/elsewhere", "Content-Type": "audio/mpeg"}
    with pytest.raises(CarrierUnavailable):
        sounds.sound(SID)
    assert len(elsewhere.asked) == 1


@pytest.mark.parametrize(("status", "kind"), [(500, "audio/mpeg"), (401, "audio/mpeg"), (200, "text/html"), (200, "")])
def test_only_sound_is_passed_on(sounds: TwilioRecordings, elsewhere: Elsewhere, status: int, kind: str) -> None:
    elsewhere.status, elsewhere.headers = status, {"Content-Type": kind}
    with pytest.raises(CarrierUnavailable):
        sounds.sound(SID)


def test_one_that_is_not_there_is_said_to_be_so(sounds: TwilioRecordings, elsewhere: Elsewhere) -> None:
    elsewhere.status = 404
    with pytest.raises(LegGone):
        sounds.sound(SID)


def test_more_than_the_limit_is_refused_or_cut_off(
    sounds: TwilioRecordings, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "LONGEST", 100_000)
    elsewhere.headers["Content-Length"] = "100001"
    with pytest.raises(CarrierUnavailable):
        sounds.sound(SID)
    del elsewhere.headers["Content-Length"]
    elsewhere.body = b"x" * 300_000
    assert len(b"".join(sounds.sound(SID).pieces)) <= 100_000


def test_a_carrier_that_cannot_be_reached_is_said_to_be_so() -> None:
    sounds = TwilioRecordings(settings(api_base_url="http://127.0.0.1:9"))
    with pytest.raises(CarrierUnavailable):
        sounds.sound(SID)
    sounds.close()


# ---- spoken answers ------------------------------------------------------------------------------------------------


def test_an_answer_is_fetched_as_wav_and_whole(sounds: TwilioRecordings, elsewhere: Elsewhere) -> None:
    elsewhere.headers["Content-Type"] = "audio/x-wav"
    assert sounds.wav(SID) == b"sound"
    assert elsewhere.asked[0][0].endswith(f"/Recordings/{SID}.wav")
    elsewhere.status = 404
    with pytest.raises(LegGone):
        sounds.wav(SID)


def test_an_answer_that_is_too_long_is_refused(
    sounds: TwilioRecordings, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "LONGEST_ANSWER", 100)
    elsewhere.headers["Content-Type"], elsewhere.body = "audio/wav", b"x" * 101
    with pytest.raises(CarrierUnavailable):
        sounds.wav(SID)


# ---- the end of a recording --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "seconds"), [("61", 61), ("", 0), ("-1", 0), ("9999999", 0), ("1e3", 0)])
def test_the_end_of_a_recording_is_told_with_its_length(said: str, seconds: int) -> None:
    line = Line()
    form = {"RecordingSid": SID, "RecordingDuration": said, "RecordingStatus": "completed"}
    assert line.post(line.target("recorded", CALL, CALL), form).status_code == 204
    assert line.exchange.asked == [("recorded", CALL, SID, seconds)]


def test_what_is_no_recording_is_no_news() -> None:
    line = Line()
    assert line.post(line.target("recorded", CALL, CALL), {"RecordingSid": "RE1"}).status_code == 204
    assert line.exchange.asked == []
