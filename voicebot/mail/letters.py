"""A letter as the bytes that a mail server takes. What could begin a header of its own is refused."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from voicebot.config.mail import is_address
from voicebot.errors import DeliveryFailed
from voicebot.ports.mail import Letter

LONGEST_SUBJECT = 200
POLICY = SMTP.clone(cte_type="7bit")  # so that no server needs to offer 8BITMIME


def written(letter: Letter, sender: str, at: datetime) -> bytes:
    """With CRLF. The same letter has the same Message-ID whenever it is written. Raises DeliveryFailed, for good."""
    if not is_address(letter.to):
        raise DeliveryFailed("the recipient is no e-mail address that letters are sent to", for_good=True)
    if not letter.name.replace("-", "").isalnum() or not letter.name.isascii():
        raise DeliveryFailed("the letter has no name that could be its Message-ID", for_good=True)
    if len(letter.subject) > LONGEST_SUBJECT or not letter.subject.isprintable():
        raise DeliveryFailed(f"a subject is one line of at most {LONGEST_SUBJECT} characters", for_good=True)
    message = EmailMessage(policy=POLICY)
    message["Message-ID"] = f"<{letter.name}@{sender.partition('@')[2]}>"
    message["Date"] = format_datetime(at)
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(letter.text)
    for file in letter.files:
        kind, _, rest = file.content_type.partition(";")[0].partition("/")
        if not file.name.isprintable():
            raise DeliveryFailed("the name of a file must be on one line", for_good=True)
        message.add_attachment(file.content, maintype=kind, subtype=rest, filename=file.name)
    return message.as_bytes()
