"""Records as they leave: worded before one's eyes, as PDF/A, as CDA; and what nurses may sign."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.doorway import without_chance
from building import Building
from countersign.app.house import register_models
from countersign.ground.db import Database
from countersign.ground.models import Gateway, Work
from countersign.rooms.records.domain.unfolding import Unfolding
from countersign.rooms.records.service.paper import NoSign, archived
from llm.connected import assigned, connected
from llm.server import FaultServer, fault_server
from rooms.records.test_pages import Browser, base, child, section

NS = {"c": "urn:hl7-org:v3"}
LINES = "咳嗽 发热\n否认呕吐"


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("home"))
    assert register_models(made.house) == []
    child(made, "p1")
    child(made, "p2")
    yield made
    made.close()


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with fault_server(models=["clerk", "clerk-breaks"]) as one:
        yield one


@pytest.fixture(scope="module")
def gateway(building: Building, server: FaultServer) -> Iterator[Gateway]:
    with connected(building, server.address, "clerk", Work.RECORD) as one:
        yield one


@pytest.fixture
def worded(building: Building, gateway: Gateway, request: pytest.FixtureRequest) -> Iterator[None]:
    before = building.floor
    assigned(building, gateway, request.param, Work.RECORD)
    building.floor = replace(before, gateway=gateway)
    yield
    building.floor = before


@pytest.mark.parametrize("worded", ["clerk"], indirect=True)
def test_sentences_come_one_by_one_each_after_its_check(building: Building, worded: None) -> None:
    doctor = Browser(building, "wang")
    record = doctor.begin()
    page = doctor.post(f"/records/{record}", base="1", lines=LINES, do="draft")
    shown = re.findall(r"<strong>(?:现病史|History of present illness)</strong> ([^<]*)</p>", page)
    assert "咳嗽" in shown and "无呕吐" in shown
    assert "39.9" not in without_chance(page) and "头孢" not in page
    assert "kept as version" in page and "clerk" in page
    kept = doctor.get(f"/records/{record}")
    assert "无呕吐" in section(kept, "present") and "39.9" not in without_chance(kept)


@pytest.mark.parametrize("worded", ["clerk-breaks"], indirect=True)
def test_where_the_model_breaks_off_the_templates_stand(building: Building, worded: None) -> None:
    doctor = Browser(building, "wang")
    record = doctor.begin()
    page = doctor.post(f"/records/{record}", base="1", lines=LINES, do="draft")
    assert "no language model takes part" in page
    assert "出现咳嗽" in section(doctor.get(f"/records/{record}"), "present")


@given(st.lists(st.integers(1, 9), max_size=60), st.lists(st.text(max_size=8), max_size=5))
def test_sentences_unfold_the_same_however_they_are_cut(cuts: list[int], texts: list[str]) -> None:
    import json

    said = [{"text": text, "facts": [n]} for n, text in enumerate(texts)]
    whole = json.dumps({"sentences": said}, ensure_ascii=False)
    unfolding, found, place = Unfolding(), [], 0
    for cut in [*cuts, len(whole)]:
        found += unfolding.feed(whole[place : place + cut])
        place += cut
    assert found == said
    assert Unfolding().feed("no JSON at all [{") == []


def signed(building: Building, who: str = "wang", kind: str = "outpatient", **parts: str) -> str:
    browser = Browser(building, who)
    record = browser.begin(kind)
    page = browser.post(f"/records/{record}", base="1", **parts, do="save")
    page = browser.post(f"/records/{record}", base=base(page), do="propose")
    draft = re.search(r"/inbox/([0-9a-f-]{36})/decision", page)
    assert draft is not None
    building.open(who, draft[1])
    browser.post(f"/inbox/{draft[1]}/decision", choice="accept")
    return record


def test_a_signed_record_leaves_as_a_coded_cda_document(building: Building) -> None:
    doctor = Browser(building, "wang")
    unsigned = doctor.begin()
    doctor.get(f"/records/{unsigned}/cda", 409)
    record = signed(building, **{"section:chief": "咳嗽3天<&>", "section:plan": "多饮水"})
    answer = doctor.client.get(f"/records/{record}/cda")
    assert answer.headers["content-type"].startswith("application/xml")
    root = etree.fromstring(answer.content)
    order = [etree.QName(one).localname for one in root]
    assert order == [
        "typeId", "id", "code", "title", "effectiveTime", "confidentialityCode", "languageCode",
        "recordTarget", "author", "custodian", "legalAuthenticator", "component",
    ]  # fmt: skip
    sections = root.findall(".//c:section", NS)
    codes = [one.find("c:code", NS).get("code") for one in sections]
    assert codes == ["10154-3", "18776-5"]
    assert sections[0].findtext("c:text/c:paragraph", namespaces=NS) == "咳嗽3天<&>"
    assert root.findtext(".//c:legalAuthenticator//c:name", namespaces=NS)
    assert root.find(".//c:legalAuthenticator/c:signatureCode", NS).get("code") == "S"
    building.who("stranger")
    assert Browser(building, "stranger").client.get(f"/records/{record}/cda").status_code in (
        403, 404,
    )  # fmt: skip


def test_what_was_signed_is_what_is_printed(building: Building) -> None:
    """Somebody may write on after the signature: the paper says what was signed, and by whom."""
    doctor = Browser(building, "wang")
    record = signed(building, **{"section:chief": "咳嗽3天", "section:plan": "多饮水"})
    page = doctor.get(f"/records/{record}")
    assert "The chart has it as it was signed" in page and "handed over for signing" not in page
    doctor.post(f"/records/{record}", base=base(page), **{"section:plan": "住院"}, do="save")
    paper = doctor.get(f"/records/{record}/print")
    assert "多饮水" in paper and "住院" not in paper and "签署于" in paper
    assert "as it is being written" not in paper
    unsigned = doctor.begin()
    assert "as it is being written" in doctor.get(f"/records/{unsigned}/print")


def test_a_record_leaves_as_pdf_a_with_all_its_fonts(building: Building) -> None:
    record = signed(building, **{"section:chief": "咳嗽3天，体温38.5℃，α受体 ≤ 2 μg"})
    answer = Browser(building, "wang").client.get(f"/records/{record}/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    with pikepdf.open(BytesIO(answer.content)) as pdf:
        assert pdf.check_pdf_syntax() == []  # qpdf, which nobody here wrote
        assert pdf.open_metadata().pdfa_status == "2B"
        (intent,) = pdf.Root.OutputIntents
        assert (
            intent.S == "/GTS_PDFA1"
            and bytes(intent.DestOutputProfile.read_bytes())[36:40] == b"acsp"
        )
        assert "/ID" in pdf.trailer and "/Encrypt" not in pdf.trailer
        for page in pdf.pages:
            fonts = page.Resources.Font.values()
            assert all("/FontFile2" in one.FontDescriptor and "/ToUnicode" in one for one in fonts)
        assert not {"/JavaScript", "/AA", "/OpenAction"} & set(pdf.Root.keys())
    text = _text(answer.content)
    assert "咳嗽3天" in text and "α受体" in text and "签署于" in text
    unsigned = Browser(building, "wang").begin()
    draft = Browser(building, "wang").client.get(f"/records/{unsigned}/pdf").content
    assert "尚无人签署" in _text(draft)


def _text(content: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    return "".join(page.get_textpage().get_text_range() for page in document)


def test_a_sign_without_a_shape_is_named_and_the_same_input_gives_the_same_bytes() -> None:
    at = datetime(2026, 11, 26, 9, tzinfo=UTC)
    one, two = (archived("病历", "甲", [("主诉", "发热")], "脚", "zh", at) for _ in range(2))
    assert one == two
    with pytest.raises(NoSign, match=r"U\+1F600"):
        archived("病历", "甲", [("主诉", "😀")], "脚", "zh", at)


def test_a_nurse_writes_and_signs_nursing_records_and_no_other(building: Building) -> None:
    nurse = Browser(building, "nurse")
    page = nurse.get("/records/of/p1")
    assert "Nursing record" in page and "Outpatient record" not in page
    record = signed(building, "nurse", "nursing", **{"section:observed": "患儿入睡，呼吸平稳"})
    assert nurse.get(f"/records/{record}")
    nurse.post("/records/of/p1", 403, kind="outpatient", language="zh")
    other = Browser(building, "wang").begin()
    nurse.get(f"/records/{other}", 403)


def test_phrases_that_one_signed_for_two_patients_are_offered_for_a_third(
    building: Building,
) -> None:
    li = Browser(building, "li")
    for patient, more in (("p1", "袜子是红色的"), ("p2", "门窗关好了")):
        record = _begin(li, patient)
        text = f"咽部轻度充血无渗出，{more}"
        page = li.post(f"/records/{record}", base="1", **{"section:exam": text}, do="save")
        page = li.post(f"/records/{record}", base=base(page), do="propose")
        draft = re.search(r"/inbox/([0-9a-f-]{36})/decision", page)
        assert draft is not None
        building.open("li", draft[1])
        li.post(f"/inbox/{draft[1]}/decision", choice="accept")
    child(building, "p3")
    record = _begin(Browser(building, "li"), "p3")
    fresh = Browser(building, "li")
    assert "咽部轻度充血无渗出" in fresh.get(f"/records/{record}/phrases?typed=咽部")
    assert "袜子" not in fresh.get(f"/records/{record}/phrases?typed=袜子")


def _begin(browser: Browser, patient: str) -> str:
    from rooms.records.test_pages import token

    form = {"csrf": token(browser.get("/help")), "kind": "outpatient", "language": "zh"}
    answer = browser.client.post(f"/records/of/{patient}", data=form)
    return str(answer.url).rpartition("/")[2]


def test_below_every_program_a_nurse_signs_nothing_but_nursing_records(building: Building) -> None:
    with pytest.raises(Exception, match="draft_signer_kinds_check"):
        building.rows(
            "insert into signoff.draft select (jsonb_populate_record(d, jsonb_build_object("
            "'id', 'other', 'kind', 'outpatient', 'fingerprint', 1))).* from signoff.draft d"
            " where d.kind = 'nursing' limit 1 returning id"
        )
