"""A curator brings a guideline in; a physician finds it word for word; it is withdrawn again."""

from __future__ import annotations

import pytest

from furnished import Furnished
from ground.library import files
from journeys.conftest import Enter
from journeys.person import Person

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
GUIDELINE = """---
title: {title}
written: 2026-11-25
level: expert opinion
sources:
  - id: house
    cite: "Protocol of the house, 2026"
---
# {title}
## 治疗 Treatment
- 阵发性{word}发作时静脉推注腺苷 6 mg，无效再予 12 mg。[house]
- Give adenosine 6 mg for paroxysmal {word}; if that fails, 12 mg. [house]
"""


def opens_the_form(curator: Person) -> None:
    """The form is folded where there are documents already."""
    if curator.page.locator("#f-files").is_hidden():
        words = curator.say("添加文档", "Add documents")
        curator.page.locator("summary", has_text=words).click()


def shows_what_came_of_it(curator: Person) -> None:
    """The line of waiting turns into a link; a file may also be read before the page is there."""
    read = curator.main.locator(".reading").or_(curator.page.locator("#waiting a"))
    read.first.wait_for(timeout=120_000)
    if curator.page.locator("#waiting a").count():
        curator.follow(curator.page.locator("#waiting a"))


@LANGUAGES
def test_from_the_file_to_the_quote_and_back(entering: Enter, language: str) -> None:
    word = {"zh": "交界性心动过速", "en": "junctional tachycardia"}[language]
    title = {"zh": "心动过速规程", "en": "Tachycardia protocol"}[language]
    with entering("curator", language) as curator:
        # Given a curator who drops a file
        curator.open("/knowledge/shelf")
        if curator.page.locator("#f-files").is_hidden():
            curator.page.locator(
                "summary", has_text=curator.say("添加文档", "Add documents")
            ).click()
        curator.page.set_input_files(
            "#f-files",
            {
                "name": "rhythm.md",
                "mimeType": "text/markdown",
                "buffer": GUIDELINE.format(title=title, word=word).encode(),
            },
        )
        curator.follow(curator.button("接收并读取", "Take in and read"))
        # When it was read, the text is shown as it was understood
        shelf = curator.page.url.removeprefix(curator.window.base)
        shows_what_came_of_it(curator)
        curator.reads(title, "6 mg")
        # And it is published
        curator.follow(curator.button("发布", "Publish"))
        curator.reads(curator.say("读者检索到此版本", "readers find this one"))
    with entering("physician", language) as doctor:
        # Then a physician finds the passage within seconds, marked as unreviewed
        for _ in range(30):
            doctor.open("/knowledge")
            doctor.page.fill("[name=q]", f"{word} adenosine 腺苷")
            doctor.follow(doctor.button("提问", "Ask"))
            if title in doctor.main.inner_text():
                break
            doctor.page.wait_for_timeout(300)
        doctor.reads(title, "6 mg", doctor.say("未审阅", "unreviewed"))
        doctor.reads(doctor.say("未使用语言模型", "no language model took part"))
        # And one click leads to the very words
        doctor.follow(doctor.link(title, title))
        assert doctor.page.locator("mark#quote").is_visible()
        # And what nothing supports is said to be unsupported
        doctor.open("/knowledge?q=zyxwv+qponm")
        doctor.reads(doctor.say("未找到依据", "No support found"))
    with entering("curator", language) as curator:
        # When it is withdrawn
        curator.open(shelf)
        curator.page.locator("summary", has_text=curator.say("撤回", "Withdraw")).click()
        curator.page.fill("[name=reason]", "The dose was written wrongly. 剂量有误。")
        curator.button("撤回", "Withdraw").click()
        curator.answers_yes("sure")
        curator.reads(curator.say("已撤回", "Withdrawn"))
    with entering("physician", language) as doctor:
        # Then nobody finds it any more
        doctor.open(f"/knowledge?q={word}")
        assert title not in doctor.main.inner_text()


@LANGUAGES
def test_a_page_stands_beside_its_text(entering: Enter, language: str) -> None:
    with entering("curator", language) as curator:
        curator.open("/knowledge/shelf")
        if curator.page.locator("#f-files").is_hidden():
            curator.page.locator(
                "summary", has_text=curator.say("添加文档", "Add documents")
            ).click()
        curator.page.set_input_files(
            "#f-files",
            {"name": "g.pdf", "mimeType": "application/pdf", "buffer": files.guideline()},
        )
        curator.follow(curator.button("接收并读取", "Take in and read"))
        shows_what_came_of_it(curator)
        curator.follow(curator.link("第 2 页", "Page 2"))
        image = curator.page.locator(".leaf img")
        image.scroll_into_view_if_needed()
        for _ in range(100):
            if image.evaluate("one => one.naturalWidth") > 500:
                break
            curator.page.wait_for_timeout(200)
        assert image.evaluate("one => one.naturalWidth") > 500, "the image of the page"
        curator.reads("body of page 2")


@LANGUAGES
def test_what_applies_to_a_patient(entering: Enter, furnished: Furnished, language: str) -> None:
    with entering("physician", language) as doctor:
        # Given a chart
        doctor.open("/charts")
        doctor.follow(doctor.main.locator("tbody th a").first)
        # When the physician asks what applies
        doctor.follow(doctor.link("适用于该患者的内容", "What applies to this patient"))
        # Then the page says from which facts it was asked, or that nothing was found
        doctor.reads(doctor.say("未使用语言模型", "No language model took part"))


def test_the_other_pages_of_the_curator(entering: Enter) -> None:
    for language in ("zh", "en"):
        with entering("curator", language) as curator:
            for path in ("questions", "feedback", "contradictions"):
                curator.open(f"/knowledge/shelf/{path}")
                assert curator.page.locator("[aria-current=page]").count() >= 1
