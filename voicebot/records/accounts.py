"""The port `Accounts`: agents' passwords, tries, sign-ins, links and identities. Knows no password, only hashes."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Table, delete, func, insert, or_, select, update

from voicebot.ports.accounts import Account, How, SignIn, TryLimit
from voicebot.records.audit import Deed, append
from voicebot.records.books import Books
from voicebot.records.rates import reserve
from voicebot.records.schema import agent_identities, agent_passwords, marks, sign_in_links, sign_ins
from voicebot.records.standings import unmark
from voicebot.records.store import SqlStore


class SqlAccounts:
    """Accounts in a store. Each method's words are those of the port."""

    # ruff: noqa: D102 - the port has the words, and a second wording would drift from them

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def accounts(self) -> list[Account]:
        with self._store.viewing() as books:
            passwords = {row.agent: row.set_at for row in books.rows(select(agent_passwords))}
            linked = _number_of_each(books, agent_identities)
            present = _number_of_each(books, sign_ins)
        return [
            Account(agent, passwords.get(agent), linked.get(agent, 0), present.get(agent, 0))
            for agent in sorted({*passwords, *linked, *present})
        ]

    # ---- passwords ---------------------------------------------------------------------------------------------------

    def password(self, agent: str) -> str | None:
        with self._store.viewing() as books:
            found: str | None = books.connection.scalar(select(agent_passwords.c.hashed).where(agent_passwords.c.agent == agent))
            return found

    def set_password(self, agent: str, hashed: str, by: str, at: datetime) -> int:
        row = {"agent": agent, "hashed": hashed, "set_at": at}
        with self._store.writing() as books:
            new = books.insert(agent_passwords).values(row)
            books.write(new.on_conflict_do_update(index_elements=[agent_passwords.c.agent], set_=row))
            ended = _end_all(books, agent)
            append(books, by, Deed.PASSWORD_SET, at, facts={"agent": agent, "signed_out": ended})
            return ended

    def keep_hash(self, agent: str, hashed: str, instead_of: str) -> None:
        unchanged = (agent_passwords.c.agent == agent) & (agent_passwords.c.hashed == instead_of)
        with self._store.writing() as books:
            books.write(update(agent_passwords).where(unchanged).values(hashed=hashed))

    # ---- tries -------------------------------------------------------------------------------------------------------

    def reserve_try(self, limits: Sequence[TryLimit], at: datetime) -> bool:
        with self._store.writing() as books:
            return reserve(books, limits, at) == 0

    def settle_try(self, forgiven: Collection[str], given_back: Collection[str], at: datetime) -> None:
        with self._store.writing() as books:
            books.write(delete(marks).where(marks.c.key.in_(forgiven)))
            for key in given_back:
                unmark(books, key, at)

    # ---- sign-ins ----------------------------------------------------------------------------------------------------

    def begin(self, sign_in: SignIn) -> None:
        row = {
            "id": sign_in.id,
            "agent": sign_in.agent,
            "how": sign_in.how.value,
            "began_at": sign_in.began_at,
            "active_at": sign_in.active_at,
        }
        with self._store.writing() as books:
            books.write(insert(sign_ins).values(row))

    def find(self, ids: Collection[str]) -> dict[str, SignIn]:
        with self._store.viewing() as books:
            rows = books.rows(select(sign_ins).where(sign_ins.c.id.in_(ids)))
            return {row.id: SignIn(row.id, row.agent, How(row.how), row.began_at, row.active_at) for row in rows}

    def try_failed(self, agent: str, at: datetime) -> None:
        with self._store.writing() as books:
            append(books, agent or "nobody", Deed.SIGN_IN_FAILED, at)

    def seen(self, sign_in_id: str, at: datetime) -> None:
        with self._store.writing() as books:
            later = (sign_ins.c.id == sign_in_id) & (sign_ins.c.active_at < at)
            books.write(update(sign_ins).where(later).values(active_at=at))

    def end(self, sign_in_id: str) -> None:
        with self._store.writing() as books:
            books.write(delete(sign_ins).where(sign_ins.c.id == sign_in_id))

    def end_all(self, agent: str, by: str, at: datetime) -> int:
        with self._store.writing() as books:
            ended = _end_all(books, agent)
            append(books, by, Deed.SIGNED_OUT, at, facts={"agent": agent, "signed_out": ended})
            return ended

    def forget(self, *, began_before: datetime, active_before: datetime) -> int:
        over = or_(sign_ins.c.began_at < began_before, sign_ins.c.active_at < active_before)
        with self._store.writing() as books:
            ended = books.write(delete(sign_ins).where(over)).rowcount
            return ended + books.write(delete(sign_in_links).where(sign_in_links.c.until < active_before)).rowcount

    # ---- links for one use -------------------------------------------------------------------------------------------

    def offer_link(self, link_id: str, agent: str, until: datetime) -> None:
        with self._store.writing() as books:
            books.write(insert(sign_in_links).values(id=link_id, agent=agent, until=until))

    def link(self, link_id: str, at: datetime) -> str | None:
        with self._store.viewing() as books:
            return _link(books, link_id, at)

    def take_link(self, link_id: str, at: datetime) -> str | None:
        with self._store.writing() as books:
            agent = _link(books, link_id, at)
            taken = books.write(delete(sign_in_links).where(sign_in_links.c.id == link_id)).rowcount
            return agent if taken else None

    # ---- identities --------------------------------------------------------------------------------------------------

    def link_identity(self, subject: str, agent: str, by: str, at: datetime) -> None:
        row = {"subject": subject, "agent": agent, "linked_at": at}
        with self._store.writing() as books:
            new = books.insert(agent_identities).values(row)
            books.write(new.on_conflict_do_update(index_elements=[agent_identities.c.subject], set_=row))
            append(books, by, Deed.IDENTITY_LINKED, at, facts={"agent": agent})

    def unlink_identities(self, agent: str, by: str, at: datetime) -> int:
        with self._store.writing() as books:
            gone = books.write(delete(agent_identities).where(agent_identities.c.agent == agent)).rowcount
            ended = _end_all(books, agent)
            append(books, by, Deed.IDENTITIES_UNLINKED, at, facts={"agent": agent, "identities": gone, "signed_out": ended})
            return gone

    def linked(self, subject: str) -> str | None:
        with self._store.viewing() as books:
            found: str | None = books.connection.scalar(
                select(agent_identities.c.agent).where(agent_identities.c.subject == subject)
            )
            return found


def _number_of_each(books: Books, table: Table) -> dict[str, int]:
    """Rows by agent."""
    counted = select(table.c.agent, func.count().label("number")).group_by(table.c.agent)
    return {row.agent: row.number for row in books.rows(counted)}


def _end_all(books: Books, agent: str) -> int:
    return books.write(delete(sign_ins).where(sign_ins.c.agent == agent)).rowcount


def _link(books: Books, link_id: str, at: datetime) -> str | None:
    usable = (sign_in_links.c.id == link_id) & (sign_in_links.c.until > at)
    found: str | None = books.connection.scalar(select(sign_in_links.c.agent).where(usable))
    return found
