"""The keyring keeps its keys to itself, notices loss and exposure, and rotates without breaking what was made before."""

import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from voicebot.errors import KeyringError
from voicebot.keyring import KINDS, Keyring


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def keyring(directory: Path) -> Keyring:
    return Keyring.open(directory)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("keyring")
def test_first_start_makes_one_key_of_each_kind_for_our_eyes_only(directory: Path) -> None:
    assert mode(directory) == 0o700
    assert sorted(path.name for path in directory.glob("*.key")) == sorted(f"{kind}-1.key" for kind in KINDS)
    assert {mode(path) for path in directory.iterdir()} == {0o600}


def test_the_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Keyring.open(tmp_path / "open" / "keys")
    finally:
        os.umask(before)
    assert {mode(path) for path in (tmp_path / "open" / "keys").iterdir()} == {0o600}


def test_a_second_start_finds_the_same_keys(keyring: Keyring, directory: Path) -> None:
    again = Keyring.open(directory)
    assert again.token_fits(keyring.token("voice.entry", "c1", "4"), "voice.entry", "c1", "4")
    assert again.blind("account", "40719238") == keyring.blind("account", "40719238")
    assert again.mark() == keyring.mark()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("keyring")
def test_a_key_that_others_can_read_is_refused_with_its_mend(directory: Path, kind: str) -> None:
    path = directory / f"{kind}-1.key"
    path.chmod(0o640)
    with pytest.raises(KeyringError, match=f"chmod 600 {path}"):
        Keyring.open(directory)


@pytest.mark.usefixtures("keyring")
def test_a_directory_that_others_can_write_is_refused(directory: Path) -> None:
    directory.chmod(0o770)
    with pytest.raises(KeyringError, match="chmod go-w"):
        Keyring.open(directory)


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff\xfe", b"A" * 43 + b"!\n", b"QUJD\n"])
@pytest.mark.usefixtures("keyring")
def test_a_malformed_key_is_refused_by_name_and_never_shown(directory: Path, content: bytes) -> None:
    (directory / "pepper-1.key").write_bytes(content)
    with pytest.raises(KeyringError, match=r"pepper-1\.key") as raised:
        Keyring.open(directory)
    assert "QUJD" not in str(raised.value)
    assert "short" not in str(raised.value)


@pytest.mark.parametrize("kind", ["master", "blind", "pepper"])
@pytest.mark.usefixtures("keyring")
def test_a_lost_key_is_never_replaced_in_silence(directory: Path, kind: str) -> None:
    (directory / f"{kind}-1.key").unlink()
    with pytest.raises(KeyringError, match=f"{kind}-1.key is missing"):
        Keyring.open(directory)


def test_a_first_start_that_was_cut_short_is_completed(keyring: Keyring, directory: Path) -> None:
    blind = keyring.blind("p", "v")
    for kind in ("pepper", "token"):
        (directory / f"{kind}-1.key").unlink()
    assert Keyring.open(directory).blind("p", "v") == blind


def test_an_unwritable_place_is_a_keyring_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyringError, match="cannot be read or made"):
        Keyring.open(tmp_path / "file" / "keys")


def test_processes_that_start_at_once_agree_on_the_keys(directory: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from voicebot.keyring import Keyring; sys.stdin.read();"
        "print(Keyring.open(Path(sys.argv[1])).mark())"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    marks = {process.communicate("")[0] for process in started}
    assert [len(mark.strip()) for mark in marks] == [22]


def test_a_token_fits_its_own_purpose_and_parts_only(keyring: Keyring) -> None:
    token = keyring.token("voice.entry", "c1", "12")
    assert keyring.token_fits(token, "voice.entry", "c1", "12")
    assert not keyring.token_fits(token, "voice.status", "c1", "12")
    assert not keyring.token_fits(token, "voice.entry", "c11", "2")
    assert not keyring.token_fits(token, "voice.entry", "c1", "12", "")
    assert not keyring.token_fits(token[:-1] + ("A" if token[-1] != "A" else "B"), "voice.entry", "c1", "12")


@pytest.mark.parametrize("token", ["", "1.", "x", "0." + "A" * 32, "2." + "A" * 32, "1." + "é" * 32, "9999999." + "A" * 32])
def test_nonsense_is_no_token_and_no_error(keyring: Keyring, token: str) -> None:
    assert not keyring.token_fits(token, "voice.entry", "c1")


def test_a_token_is_safe_in_a_url_and_long_enough(keyring: Keyring) -> None:
    number, mac = keyring.token("voice.entry", "a/b?c&d").split(".")
    assert number == "1"
    assert len(mac) * 6 >= 128
    assert set(mac) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_after_rotation_the_newest_makes_and_all_check(keyring: Keyring, directory: Path) -> None:
    old = keyring.token("p", "x")
    assert keyring.rotate("token") == "2"
    new = keyring.token("p", "x")
    assert new.startswith("2.")
    assert keyring.token_fits(old, "p", "x")
    assert keyring.token_fits(new, "p", "x")
    assert Keyring.open(directory).token_fits(old, "p", "x")
    assert mode(directory / "token-2.key") == 0o600


def test_a_running_process_takes_tokens_of_a_key_that_another_one_made(keyring: Keyring, directory: Path) -> None:
    other = Keyring.open(directory)
    other.rotate("token")
    assert keyring.token_fits(other.token("p", "x"), "p", "x")


def test_pepper_is_found_by_id_after_rotation(keyring: Keyring) -> None:
    first = keyring.pepper()
    keyring.rotate("pepper")
    second = keyring.pepper()
    assert second[0] == "2"
    assert second[1] != first[1]
    assert keyring.pepper("1") == first == keyring.pepper(first[0])
    for unknown in ("3", "x", "-1", ""):
        with pytest.raises(KeyringError, match="is missing"):
            keyring.pepper(unknown)


def test_wrapped_keys_outlive_a_rotation_of_the_master_key(keyring: Keyring) -> None:
    data_key = keyring.new_data_key()
    wrapped = keyring.wrap(data_key, "call:c1")
    keyring.rotate("master")
    assert keyring.unwrap(wrapped, "call:c1") == data_key
    assert keyring.unwrap(keyring.wrap(data_key, "call:c1"), "call:c1") == data_key
    assert data_key not in wrapped


def test_a_wrapped_key_opens_for_its_own_owner_only(keyring: Keyring, tmp_path: Path) -> None:
    wrapped = keyring.wrap(keyring.new_data_key(), "call:c1")
    with pytest.raises(KeyringError):
        keyring.unwrap(wrapped, "call:c2")
    with pytest.raises(KeyringError):
        Keyring.open(tmp_path / "others").unwrap(wrapped, "call:c1")
    with pytest.raises(KeyringError):
        keyring.unwrap(b"", "call:c1")


def test_sealed_words_open_unchanged_and_refuse_every_change(keyring: Keyring) -> None:
    key = keyring.new_data_key()
    sealed = keyring.seal(key, b"balance 12.50", "state:c1")
    assert keyring.open_sealed(key, sealed, "state:c1") == b"balance 12.50"
    assert keyring.seal(key, b"balance 12.50", "state:c1") != sealed
    for spoilt in (sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), b"", sealed[:5]):
        with pytest.raises(KeyringError):
            keyring.open_sealed(key, spoilt, "state:c1")
    with pytest.raises(KeyringError):
        keyring.open_sealed(key, sealed, "state:c2")


def test_blind_hashes_stay_the_same_and_cannot_be_rotated(keyring: Keyring) -> None:
    before = keyring.blind("account", "0420")
    for kind in ("master", "pepper", "token"):
        keyring.rotate(kind)
    assert keyring.blind("account", "0420") == before
    assert keyring.blind("ani", "0420") != before != keyring.blind("account", "420")
    with pytest.raises(KeyringError, match="not blind"):
        keyring.rotate("blind")


def test_a_key_that_cannot_be_written_is_a_keyring_error(keyring: Keyring, directory: Path) -> None:
    (directory / "keyring.lock").unlink()
    (directory / "keyring.lock").mkdir()
    with pytest.raises(KeyringError, match="no new key could be made"):
        keyring.rotate("token")


def test_a_keyring_shows_nothing_and_is_never_copied(keyring: Keyring) -> None:
    assert repr(keyring) == f"{keyring}" == "Keyring(•••)"
    with pytest.raises(TypeError):
        pickle.dumps(keyring)
