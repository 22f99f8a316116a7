"""How providers of approvals differ: addresses, what names the customer, and how a message reaches the app.

To add one, add a `Profile` here; docs/approvals.md says what each of its parts is for.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from voicebot.config.approvals import ProviderKind

Form = Mapping[str, str]
CODE, ABOUT = "{code}", "{about}"
# By the caller's language. The code is all that must be read; the rest says what it is for.
MESSAGES = MappingProxyType({
    "en": "Key {code} into the call. {about}",
    "fr": "Tapez {code} pendant l'appel. {about}",
    "ko": "통화 중에 {code} 입력. {about}",
    "da": "Tast {code} i opkaldet. {about}",
})  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a profile makes the form of: who, and what the app is to show."""

    hint: str = field(repr=False)
    message: str = field(repr=False)


@dataclass(frozen=True)
class Profile:
    """One kind of provider. `path`: of its endpoint below the issuer; empty: as its configuration says.

    `form` names the customer and brings the message. `messages` by language. `subject_claim`: in whose place the provider's word
    names the customer. `extra`: what else it wants to be sent.
    """

    form: Callable[[Asked], Form]
    messages: Mapping[str, str]
    path: str = ""
    subject_claim: str = "sub"
    scope: str = "openid"
    extra: Form = field(default_factory=dict)

    def message(self, code: str, language: str, about: str, longest: int, own: str = "") -> str:
        """What the app shows: `own` words, else the profile's. Without what it is about where that would be too long."""
        text = own or self.messages.get(language, self.messages["en"])
        whole = " ".join(text.replace(CODE, code).replace(ABOUT, about).split())
        return whole if len(whole) <= longest else " ".join(text.replace(CODE, code).replace(ABOUT, "").split())


def _by(kind: str) -> Callable[[Asked], Form]:
    return lambda asked: {kind: asked.hint, "binding_message": asked.message}


def _mitid(asked: Asked) -> Form:
    """The hint is the customer's MitID UUID; the message travels in it."""
    told = {"idp": "mitid", "uuid": asked.hint, "referenceTextBody": asked.message}
    return {"login_hint_token": b64encode(json.dumps(told, ensure_ascii=False).encode()).decode()}


def _caller_called(asked: Asked) -> Form:
    """The hint is a social security number; the app is told that its owner has called us, not we them."""
    details = [{"type": "phoneAuth", "callInitiator": "user"}]
    hint = {"login_hint": f"sub:ssn:{asked.hint}", "binding_message": asked.message}
    return hint | {"authorization_details": json.dumps(details, separators=(",", ":"))}


_CODE_ALONE = MappingProxyType({"en": CODE})
PROFILES: Mapping[ProviderKind, Profile] = MappingProxyType({
    ProviderKind.LOGIN_HINT: Profile(_by("login_hint"), _CODE_ALONE),
    ProviderKind.LOGIN_HINT_TOKEN: Profile(_by("login_hint_token"), _CODE_ALONE),
    ProviderKind.ID_TOKEN_HINT: Profile(_by("id_token_hint"), _CODE_ALONE),
    ProviderKind.MITID: Profile(
        _mitid, MESSAGES, path="/connect/ciba", subject_claim="mitid.uuid", scope="openid mitid",
        extra={"grant_type": "urn:openid:params:grant-type:ciba"},
    ),
    ProviderKind.IDURA: Profile(_caller_called, MESSAGES, path="/ciba/bc-authorize", subject_claim="ssn"),
})  # fmt: skip
