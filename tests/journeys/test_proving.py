"""People prove who they are: the hospital's sign-in, a telephone's codes, a passkey."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from countersign.ground.egress import places
from countersign.ground.identity import ProviderSettings, Role, SecondFactor
from countersign.ground.identity.totp import code, step_at
from furnished import PASSWORD, Furnished
from journeys.doorways import Doorway, doorway
from journeys.drafts import waiting
from journeys.person import Person
from provider.running import CLIENT, SECRET, free_port, provider

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
OWN_WORDS = "Seen by me; repeat tomorrow. 已电话通知。"


@pytest.fixture(scope="module")
def strict(furnished: Furnished) -> Iterator[Doorway]:
    """A house that demands a second factor of whoever signs."""
    with doorway(furnished, second_factor=SecondFactor.SIGNERS) as one:
        yield one


@pytest.fixture(scope="module")
def open_door(furnished: Furnished) -> Iterator[Doorway]:
    """A house as it is at first: nothing is demanded."""
    with doorway(furnished) as one:
        yield one


def types_name_and_password(person: Person, username: str) -> None:
    person.page.fill("[name=username]", username)
    person.page.fill("[name=password]", PASSWORD)
    person.follow(person.button("登录", "Sign in"))


def telephone(secret: str, ahead: int = 1) -> str:
    """A code that the telephone shows by and by; the clocks may differ by one step."""
    return code(secret, step_at(datetime.now(UTC)) + ahead)


def set_up_telephone(person: Person) -> tuple[str, str]:
    """Reads the secret from the page, as who types it does, and types the first code.

    Returns both.
    """
    drawn = person.page.locator("img.drawn")
    assert drawn.evaluate("i => i.complete && i.naturalWidth > 100"), "the drawing is there"
    secret = person.page.inner_text("code.typed").replace(" ", "")
    first = telephone(secret, 0)
    person.page.fill("[name=code]", first)
    person.follow(person.button("完成设置", "Set it up"))
    return secret, first


def recovery_codes(person: Person) -> list[str]:
    codes = person.page.locator(".recovery code").all_inner_texts()
    assert len(codes) == 10
    assert all(re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", one) for one in codes)
    return codes


@LANGUAGES
def test_where_it_is_demanded_a_telephone_is_set_up_and_asked_for(
    browser: Browser, strict: Doorway, language: str
) -> None:
    username, person = strict.newcomer()
    with Person.arriving(browser, strict.base, language) as doctor:
        # Given a physician who has no second factor, in a house that demands one
        doctor.open("/sign-in?next=/charts")
        types_name_and_password(doctor, username)
        # Then the pages of the house stay closed, and setting one up is what there is to do
        assert urlsplit(doctor.page.url).path == "/sign-in/set-up"
        doctor.window.open("/charts")
        assert urlsplit(doctor.page.url).path == "/sign-in"
        doctor.open("/sign-in/set-up?next=/charts")
        # When a wrong code is typed, it says so and the drawing stays the same
        secret = doctor.page.inner_text("code.typed")
        doctor.page.fill("[name=code]", "000000")
        doctor.follow(doctor.button("完成设置", "Set it up"))
        assert doctor.page.locator("[data-error-summary]").is_visible()
        doctor.look("wrong code")
        assert doctor.page.inner_text("code.typed") == secret
        # When the right one is typed, the codes for paper are shown once and the door is open
        secret, first = set_up_telephone(doctor)
        codes = recovery_codes(doctor)
        doctor.follow(doctor.link("已妥善保存，继续", "I have kept them, go on"))
        assert urlsplit(doctor.page.url).path == "/charts"
        # And at the next sign-in the telephone is asked for
        _signs_out(doctor)
        types_name_and_password(doctor, username)
        assert urlsplit(doctor.page.url).path == "/sign-in/second"
        doctor.page.fill("[name=code]", first)
        doctor.follow(doctor.button("登录", "Sign in"))
        doctor.look("code used before")
        assert doctor.page.locator("[data-error-summary]").is_visible(), "no code is taken twice"
        doctor.page.fill("[name=code]", telephone(secret))
        doctor.follow(doctor.button("登录", "Sign in"))
        assert "/sign-in" not in doctor.page.url
        # And without the telephone a code on paper does, once
        _signs_out(doctor)
        types_name_and_password(doctor, username)
        doctor.page.fill("[name=code]", codes[3].lower())
        doctor.follow(doctor.button("登录", "Sign in"))
        doctor.open("/me/second")
        doctor.reads(doctor.say("剩余未用恢复码：9", "Unused codes: 9"))
        doctor.window.check_clean()
    ways = [event.detail.get("factor") for event in strict.events("sign-in", f"person:{person}")]
    assert ways == ["recovery", "totp", "enrolled"]


@LANGUAGES
def test_a_passkey_is_set_up_and_proves_presence_before_the_highest_risk_is_signed(
    browser: Browser, furnished: Furnished, open_door: Doorway, language: str
) -> None:
    username, person = open_door.newcomer()
    draft = waiting(furnished, risk="high")
    with Person.arriving(browser, open_door.base, language) as doctor:
        key = _security_key(doctor.page)
        # Given a physician who signed in with a password alone
        doctor.open("/sign-in")
        types_name_and_password(doctor, username)
        doctor.open("/me/second")
        doctor.reads(doctor.say("您尚未设置", "You have none"))
        # When a passkey is set up, the person shows first that it is them
        doctor.follow(doctor.link("设置第二验证因素", "Set up a second factor"))
        assert urlsplit(doctor.page.url).path == "/me/presence"
        doctor.confirms_with_password()
        doctor.page.fill("[name=label]", "Blue key")
        doctor.follow(doctor.button("添加通行密钥", "Add a passkey"))
        recovery_codes(doctor)
        doctor.follow(doctor.link("已妥善保存，继续", "I have kept them, go on"))
        doctor.reads("Blue key")
        assert len(key("WebAuthn.getCredentials")["credentials"]) == 1
        # Then the passkey is asked for at the next sign-in
        _signs_out(doctor)
        types_name_and_password(doctor, username)
        doctor.follow(doctor.button("使用通行密钥", "Use a passkey"))
        assert "/sign-in" not in doctor.page.url
        _signs_with_the_key(doctor, furnished, draft.id, person)
        _without_the_key(doctor, key)


def test_the_administrator_removes_a_lost_factor(browser: Browser, open_door: Doorway) -> None:
    username, person = open_door.newcomer()
    administrator, _ = open_door.newcomer(Role.ADMINISTRATOR)
    with Person.arriving(browser, open_door.base, "en") as doctor:
        doctor.open("/sign-in")
        types_name_and_password(doctor, username)
        doctor.open("/me/presence?next=/me/second/set-up")
        doctor.confirms_with_password()
        set_up_telephone(doctor)
    with Person.arriving(browser, open_door.base, "en") as admin:
        admin.open("/sign-in")
        types_name_and_password(admin, administrator)
        admin.open("/administration/people")
        admin.open(f"/administration/people/{person}")
        admin.reads("Authenticator application")
        admin.button("", "Remove").click()
        admin.follow(admin.page.locator("dialog[open] [data-dialog-yes]"))
        admin.reads("This person has set up none.")
    with Person.arriving(browser, open_door.base, "en") as doctor:
        doctor.open("/sign-in")
        types_name_and_password(doctor, username)
        doctor.open("/me/second")
        doctor.reads("You have none", "by the administrator")


@LANGUAGES
def test_staff_sign_in_with_the_hospitals_account(
    browser: Browser, furnished: Furnished, language: str
) -> None:
    port = free_port()
    settings = ProviderSettings(f"http://localhost:{port}", CLIENT, SECRET)
    allowed = places([f"localhost:{port}"])
    with doorway(furnished, openid=settings, egress=allowed) as door:
        ours = door.base.replace("localhost", "127.0.0.1")
        with provider(ours, port=port):
            _comes_from_the_hospital(browser, door, ours, language)


def _comes_from_the_hospital(browser: Browser, door: Doorway, ours: str, language: str) -> None:
    login = f"emp-{language}-{door.base[-5:]}"
    _, person = door.newcomer()
    administrator, _ = door.newcomer(Role.ADMINISTRATOR)
    with Person.arriving(browser, ours, language) as doctor:
        # Given somebody whom the hospital knows and nobody has linked here
        doctor.open("/sign-in?next=/charts")
        _goes_there(doctor, login)
        # Then the page says whom to ask, with a reference
        assert urlsplit(doctor.page.url).path == "/sign-in/callback"
        doctor.look("unknown")
        reference = re.search(r"[0-9a-f]{8}", doctor.main.inner_text())
        assert reference is not None
        doctor.open("/charts")
        assert urlsplit(doctor.page.url).path == "/sign-in"
        # When the administrator links them
        with Person.arriving(browser, ours, language) as admin:
            admin.open("/sign-in")
            types_name_and_password(admin, administrator)
            admin.open("/administration/arrivals")
            card = admin.main.locator(f"section[aria-labelledby=a-{reference[0]}]")
            card.locator("select").select_option(person)
            admin.follow(card.get_by_role("button", name=admin.say("关联", "Link them")))
            admin.reads(f"{login}@hospital")
        # Then the same account opens the house, at the page that was wanted
        doctor.open("/sign-in?next=/charts")
        with doctor.page.expect_navigation(url="**/charts"):
            doctor.link("使用医院统一账号登录", "Sign in with the hospital's account").click()
        doctor.look("signed in")
        # And showing presence is possible there too
        doctor.open("/me/presence?next=/me")
        doctor.link("用医院统一账号确认", "Confirm with the hospital's account").click()
        _logs_in(doctor, login)
        doctor.page.wait_for_url("**/me")
        # When signing out, the hospital's session ends as well
        doctor.page.click("details.person summary")
        doctor.page.get_by_role("button", name=doctor.say("退出登录", "Sign out")).click()
        doctor.page.wait_for_url("**/session/end**")
        doctor.page.get_by_role("button", name=re.compile("yes", re.IGNORECASE)).click()
        doctor.page.wait_for_url("**/sign-in**")
        doctor.open("/charts")
        assert urlsplit(doctor.page.url).path == "/sign-in"
        doctor.link("使用医院统一账号登录", "Sign in with the hospital's account").click()
        doctor.page.wait_for_selector("text=Hospital login")
    ways = {event.detail["way"] for event in door.events("stepped-up", f"person:{person}")}
    assert ways == {"openid"}


def _goes_there(doctor: Person, login: str) -> None:
    doctor.link("使用医院统一账号登录", "Sign in with the hospital's account").click()
    _logs_in(doctor, login)
    doctor.page.wait_for_url("**/sign-in/callback**")


def _logs_in(doctor: Person, login: str) -> None:
    """At the provider's own page."""
    doctor.page.wait_for_selector("text=Hospital login")
    doctor.page.fill("[name=login]", login)
    doctor.page.click("button")


def _signs_out(person: Person) -> None:
    person.page.click("details.person summary")
    button = person.page.get_by_role("button", name=person.say("退出登录", "Sign out"))
    with person.page.expect_navigation():
        button.click()
    assert urlsplit(person.page.url).path == "/sign-in"


def _security_key(page: Page) -> Any:
    """A virtual authenticator of the browser itself; gives a way to speak to it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": False,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def say(command: str, **more: object) -> Any:
        return session.send(command, {"authenticatorId": made["authenticatorId"], **more})

    return say


def _signs_with_the_key(doctor: Person, furnished: Furnished, draft: str, person: str) -> None:
    # When a draft of the highest risk is changed and signed
    doctor.open(f"/inbox/{draft}")
    doctor.main.locator(
        "summary", has_text=doctor.say("修改文字后签署", "Change the text, then sign")
    ).click()
    doctor.page.locator("[name=text]").fill(OWN_WORDS)
    doctor.button("签署修改后的文字", "Sign the changed text").click()
    doctor.answers_yes("confirm-amend")
    # Then presence is asked for, and the key gives it
    assert urlsplit(doctor.page.url).path == "/me/presence"
    assert furnished.rows("select id from signoff.signature where draft_id = %s", draft) == []
    doctor.follow(doctor.button("使用通行密钥", "Use a passkey"))
    # And what was written is there
    assert urlsplit(doctor.page.url).path == f"/inbox/{draft}"
    text = doctor.page.locator("[name=text]")
    assert text.is_visible()
    assert text.input_value() == OWN_WORDS
    doctor.button("签署修改后的文字", "Sign the changed text").click()
    doctor.answers_yes("confirm-amend")
    marks = doctor.main.locator(".answer-marks").inner_text()
    assert doctor.say("草稿，两次签名已有一次", "Draft, signed once of two") in marks
    doctor.window.check_clean()
    # And the signature refers to that very proof
    (row,) = furnished.rows(
        "select p.way, p.person_id from signoff.signature s"
        " join identity.presence p on p.id = s.presence_id where s.draft_id = %s",
        draft,
    )
    assert row == {"way": "passkey", "person_id": person}


def _without_the_key(doctor: Person, key: Any) -> None:
    # When the key is not there, the page says so and another way is open
    key("WebAuthn.setUserVerified", isUserVerified=False)
    key("WebAuthn.clearCredentials")
    doctor.open("/me/presence?next=/inbox")
    doctor.button("使用通行密钥", "Use a passkey").click()
    doctor.page.locator("[data-passkey-problem]").wait_for(state="visible")
    doctor.look("no key")
    doctor.confirms_with_password()
    assert urlsplit(doctor.page.url).path == "/inbox"
    # And a passkey that is lost can be removed by its owner
    doctor.open("/me/second")
    doctor.main.get_by_role("button", name=doctor.say("移除Blue", "Remove Blue")).click()
    box = doctor.page.locator("dialog[open]")
    doctor.look("remove?")
    doctor.follow(box.locator("[data-dialog-yes]"))
    doctor.reads(doctor.say("由您本人移除", "by you"))
