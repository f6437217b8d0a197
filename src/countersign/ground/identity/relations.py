"""Changes where people belong and for whom they care."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .changes import Changes
from .errors import NotFound
from .principal import Principal, Role


class Relations(Changes):
    """Departments, duties, care teams and own records. ``by`` must be able to change people."""

    def join(self, person: str, department: str, *, by: Principal) -> None:
        """The person belongs to the department from now on."""
        self._change(
            by,
            person,
            "joined",
            "insert into identity.membership (id, person_id, department, starts)"
            " values (%(id)s, %(person)s, %(department)s, %(now)s)"
            " on conflict (person_id, department) where ends is null do nothing",
            {"department": department},
            department=department,
        )

    def part(self, person: str, department: str, *, by: Principal) -> None:
        """The person belongs to the department no more."""
        self._change(
            by,
            person,
            "parted",
            "update identity.membership set ends = greatest(starts, %(now)s)"
            " where person_id = %(person)s and department = %(department)s and ends is null",
            {"department": department},
            department=department,
        )

    def on_duty(
        self, person: str, department: str, starts: datetime, ends: datetime, *, by: Principal
    ) -> str:
        """The person is on duty in the department for a time; returns the duty's identifier."""
        duty = self._new_id()
        self._change(
            by,
            person,
            "on-duty",
            "insert into identity.duty (id, person_id, department, starts, ends)"
            " values (%(duty)s, %(person)s, %(department)s, %(starts)s, %(ends)s)",
            {"duty": duty, "department": department, "starts": starts, "ends": ends},
            department=department,
            duty=duty,
            starts=starts.isoformat(),
            ends=ends.isoformat(),
        )
        return duty

    def end_duty(self, duty: str, *, by: Principal) -> None:
        """The duty ends now, unless it has ended."""
        rows = self._pool.rows("select person_id from identity.duty where id = %s", (duty,))
        if not rows:
            raise NotFound
        self._change(
            by,
            rows[0]["person_id"],
            "duty-ended",
            "update identity.duty set ends = greatest(starts, %(now)s)"
            " where id = %(duty)s and ends > %(now)s",
            {"duty": duty},
            duty=duty,
        )

    def care(
        self,
        person: str,
        patient: str,
        reason: str,
        *,
        by: Principal,
        starts: datetime | None = None,
        ends: datetime | None = None,
    ) -> str:
        """The person is in the patient's care team, from now on unless ``starts`` is given."""
        care = self._new_id()
        self._change(
            by,
            person,
            "care-began",
            "insert into identity.care (id, person_id, patient, reason, starts, ends)"
            " values (%(care)s, %(person)s, %(patient)s, %(reason)s,"
            " coalesce(%(starts)s, %(now)s), %(ends)s)",
            {
                "care": care,
                "patient": patient,
                "reason": reason.strip(),
                "starts": starts,
                "ends": ends,
            },
            patient=patient,
            care=care,
        )
        return care

    def end_care(self, care: str, *, by: Principal) -> None:
        """The relation ends now, unless it has ended."""
        rows = self._pool.rows(
            "select person_id, patient from identity.care where id = %s", (care,)
        )
        if not rows:
            raise NotFound
        self._change(
            by,
            rows[0]["person_id"],
            "care-ended",
            "update identity.care set ends = greatest(starts, %(now)s)"
            " where id = %(care)s and (ends is null or ends > %(now)s)",
            {"care": care},
            patient=rows[0]["patient"],
            care=care,
        )

    def own(self, person: str, patient: str, *, by: Principal) -> None:
        """This person is that patient."""
        self._change(
            by,
            person,
            "own-record",
            "insert into identity.own_record (id, person_id, patient, starts)"
            " values (%(id)s, %(person)s, %(patient)s, %(now)s)"
            " on conflict (person_id, patient) where ends is null do nothing",
            {"patient": patient},
            patient=patient,
        )

    def disown(self, person: str, patient: str, *, by: Principal) -> None:
        """This person is not that patient: the link was a mistake."""
        self._change(
            by,
            person,
            "own-record-ended",
            "update identity.own_record set ends = greatest(starts, %(now)s)"
            " where person_id = %(person)s and patient = %(patient)s and ends is null",
            {"patient": patient},
            patient=patient,
        )

    def seniors(self, departments: Iterable[str]) -> tuple[str, ...]:
        """The senior physicians, still here, who belong to one of these departments now."""
        rows = self._pool.rows(
            "select p.id from identity.person p where p.left_at is null"
            " and exists (select from identity.role_grant g where g.person_id = p.id"
            " and g.role = %(role)s and g.starts <= %(now)s"
            " and (g.ends is null or g.ends > %(now)s))"
            " and exists (select from identity.membership m where m.person_id = p.id"
            " and m.department = any (%(departments)s) and m.starts <= %(now)s"
            " and (m.ends is null or m.ends > %(now)s)) order by p.id",
            {
                "role": str(Role.SENIOR_PHYSICIAN),
                "departments": list(departments),
                "now": self._clock(),
            },
        )
        return tuple(row["id"] for row in rows)

    def care_team(self, patient: str) -> frozenset[str]:
        """The persons in whose care identity keeps this patient now."""
        rows = self._pool.rows(
            "select person_id from identity.care where patient = %(patient)s"
            " and starts <= %(now)s and (ends is null or ends > %(now)s)",
            {"patient": patient, "now": self._clock()},
        )
        return frozenset(row["person_id"] for row in rows)
