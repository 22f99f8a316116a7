"""Ways in which a back end may break its contract, so that one can see what `backend check` says to each.

Must not be switched on unless somebody asks for it by name.
"""

from enum import StrEnum


class Flaw(StrEnum):
    """One broken promise each; the value is its name on the command line."""

    ANI_NEVER_FOUND = "ani-never-found"
    BODY_UNSIGNED = "body-unsigned"  # the signature is not compared with the body
    CLAIM_BY_REF_ONLY = "claim-by-ref-only"
    DETAILS_OF_NOBODY = "details-of-nobody"  # an unknown ref is answered like a known one
    DETAILS_TO_ANYBODY = "details-to-anybody"  # whatever the assurance
    ECHOES = "echoes"  # the secret stands in the answer
    ERRORS_AS_TEXT = "errors-as-text"
    EXTRA_KEYS = "extra-keys"
    FUTURE_TAKEN = "future-taken"
    GET_ANSWERED = "get-answered"
    HTML = "html"
    HUGE = "huge"
    KEY_COUNTS_TWICE = "key-counts-twice"  # the same answer, but each repeat counts as an attempt
    KEY_IGNORED = "key-ignored"
    KEY_OPTIONAL = "key-optional"
    KEY_ID_IGNORED = "key-id-ignored"
    KEY_UNSIGNED = "idempotency-key-unsigned"
    LOCK_FORGETS = "lock-forgets"  # a lock is over as soon as it was told
    MATCHES_ALL = "matches-all"
    MATCHES_NONE = "matches-none"
    NOT_FOUND_404 = "not-found-404"
    NOT_SET_MISMATCHED = "not-set-mismatched"
    NUMBERS_AS_NUMBERS = "numbers-as-numbers"
    OLD_TAKEN = "old-taken"
    PATH_UNSIGNED = "path-unsigned"
    QUICK_ON_UNKNOWN = "quick-on-unknown"  # an account that does not exist is answered without work
    REDIRECTS = "redirects"
    REFUSED_SILENTLY = "refused-silently"
    REPLAY_TAKEN = "replay-taken"
    SEVERAL_AS_FIRST = "several-as-first"
    STRICT_KEYS = "strict-keys"  # `line` and `call` are refused
    TAKES_ANY_BODY = "takes-any-body"
    UNKNOWN_CLAIM_TOLD = "unknown-claim-told"
    UNKNOWN_DETAIL_IGNORED = "unknown-detail-ignored"
    UNKNOWN_FIELD_IGNORED = "unknown-field-ignored"
    UNSIGNED_TAKEN = "unsigned-taken"
    WITHIN_IGNORED = "within-ignored"
    WRONG_SIGNATURE_TAKEN = "wrong-signature-taken"
    WRONG_WORDS = "wrong-words"


Flaws = frozenset[Flaw]
