"""Changes people, roles, licences and departments; each change leaves a receipt."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

from countersign.kit.words import Words

from .action import Action
from .changes import PEOPLE
from .errors import NotFound
from .principal import LicenceKind, Principal, Role
from .profiles import Profile, profiles
from .relations import Relations


class People(Relations):
    """Everything about people; ``by`` needs the right to change them.

    Every method that changes something may raise Forbidden, NotFound, BadValue, NameTaken,
    LedgerUnavailable, DatabaseUnavailable; then nothing is changed.
    """

    def add(self, name: str, *, by: Principal, person: str | None = None) -> str:
        """Adds a person and returns the identifier, a fresh one unless it is given."""
        person = person or self._new_id()
        self._change(
            by,
            person,
            "added",
            "insert into identity.person (id, name, added_at)"
            " values (%(person)s, %(name)s, %(now)s)",
            {"name": name.strip()},
            commits={"name": _commitment(person, name.strip())},
        )
        return person

    def profiles(self, *, by: Principal) -> tuple[Profile, ...]:
        """Everyone with all that was entered about them, by name."""
        self._policy.require(by, Action.PEOPLE_READ, PEOPLE)
        return profiles(self._pool, self._clock(), None)

    def profile(self, person: str, *, by: Principal) -> Profile:
        """One person. Raises Forbidden, NotFound."""
        self._policy.require(by, Action.PEOPLE_READ, PEOPLE)
        found = profiles(self._pool, self._clock(), person)
        if not found:
            raise NotFound
        return found[0]

    def rename(self, person: str, name: str, *, by: Principal) -> None:
        """Changes a person's name. The old one stays committed to in the ledger only."""
        self.person(person)
        self._change(
            by,
            person,
            "renamed",
            "update identity.person set name = %(name)s where id = %(person)s and name <> %(name)s",
            {"name": name.strip()},
            commits={"name": _commitment(person, name.strip())},
        )

    def leave(self, person: str, *, by: Principal) -> None:
        """The person leaves the hospital: sessions, roles and relations count no more."""
        self.person(person)
        self._change(
            by,
            person,
            "left",
            "update identity.person set left_at = %(now)s"
            " where id = %(person)s and left_at is null",
            {},
        )

    def grant(self, person: str, role: Role, *, by: Principal) -> None:
        """Gives a role."""
        self._change(
            by,
            person,
            "role-granted",
            "insert into identity.role_grant (id, person_id, role, starts)"
            " values (%(id)s, %(person)s, %(role)s, %(now)s)"
            " on conflict (person_id, role) where ends is null do nothing",
            {"role": str(role)},
            role=str(role),
        )

    def withdraw(self, person: str, role: Role, *, by: Principal) -> None:
        """Takes a role away, from now on."""
        self._change(
            by,
            person,
            "role-withdrawn",
            "update identity.role_grant set ends = greatest(starts, %(now)s)"
            " where person_id = %(person)s and role = %(role)s and ends is null",
            {"role": str(role)},
            role=str(role),
        )

    def license(
        self, person: str, kind: LicenceKind, valid_from: date, valid_to: date, *, by: Principal
    ) -> str:
        """Enters a licence, both dates included, and returns its identifier."""
        licence = self._new_id()
        self._change(
            by,
            person,
            "licensed",
            "insert into identity.licence (id, person_id, kind, valid_from, valid_to)"
            " values (%(licence)s, %(person)s, %(kind)s, %(valid_from)s, %(valid_to)s)",
            {
                "licence": licence,
                "kind": str(kind),
                "valid_from": valid_from,
                "valid_to": valid_to,
            },
            licence=licence,
            kind=str(kind),
            valid_from=valid_from.isoformat(),
            valid_to=valid_to.isoformat(),
        )
        return licence

    def revoke_licence(self, licence: str, reason: str, *, by: Principal) -> None:
        """A licence counts no more, from now on; this cannot be undone."""
        rows = self._pool.rows("select person_id from identity.licence where id = %s", (licence,))
        if not rows:
            raise NotFound
        self._change(
            by,
            rows[0]["person_id"],
            "licence-revoked",
            "insert into identity.licence_revocation (licence_id, at, reason)"
            " values (%(licence)s, least(%(now)s, now()), %(reason)s)"
            " on conflict do nothing",
            {"licence": licence, "reason": reason.strip()},
            licence=licence,
        )

    def department(self, code: str, name: Words, *, by: Principal) -> None:
        """Adds a department, or changes the name of the one with this code."""
        self._change(
            by,
            None,
            "department",
            "insert into identity.department as d (code, name_en, name_zh, added_at)"
            " values (%(code)s, %(en)s, %(zh)s, %(now)s)"
            " on conflict (code) do update set name_en = excluded.name_en,"
            " name_zh = excluded.name_zh"
            " where (d.name_en, d.name_zh) <> (excluded.name_en, excluded.name_zh)",
            {"code": code, "en": name.en, "zh": name.zh},
            department=code,
        )


def _commitment(person: str, name: str) -> str:
    """Binds a name to its person; the leaf's own salt keeps it from being guessed."""
    return sha256(f"{person}\n{name}".encode()).hexdigest()
