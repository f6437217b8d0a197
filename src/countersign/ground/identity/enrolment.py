"""Setting up and taking away second factors: by their owner, or by an administrator."""

from __future__ import annotations

from dataclasses import dataclass

from .accounts import Accounts
from .action import Action
from .errors import NotFound, SignedOut
from .factors import Enrolled, Factor, Factors
from .passkeys import Party, Passkeys
from .pending import Waiting
from .policy import Policy
from .presence import Presences
from .principal import Principal
from .sessions import token_hash
from .steps import ACCOUNT


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever may set up a factor of their own; only ``Enrolment`` gives one out.

    ``key`` is the hash of the token by which they are known, to which challenges are bound.
    """

    person: str
    name: str
    key: bytes

    @property
    def actor(self) -> str:
        """How the ledger knows them."""
        return f"person:{self.person}"


class Enrolment:
    """What the pages of second factors call. Safe to share among threads."""

    def __init__(
        self,
        accounts: Accounts,
        factors: Factors,
        passkeys: Passkeys,
        presences: Presences,
        policy: Policy,
    ) -> None:
        self._accounts = accounts
        self._factors = factors
        self._passkeys = passkeys
        self._presences = presences
        self._policy = policy

    def holder(self, token: str | None) -> Holder:
        """Somebody signed in who showed a moment ago that it is them.

        Otherwise who finds a screen unlocked could make a key to the house. Raises
        SignedOut, StepUpNeeded.
        """
        principal = self._accounts.required(token).principal
        self._presences.required(principal)
        return Holder(principal.id, principal.name, token_hash(token or ""))

    def newcomer(self, pending: str | None) -> Holder:
        """Somebody half signed in of whom a factor is demanded and who has none.

        Raises SignedOut, also for who has one: a password alone never adds a second.
        """
        waiting: Waiting | None = self._accounts.pending.find(pending)
        if waiting is None or waiting.enrolled:
            raise SignedOut
        return Holder(waiting.person, waiting.name, token_hash(pending or ""))

    def of(self, person: str, *, removed: bool = False) -> tuple[Factor, ...]:
        """A person's own factors; ``removed``: those taken away."""
        return self._factors.of(person, removed=removed)

    def codes_left(self, person: str) -> int:
        """How many of the person's recovery codes are unused."""
        return self._factors.codes_left(person)

    def secret(self, holder: Holder) -> str:
        """The secret to be drawn: that of the set-up that goes on, or a fresh one."""
        return self._factors.setting_up(holder.person) or self._factors.begin_totp(holder.person)

    def confirm(self, holder: Holder, code: str) -> Enrolled:
        """The first code of the application. Raises NotEnrolled, WrongProof."""
        return self._factors.confirm_totp(holder.person, code, holder.actor)

    def offer(self, holder: Holder, party: Party) -> str | None:
        """What the browser needs to make a passkey; None where there can be none."""
        if not party.possible:
            return None
        return self._passkeys.offer(holder.key, party, holder.person, holder.name)

    def register(self, holder: Holder, party: Party, answer: str, label: str) -> Enrolled:
        """Takes a new passkey. Raises PasskeyRefused, TooManyFactors."""
        return self._passkeys.register(
            holder.key, party, holder.person, answer, label, holder.actor
        )

    def renew_codes(self, holder: Holder) -> tuple[str, ...]:
        """Fresh recovery codes. Raises NotFound for who has no factor to recover."""
        if not self._factors.of(holder.person):
            raise NotFound
        return self._factors.renew_codes(holder.person, holder.actor)

    def remove(self, holder: Holder, factor: str) -> None:
        """Takes one's own factor away. Raises NotFound."""
        if not self._factors.remove(holder.person, factor, holder.actor):
            raise NotFound

    def of_another(self, person: str, *, by: Principal) -> tuple[Factor, ...]:
        """What an administrator sees of it: kinds and times. Raises Forbidden."""
        self._policy.require(by, Action.FACTORS_REMOVE, ACCOUNT)
        return self._factors.of(person)

    def remove_of_another(self, person: str, factor: str, *, by: Principal) -> None:
        """Takes a lost factor away. Raises Forbidden, NotFound."""
        self._policy.require(by, Action.FACTORS_REMOVE, ACCOUNT)
        if not self._factors.remove(person, factor, by.actor):
            raise NotFound
