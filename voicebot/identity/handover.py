"""Signs what another system is told of a call: a JSON Web Token, good for a minute. docs/handover.md has the other half.

Pure: no clock, no chance, so that a document that is fetched again is the same. Must not put a secret into the token, and must
not encrypt: whoever sees the token can read it.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

from voicebot.dialogue.context import Context
from voicebot.dialogue.values import Evidence
from voicebot.errors import VoicebotError

ISSUER = "voicebot"
ALGORITHM = "HS256"
GOOD_FOR = timedelta(seconds=60)
LONGEST = 900  # with its name it must go into the 1024 characters that a SIP address may carry in headers


class ContextTooLong(VoicebotError):
    """What is known of a call does not fit into a token, even without what can be left out."""


class ContextSigner:
    """Signs with a secret that the other system has, too. `kid` tells keys apart without telling anything of them."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._key = OctKey.import_key(self._secret)
        self.key_id = hashlib.sha256(b"voicebot hand-over key\n" + self._secret).hexdigest()[:8]

    def __repr__(self) -> str:
        return f"ContextSigner({self.key_id})"

    def __call__(self, context: Context) -> str:
        """The token. Evidence before the last piece is left out first, then the identifier, where it would be too long.

        Raises ContextTooLong if it still is.
        """
        claims = self._claims(context)
        for shorter in ({}, {"evidence": claims["evidence"][-1:]}, {"identifier": None}):
            claims = {name: value for name, value in (claims | shorter).items() if value is not None}
            token = jwt.encode({"alg": ALGORITHM, "kid": self.key_id}, claims, self._key, algorithms=[ALGORITHM])
            if len(token) <= LONGEST:
                return token
        raise ContextTooLong("what is known of this call is too long to be handed over")

    def _claims(self, context: Context) -> dict[str, Any]:
        issued = int(context.issued_at.timestamp())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": context.audience,
            "iat": issued,
            "exp": issued + int(GOOD_FOR.total_seconds()),
            "jti": self._nonce(context),
            "call": context.call,
            "line": context.line,
            "assurance": context.assurance.value,
            "evidence": [_told(one) for one in context.evidence],
        }
        return claims | {
            name: value for name, value in (("sub", context.customer), ("identifier", context.identifier)) if value
        }

    def _nonce(self, context: Context) -> str:
        """The same for the same hand-over, and nobody can make it up."""
        about = f"{ISSUER}\n{context.call}\n{context.audience}\n{context.issued_at.isoformat()}"
        return hmac.new(self._secret, about.encode(), hashlib.sha256).hexdigest()[:32]


def _told(evidence: Evidence) -> dict[str, Any]:
    """One reason to believe who is calling: what, when, and how it came where that is known."""
    told: dict[str, Any] = {"proof": evidence.proof.value, "field": evidence.field, "at": int(evidence.at.timestamp())}
    return told | ({"by": evidence.modality.value} if evidence.modality is not None else {})
