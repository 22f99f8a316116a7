"""Identities of the OpenID provider, as the database knows them: by a keyed hash, since a subject may be somebody's name."""

from voicebot.pages.tries import Blinds


def identity_key(keys: Blinds, issuer: str, subject: str) -> str:
    """Of one provider's subject."""
    return keys.blind("openid identity", f"{issuer}\x1f{subject}")
