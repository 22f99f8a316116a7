"""Every exception that Voicebot raises on purpose, on one page. The caller's mistakes are events, never exceptions.

VoicebotError
├── ConfigError            the operator's file is wrong; names file, key and what is allowed
├── ImpossibleEvent        the dialogue or the floor was told something that cannot happen now
├── ImportRefused          a customer file is wrong; names line and column, nothing was written
├── NotAllowed             whoever runs a command may not do this; says who may
├── ReportRefused          a report cannot be made as it was asked for; says what is missing or wrong
├── ReportUnavailable      a report was not made this time; says why, and the same again may succeed
├── DeliveryFailed         a letter or message did not go out, or perhaps did; says why, never to whom
├── AudioRefused           a recording is not one that we can hear; names the file and what it is
├── ModelMissing           no recognition model for a language; says how to bring one
├── StoreError             the database
│   ├── StoreUnavailable   it cannot be reached or written
│   └── VersionConflict    somebody else wrote first: load and step again
├── KeyringError           a key file is missing, unreadable or open to others
└── CarrierError           the telephone company
    ├── CarrierUnavailable it did not answer, or refused for now: the effect stays in the outbox
    └── LegGone            that leg has ended
"""


class VoicebotError(Exception):
    """Superclass of all of Voicebot's exceptions. Never raised directly."""


class ConfigError(VoicebotError):
    """A setting is wrong. The text names the file, the key and the allowed values."""


class ImpossibleEvent(VoicebotError):
    """An event that the present state does not know. Nothing has changed."""


class ImportRefused(VoicebotError):
    """A customer file is wrong. The text names line and column; nothing was written."""


class NotAllowed(VoicebotError):
    """Whoever runs a command may not do this. The text says which role may."""


class ReportRefused(VoicebotError):
    """A report cannot be made as it was asked for. The text says why and what to do."""


class ReportUnavailable(VoicebotError):
    """A report was not made this time, through no fault of whoever asked. The text says why and what to do."""


class DeliveryFailed(VoicebotError):
    """Something that was to be delivered was not. The text holds neither address nor content.

    `for_good`: it was refused for what it is, so the same again is refused again. `unknown`: it may have gone out after all, so
    it is not sent again by itself. Neither: it certainly did not, and may another time. `unwanted`: that person wants none.
    """

    def __init__(self, message: str, *, for_good: bool = False, unknown: bool = False, unwanted: bool = False) -> None:
        super().__init__(message)
        self.unwanted = unwanted
        self.for_good = for_good
        self.unknown = unknown


class AudioRefused(VoicebotError):
    """A recording cannot be used. The text names the file, what it is and what is taken."""


class ModelMissing(VoicebotError):
    """There is no recognition model for a language. The text says how to bring one."""


class StoreError(VoicebotError):
    """Superclass of what the database can do to us."""


class StoreUnavailable(StoreError):
    """The database cannot be reached or written now."""


class VersionConflict(StoreError):
    """The row has moved on since it was read: load it and step again."""


class KeyringError(VoicebotError):
    """A key file is missing, unreadable, or readable by others."""


class CarrierError(VoicebotError):
    """Superclass of what the telephone company can do to us."""


class CarrierUnavailable(CarrierError):
    """No answer, or not now. Whether the effect happened is unknown unless `refused` is true.

    `for_good`: it was refused for what it is (a number that does not exist, say), so the same again is refused again. `code`: the
    carrier's own, where it gave one.
    """

    def __init__(self, message: str, *, refused: bool = False, for_good: bool = False, code: int = 0) -> None:
        super().__init__(message)
        self.refused = refused
        self.code = code
        self.for_good = for_good


class LegGone(CarrierError):
    """The leg has ended, so nothing can be done on it. `perhaps_not_yet`: or it is not there yet; one short retry tells."""

    def __init__(self, message: str = "the leg has ended", *, perhaps_not_yet: bool = False) -> None:
        super().__init__(message)
        self.perhaps_not_yet = perhaps_not_yet
