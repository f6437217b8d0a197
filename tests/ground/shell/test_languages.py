"""The language is the person's choice, then the browser's, then the house's."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.ground.shell import TwoTranslations
from countersign.ground.shell.extraction import missing_translations
from countersign.ground.shell.languages import MESSAGES, chosen, translations
from countersign.ground.shell.pages import LOCALE

SOURCE = Path(__file__).resolve().parents[3] / "src" / "countersign"
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.mark.parametrize(
    ("cookie", "accept", "language"),
    [
        (None, None, "zh"),
        ("en", "zh-CN", "en"),
        ("zh", "en", "zh"),
        ("fr", "en-GB,en;q=0.8", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "de,en;q=0.2,zh;q=0.1", "en"),
        (None, "en;q=0,zh;q=0.1", "zh"),
        (None, "fr", "zh"),
        (None, "en;q=nonsense", "zh"),
        ("../../etc", ";;;,,=", "zh"),
    ],
)
def test_who_decides_the_language(cookie: str | None, accept: str | None, language: str) -> None:
    assert chosen(cookie, accept) == language


def test_the_house_decides_where_nobody_does() -> None:
    assert chosen(None, "fr", "en") == "en"


def catalogue(folder: Path, *pairs: tuple[str, str], note: str = "") -> Path:
    file = folder / MESSAGES
    file.parent.mkdir(parents=True)
    lines = "".join(f'{note}msgid "{en}"\nmsgstr "{zh}"\n\n' for en, zh in pairs)
    file.write_text(HEADER + lines, encoding="utf-8")
    return folder


def test_rooms_add_to_the_shells_words(tmp_path: Path) -> None:
    read = translations([LOCALE, catalogue(tmp_path, ("Anticoagulation", "抗凝"))])
    assert read["zh"].gettext("Anticoagulation") == "抗凝"
    assert read["zh"].gettext("Sign in") == "登录"
    assert read["zh"].gettext("Nothing like it") == "Nothing like it"
    assert read["en"].gettext("Anticoagulation") == "Anticoagulation"


def test_one_term_has_one_name(tmp_path: Path) -> None:
    with pytest.raises(TwoTranslations, match="Sign in"):
        translations([LOCALE, catalogue(tmp_path, ("Sign in", "签到"))])


def test_an_uncertain_translation_is_not_shown(tmp_path: Path) -> None:
    folder = catalogue(tmp_path, ("Anticoagulation", "抗凝？"), note="#, fuzzy\n")
    assert translations([folder])["zh"].gettext("Anticoagulation") == "Anticoagulation"


def test_the_shell_and_the_ground_floor_say_everything_in_chinese() -> None:
    doors = [SOURCE / "doors" / "fhir", SOURCE / "doors" / "dicom"]  # they have no pages
    parts = [SOURCE / "ground", SOURCE / "kit", SOURCE / "app", *doors]
    assert missing_translations(parts, here_only=LOCALE) == ()


def room(folder: Path, template: str = "", python: str = "") -> Path:
    (folder / "room").mkdir(exist_ok=True)
    (folder / "room" / "page.html").write_text(template)
    (folder / "room" / "pages.py").write_text(python)
    return folder / "room"


@pytest.mark.parametrize(
    ("template", "python"),
    [
        ('{{ _("Dose today") }}', ""),
        ("{% trans %}Dose today{% endtrans %}", ""),
        ('{% call ui.form("/x", csrf) %}{{ ui.field("a", _("Dose today")) }}{% endcall %}', ""),
        ("", 'title = _("Dose today")'),
        ("", 'class NoDose(E):\n    code = "x.y"\n    message = "Dose today"'),
        ("", 'raise Bad(problem="Dose today.")'),
    ],
)
def test_a_missing_translation_is_found(tmp_path: Path, template: str, python: str) -> None:
    [complaint] = missing_translations([room(tmp_path, template, python)])
    assert "Dose today" in complaint


def test_a_translation_that_fills_in_other_names_is_found(tmp_path: Path) -> None:
    source = room(tmp_path, '{{ _("%(count)s doses", count=3) }}')
    good = catalogue(tmp_path / "good", ("%(count)s doses", "%(count)s 次"))
    bad = catalogue(tmp_path / "bad", ("%(count)s doses", "%(number)s 次"))
    assert missing_translations([source], [good]) == ()
    assert "other names" in missing_translations([source], [bad])[0]


def test_a_text_with_a_context_needs_the_translation_of_that_meaning(tmp_path: Path) -> None:
    source = room(tmp_path, '{{ pgettext("risk", "steep") }}')
    plain = catalogue(tmp_path / "plain", ("steep", "陡"))
    assert len(missing_translations([source], [plain])) == 1
    meant = catalogue(tmp_path / "meant", ("steep", "高"))
    file = meant / MESSAGES
    file.write_text(file.read_text().replace('msgid "steep"', 'msgctxt "risk"\nmsgid "steep"'))
    assert missing_translations([source], [meant]) == ()
    read = translations([plain, meant])["zh"]
    assert (read.pgettext("risk", "steep"), read.gettext("steep")) == ("高", "陡")


def test_an_idle_translation_is_found(tmp_path: Path) -> None:
    folder = catalogue(tmp_path / "locale", ("Dose of yesterday", "昨日剂量"))
    [complaint] = missing_translations([room(tmp_path)], [folder], here_only=folder)
    assert "Dose of yesterday" in complaint
