"""Composes how invitations go out: by short message, letter and WhatsApp, not in the customer's night. Decides nothing else."""

from collections.abc import Callable
from datetime import datetime, timedelta

from voicebot.callbacks.links import Links
from voicebot.callbacks.words import load_words
from voicebot.config.booking import InvitingPlan
from voicebot.config.mail import is_address
from voicebot.config.messages import Way
from voicebot.config.settings import Settings
from voicebot.messages.quiet import quiet_until, zones_of
from voicebot.ports.invitations import Invitation
from voicebot.ports.outgoing import Channel, Outgoing, OutMessage

ADDRESS_WITHIN = timedelta(hours=1)  # then they are asked without a letter


class InvitationSending:
    """`address_of(customer)`: their e-mail address, empty where there is none, None where it cannot be learned now."""

    def __init__(
        self, settings: Settings, outgoing: Outgoing, links: Links, address_of: Callable[[str], str | None] = lambda _: ""
    ) -> None:
        company, deployment = settings.company, settings.deployment
        self._company, self._outgoing, self._links, self._address_of = company, outgoing, links, address_of
        self._plan = company.booking.inviting or InvitingPlan()
        self._words = load_words(company.booking.languages(), company.time_zone)
        mail = deployment.mail.sender if deployment.mail is not None else ""
        self._senders = {"sms": deployment.caller_id, "mail": mail, "whatsapp": company.messages.senders.get(Way.WHATSAPP, "")}

    def send(self, invitation: Invitation, now: datetime) -> bool:
        """Put it into the outbox, by each way; False: not now. The outbox knows each by its name, so that none is sent twice.

        Whoever has no address for a letter, and is asked by no other way, gets a short message.
        """
        by, address = self._plan.by, ""
        if "mail" in by and invitation.customer:
            found = self._address_of(invitation.customer)
            if found is None and now - invitation.send_at < ADDRESS_WITHIN:
                return False
            address = found if found is not None and is_address(found) else ""
        ways = [way for way in by if way != "mail" or address] or ["sms"]
        for way in ways:
            self._outgoing.put(self._message(way, invitation, address, now))
        return True

    def _message(self, way: str, invitation: Invitation, address: str, now: datetime) -> OutMessage:
        texts = self._words.get(invitation.language) or next(iter(self._words.values()))
        link = self._links.address(invitation.id)
        told = {"company": self._company.name, "reason": invitation.reason, "link": link}
        quiet, zones = self._company.notices.quiet, zones_of(invitation.number, self._company.time_zone)
        due = quiet_until(now, zones, quiet) if quiet and way != "mail" else None  # a letter wakes nobody
        name = f"invitation-{invitation.id}" if way == "sms" else f"invitation-{invitation.id}-{way}"
        return OutMessage(
            name, Channel(way), address if way == "mail" else invitation.number, self._senders[way], texts("invitation", **told),
            now, due or now, subject=texts("invited_title") if way == "mail" else "",
            template=self._plan.content if way == "whatsapp" else "", variables=told if way == "whatsapp" else {},
            wish=invitation.id, customer=invitation.customer,
        )  # fmt: skip
