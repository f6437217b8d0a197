"""Which passwords are accepted, and that two keyboards write the same one."""

from __future__ import annotations

import pytest

from countersign.ground.identity import PasswordIsName, PasswordTooLong, PasswordTooShort
from countersign.ground.identity.passwords import WORK, Passwords, check
from ground.identity.world import QUICK


@pytest.mark.parametrize(
    "password",
    [
        "ten signs!",
        "correct horse battery",
        "天地玄黄宇宙洪荒日月",
        "x" * 256,
        "liwei and ten more",
    ],
)
def test_a_long_password_is_accepted(password: str) -> None:
    check(password, "liwei", "李伟")


@pytest.mark.parametrize("password", ["", "nine sign", " " * 12, "   short    "])
def test_a_short_one_is_refused(password: str) -> None:
    with pytest.raises(PasswordTooShort, match="at least 10"):
        check(password)


def test_an_endless_one_is_refused() -> None:
    with pytest.raises(PasswordTooLong):
        check("x" * 257)


@pytest.mark.parametrize(
    "password",
    [
        "liwei2026!!",
        "LiWei LiWei LiWei",
        "2026-Li Wei-1",
        "李伟李伟李伟李伟李伟",
        "ｌｉｗｅｉ-12345",
    ],
)
def test_the_name_does_not_count(password: str) -> None:
    with pytest.raises(PasswordIsName):
        check(password, "liwei", "李伟", "")


def test_the_same_password_from_another_keyboard_fits() -> None:
    passwords = Passwords("decoy", QUICK)
    hashed = passwords.hash("Ångström-１２３４")
    assert passwords.fits("A\u030angstro\u0308m-1234", hashed)
    assert not passwords.fits("Angstrom-1234", hashed)
    assert not passwords.fits("\ud800", hashed)


def test_nothing_fits_an_unknown_name_or_a_broken_hash() -> None:
    passwords = Passwords("decoy", QUICK)
    assert not passwords.fits("decoy", None)
    assert not passwords.fits("decoy", "not a hash")


def test_the_work_is_argon2id_with_the_recommended_memory() -> None:
    hashed = Passwords("decoy", WORK).hash("correct horse battery")
    assert hashed.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
