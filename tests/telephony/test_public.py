"""What anybody may fetch."""

from tests.telephony.stage import Line


def test_a_recording_may_be_kept_for_ever() -> None:
    line = Line()
    for target in ("/voice/audio/v1/hold1.wav", "/voice/audio/hold1.wav"):
        response = line.client.get(target)
        assert (response.status_code, response.data, response.content_type) == (200, b"RIFFsound", "audio/wav")
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        again = line.client.get(target, headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304
    assert line.shelf.versions == ["v1", "v1"]


def test_what_is_no_recording_is_not_found() -> None:
    line = Line()
    for name in ("hold9.wav", "..%2f..%2fetc%2fpasswd", "hold1.txt", "hold1", ".wav", "a" * 200 + ".wav"):
        assert line.client.get(f"/voice/audio/v1/{name}").status_code == 404


def test_what_is_no_version_is_not_even_looked_for() -> None:
    line = Line()
    for version in ("%00", "..", "%0a", "a" * 33, "%ED%A0%80", "v%201"):
        assert line.client.get(f"/voice/audio/{version}/hold1.wav").status_code == 404
    assert line.shelf.versions == []


def test_being_well_is_said_plainly() -> None:
    response = Line().client.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")


def test_readiness_names_what_is_missing() -> None:
    line = Line()
    assert (line.client.get("/readyz").status_code, line.client.get("/readyz").text) == (200, "ready\n")
    line.ready.append("database")
    assert (line.client.get("/readyz").status_code, line.client.get("/readyz").text) == (503, "database\n")
