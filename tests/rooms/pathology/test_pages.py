"""From the worklist to the signed figure in the chart, on a real house, without scripts."""

from __future__ import annotations

import json
from dataclasses import replace
from threading import Thread
from typing import Any

import numpy as np
import pypdfium2  # pyright: ignore[reportMissingTypeStubs]
import pytest

from benchmarks.viewer_stand import Stand, sheet
from countersign.ground.ledger import EventKind
from countersign.ground.signoff import REASONS, RiskClass
from countersign.ground.slides import WrongSlideState
from countersign.rooms.pathology.service.reporting import Reporting
from countersign.rooms.pathology.service.signing import Signing

from .pathologist import Bench, Session

SQUARE = [[0, 0], [256, 0], [256, 256], [0, 256]]


@pytest.fixture(scope="module")
def pathologist(desk: Bench) -> Session:
    return Session(desk.building, "pathologist")


def of(slide: str, name: str = "") -> str:
    return f"/pathology/slides/{slide}{name}"


def told(session: Session, slide: str) -> Any:
    return session.get(of(slide, "/told")).json()


def change(session: Session, slide: str, kind: str, value: Any, **more: Any) -> Any:
    body = {"run": told(session, slide)["run"], "kind": kind, "value": value, **more}
    return session.send(of(slide, "/corrections"), body)


def rows(given: Any) -> dict[str, str]:
    return {one["code"]: one["value"] for one in given["rows"]}


def shown(desk: Bench, slide: str) -> int:
    events = desk.building.events(f"slide:{slide}")
    return sum(one.kind == EventKind.SLIDE_SHOWN for one in events)


def test_what_needs_a_hand_comes_first(desk: Bench, pathologist: Session) -> None:
    ready = desk.ready()
    broken, nobodys = desk.add(b"no slide at all"), desk.add(sheet(90))
    assert (desk.work(broken).state, desk.work(nobodys).state) == ("damaged", "unmatched")
    page = pathologist.get("/pathology").text
    places = [page.index(of(one)) for one in (broken, nobodys, ready)]
    assert places == sorted(places)
    assert "Damaged file" in page and "No number was found" in page and "王小明" in page
    hand = pathologist.get("/pathology?view=hand").text
    assert of(broken) in hand and of(ready) not in hand
    part = pathologist.get("/pathology?stain=he", **{"hx-request": "true"}).text
    assert "<html" not in part and "No slide here" in part
    assert "damaged or incomplete" in page or "no slide or picture" in page
    assert "data-slide" not in pathologist.get(of(broken)).text


def test_the_worklist_is_searched_and_says_so_where_nothing_is_found(
    desk: Bench, pathologist: Session
) -> None:
    slide = desk.ready()
    found = pathologist.get("/pathology?q=S26-01234").text
    assert of(slide) in found and 'value="S26-01234"' in found
    asked = "/pathology?q=S99-99999&view=signed"
    nothing = pathologist.get(asked).text
    assert "Nothing found for this name or number" in nothing and "Clear the filter" in nothing
    assert 'href="/pathology?view=ready&amp;q=S99-99999"' in nothing, "filters keep what is sought"
    chinese = pathologist.get(asked, **{"accept-language": "zh"}).text
    assert "未找到该姓名或编号" in chinese and "清除筛选" in chinese
    oldest = pathologist.get("/pathology?before=1&view=ready").text
    assert "There are no older slides" in oldest and "Newest slides" in oldest
    pathologist.get("/pathology?before=0", 422)


def test_a_blurred_slide_stands_first_with_what_mends_it(desk: Bench, pathologist: Session) -> None:
    blurred, sharp = desk.ready("er"), desk.ready()
    page = pathologist.get("/pathology?view=ready").text
    assert page.index(of(blurred)) < page.index(of(sharp))
    row = page[page.index(of(blurred)) : page.index(of(sharp))]
    assert "Scan again" in row and "out of focus" in row
    own = pathologist.get(of(blurred)).text
    assert "<strong>Scan again</strong>" in own and "out of focus" in own
    assert "Scan again" not in page[page.index(of(sharp)) :]
    control = pathologist.get("/pathology/control").text
    assert "Sharpness" in control and "Share out of focus" in control


def test_a_slide_of_nobody_is_matched_by_hand(desk: Bench, pathologist: Session) -> None:
    slide = desk.add(sheet(91))
    desk.work(slide)
    page = pathologist.get(of(slide, "?who=王小明")).text
    assert "Whose slide is it?" in page and 'value="p1"' in page
    assert pathologist.get(of(slide, "?who=nobody-at-all")).text.count("Nobody of this name")
    refused = pathologist.post(of(slide), 422, do="match", patient="p1", stain="blue").text
    assert "Choose the stain from the list" in refused
    pathologist.post(of(slide), do="match", patient="p1", stain="ki67", accession="S1", block="B2")
    assert desk.work(slide).state == "ready"
    assert "S1 B2" in pathologist.get(of(slide)).text


def test_a_wrong_match_is_corrected_and_measured_anew(desk: Bench, pathologist: Session) -> None:
    slide = desk.ready()
    body = {"run": told(pathologist, slide)["run"], "kind": "threshold", "value": {"value": 0.3}}
    pathologist.send(of(slide, "/corrections"), body)
    page = pathologist.get(of(slide)).text
    assert "Wrong patient, specimen or stain?" in page and "confirm-match" in page
    # What was corrected is not thrown away without a question
    assert "The corrections of this result are left behind" in page and "confirm-again" in page
    pathologist.post(of(slide), do="match", patient="p1", stain="er", accession="S2", block="C3")
    assert desk.one(slide).state == "queued"
    # Its page follows by itself, without another receipt, and loads itself again once it is ready
    before = shown(desk, slide)
    assert "waits for its turn" in pathologist.get(of(slide, "/state")).text
    desk.work(slide)
    answer = pathologist.client.get(of(slide, "/state"))
    assert (answer.status_code, answer.headers["hx-refresh"]) == (204, "true")
    assert shown(desk, slide) == before
    assert "S2 C3" in pathologist.get(of(slide)).text
    # What was laid aside under a wrong stain is looked at again too
    pathologist.post(of(slide), do="aside")
    pathologist.post(of(slide), do="match", patient="p1", stain="ki67", accession="S2", block="C3")
    assert desk.one(slide).state == "queued" and desk.work(slide).state == "ready"


def test_an_upload_goes_on_where_it_broke(desk: Bench, pathologist: Session) -> None:
    content = sheet(92)
    upload = pathologist.send("/pathology/uploads", {"size": len(content)})["upload"]
    address = f"/pathology/uploads/{upload}"
    assert pathologist.send(f"{address}?offset=0", content[:1000])["end"] == 1000
    broken = pathologist.send(f"{address}?offset=0", content[1000:], 409)
    assert (
        broken["error"]["code"] == "slides.upload_broken" and "1000" in broken["error"]["message"]
    )
    assert pathologist.send(f"{address}?offset=1000", content[1000:])["end"] == len(content)
    hints = {"name": "x.png", "accession": "S26-01234", "stain": "ki67"}
    done = pathologist.send(f"{address}/done", hints)
    assert done["new"] and desk.work(done["slide"]).state == "ready"
    pathologist.send("/pathology/uploads", {"size": "many"}, 422)


def test_a_mirax_file_without_its_folder_is_told_how_it_comes(pathologist: Session) -> None:
    assert "choose the folder in which they lie" in pathologist.get("/pathology").text
    upload = pathologist.send("/pathology/uploads", {"size": 5})["upload"]
    address = f"/pathology/uploads/{upload}"
    pathologist.send(f"{address}?offset=0", b"index")
    refused = pathologist.send(f"{address}/done", {"name": "S26-01234_A1_HE.mrxs"}, 422)
    assert refused["error"]["code"] == "slides.unfit_package"
    assert "Choose the folder in which both lie" in refused["error"]["message"]


def test_a_folder_is_handed_in_as_one_slide(desk: Bench, pathologist: Session) -> None:
    upload = pathologist.send("/pathology/uploads", {"size": 10})["upload"]
    address = f"/pathology/uploads/{upload}"
    pathologist.send(f"{address}?offset=0", b"indextiles")
    given = {"name": "a.mrxs", "parts": [["scan/a.mrxs", 5], ["scan/b.dat", 5]]}
    refused = pathologist.send(f"{address}/done", given, 422)
    assert refused["error"]["code"] == "slides.unfit_folder"
    pathologist.send(f"{address}/done", {"name": "a.mrxs", "parts": [["a", "5"]]}, 422)
    given["parts"] = [["scan/a.mrxs", 5], ["scan/a/Data0.dat", 5]]
    done = pathologist.send(f"{address}/done", given)
    assert done["new"]
    row = pathologist.get("/pathology").text
    assert "a.mrxs" in row, "the worklist says how a slide of nobody's was called"


def test_the_viewer_is_told_everything_it_draws(desk: Bench, pathologist: Session) -> None:
    slide = desk.ready()
    given = told(pathologist, slide)
    assert (given["width"], given["height"]) == (512, 384)
    assert {one["kind"] for one in given["regions"]} == {"tissue", "fold", "tumour"}
    assert given["rules"] == {"positive": 0.2, "grades": [0.2, 0.4, 0.6], "tumourFrom": 0.5}
    raw = pathologist.get(of(slide, "/nuclei")).content
    assert raw[:4] == b"CSN1"
    start = 8 + int.from_bytes(raw[4:8], "little")
    count = json.loads(raw[8:start])["count"]
    assert count == 768 and len(raw) == start + 21 * count
    assert np.frombuffer(raw, "<f4", count, start)[0] == 8
    last = len(given["levels"]) - 1
    tile = pathologist.get(of(slide, f"/tiles/{last}/0/0"))
    assert tile.content[:2] == b"\xff\xd8" and "private" in tile.headers["cache-control"]
    pathologist.get(of(slide, f"/tiles/{last}/99/0"), 404)


def test_the_figure_follows_each_correction_and_back(desk: Bench, pathologist: Session) -> None:
    slide = desk.ready()
    assert list(rows(told(pathologist, slide)))[:2] == ["ki67", "hotspot"]
    first = told(pathologist, slide)["figures"]
    assert (first["total"], first["positive"], first["share"]) == (744, 192, 192 / 744)
    assert 0 < first["low"] < first["share"] < first["high"] < 1
    raised = change(pathologist, slide, "threshold", {"value": 0.5})
    assert raised["figures"]["positive"] < 192 and raised["figures"]["total"] == 744
    region = {"kind": "tumour", "name": "Nest", "outline": SQUARE, "holes": []}
    drawn = change(pathologist, slide, "region", region)
    assert drawn["figures"]["total"] == 256 and "hotspot" not in rows(drawn)
    assert any("No field holds 500" in one for one in drawn["limits"])
    flipped = change(pathologist, slide, "nuclei", {"indices": [1], "positive": True})
    assert flipped["figures"]["positive"] == drawn["figures"]["positive"] + 1
    page = pathologist.get(of(slide)).text
    assert "Fewer than 500" in page and "Only 256 tumour nuclei" in page
    back = change(pathologist, slide, "undo", {}, undoes=drawn["number"])
    assert back["figures"]["total"] == 744 and int(rows(back)["hotspot-total"]) >= 500
    assert [one["kind"] for one in told(pathologist, slide)["corrections"]] == [
        "threshold",
        "nuclei",
    ]
    change_twice = {"run": told(pathologist, slide)["run"], "kind": "undo", "value": {}}
    undone = {**change_twice, "undoes": drawn["number"]}
    assert pathologist.send(of(slide, "/corrections"), undone, 409)["error"]
    stale = {"run": "another", "kind": "threshold", "value": {"value": 0.3}}
    assert pathologist.send(of(slide, "/corrections"), stale, 409)["error"]
    bad = {**stale, "run": told(pathologist, slide)["run"], "value": {"value": "high"}}
    assert pathologist.send(of(slide, "/corrections"), bad, 422)["error"]


def test_a_hotspot_drawn_by_hand_stands_above_the_programs(
    desk: Bench, pathologist: Session
) -> None:
    slide = desk.ready()
    before = rows(told(pathologist, slide))
    corner = [[0, 0], [128, 0], [128, 128], [0, 128]]
    region = {"kind": "hotspot", "name": "", "outline": corner, "holes": []}
    drawn = change(pathologist, slide, "region", region)
    assert rows(drawn)["hotspot-total"] == "64" and rows(drawn)["ki67"] == before["ki67"]
    assert any("Only 64 tumour nuclei lie in the hotspot" in one for one in drawn["limits"])
    names = [
        one["properties"]["classification"]["name"]
        for one in pathologist.get(of(slide, "/regions.geojson")).json()["features"]
    ]
    assert names.count("Hotspot") == 1
    raised = change(pathologist, slide, "threshold", {"value": 0.5})
    assert rows(raised)["hotspot"] != rows(drawn)["hotspot"]


def test_signed_it_stands_in_the_chart_with_its_code(desk: Bench, pathologist: Session) -> None:
    slide = desk.ready()
    change(pathologist, slide, "nuclei", {"indices": [1], "positive": True})
    answer = pathologist.post(of(slide), do="propose")
    draft = str(answer.url).rpartition("/")[2]
    assert desk.one(slide).state == "draft" and desk.one(slide).code == draft
    assert "Ki-67 index: 25.9 %" in answer.text and "1 corrections by a pathologist" in answer.text
    assert f'href="/pathology/slides/{slide}#at=' in answer.text
    assert told(pathologist, slide)["save"] is None
    late = {"run": told(pathologist, slide)["run"], "kind": "threshold", "value": {"value": 0.9}}
    pathologist.send(of(slide, "/corrections"), late, 409)  # what is signed is what stands in it
    pathologist.post(of(slide), 409, do="propose")
    desk.building.decide("pathologist", draft, "accept")
    page = pathologist.get(of(slide)).text
    assert desk.one(slide).state == "signed" and "See the signed answer" in page
    assert (
        f'href="/pathology/slides/{slide}">The slide itself' in pathologist.get("/charts/p1").text
    )
    reader = desk.building.floor.chart.reader(desk.building.who("pathologist"))
    chart = reader.open("p1")
    reports = [
        one.resource for one in chart.versions if one.resource["resourceType"] == "DiagnosticReport"
    ]
    report = reports[-1]
    assert report["code"]["coding"][0]["code"] == "60568-3"
    assert report["specimen"] == [{"reference": "Specimen/sp-p1"}]
    assert [one["link"]["identifier"]["value"] for one in report["media"]] == [slide]
    results = {one["reference"] for one in report["result"]}
    written = {
        f"Observation/{one.resource['id']}": one.resource
        for one in chart.versions
        if one.resource["resourceType"] == "Observation"
    }
    assert results <= set(written) and len(results) == 6
    index = next(
        one
        for name, one in written.items()
        if name in results and one["code"].get("coding", [{}])[0].get("code") == "29593-1"
    )
    assert float(index["valueQuantity"]["value"]) == 25.94
    heading = pathologist.get(of(slide, "/print")).text
    assert "Draft. Nobody has signed" not in heading and "pathologist" in heading


def test_in_own_words_it_is_still_of_its_slide_and_specimen(
    desk: Bench, pathologist: Session
) -> None:
    slide = desk.ready()
    draft = str(pathologist.post(of(slide), do="propose").url).rpartition("/")[2]
    desk.building.decide("pathologist", draft, "amend", text="About a quarter.")
    chart = desk.building.floor.chart.reader(desk.building.who("pathologist")).open("p1")
    own = [one.resource for one in chart.versions if "About a quarter." in str(one.resource)]
    reports = [one for one in own if one["resourceType"] == "DiagnosticReport"]
    assert [one["link"]["identifier"]["value"] for one in reports[-1]["media"]] == [slide]
    results = [one for one in own if one["resourceType"] == "Observation"]
    assert reports[-1]["specimen"] == [{"reference": "Specimen/sp-p1"}] and results
    assert all(one["specimen"] == {"reference": "Specimen/sp-p1"} for one in results)


def test_a_rejected_draft_is_open_again(desk: Bench, pathologist: Session) -> None:
    slide = desk.ready()
    pathologist.post(of(slide), do="propose")
    code = desk.one(slide).code
    desk.building.decide(
        "pathologist", code, "reject", reason=next(iter(REASONS)), comment="Look again"
    )
    assert told(pathologist, slide)  # the page below settles it
    assert "Hand over for signing" in pathologist.get(of(slide)).text
    assert desk.one(slide).state == "ready"
    again = str(pathologist.post(of(slide), do="propose").url).rpartition("/")[2]
    assert again != code


def test_a_correction_during_the_handing_over_is_refused_or_in_the_draft(
    desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    slide, floor = desk.ready(), desk.building.floor
    who, reporting, said = desk.building.who("pathologist"), Reporting(floor), list[str]()
    reporting.results.correct(who, slide, "threshold", {"value": 0.4})
    propose = floor.signoff.proposals.propose

    def correct() -> None:
        try:
            reporting.results.correct(who, slide, "threshold", {"value": 0.9})
            said.append("taken")
        except WrongSlideState:
            said.append("refused")

    def proposed(*given: Any, **more: Any) -> str | None:
        """The draft was computed; now somebody corrects."""
        late.start()
        waits = "select from pg_locks where locktype = 'advisory' and not granted"
        while late.is_alive() and not desk.building.rows(waits):
            late.join(0.01)
        return propose(*given, **more)

    late = Thread(target=correct)
    monkeypatch.setattr(floor.signoff.proposals, "propose", proposed)
    made = Signing(floor, reporting).propose(who, slide)
    late.join()
    held = desk.building.open("pathologist", made).draft.explanation
    standing = reporting.internal(slide)
    assert said == ["refused"] and standing.made.threshold == 0.4
    assert f"corrections:{slide}@{standing.corrections[-1].number}" in held.inputs


def test_two_methods_that_disagree_ask_for_two_signatures(
    desk: Bench, pathologist: Session
) -> None:
    slide = desk.ready("pr")
    assert "Two methods give different answers" in pathologist.get(of(slide)).text
    pathologist.post(of(slide), do="propose")
    opened = desk.building.open("pathologist", desk.one(slide).code)
    assert opened.draft.head.risk is RiskClass.HIGH
    assert "60.0 %" in opened.draft.explanation.alternatives[0].en
    assert "disagree on the Ki-67 index" in opened.draft.explanation.limits[0].en


def test_two_counts_that_disagree_are_told_where_somebody_looks_and_signs(
    desk: Bench, pathologist: Session
) -> None:
    slide = desk.ready("her2")
    said = {
        "en": "Two methods disagree on how many nuclei lie in 6 places: 1,500 and 900.",
        "zh": "两种方法所得 6 处的细胞核数不一致：1,500 与 900，需第二签署。",
    }
    for language, words in said.items():
        page = pathologist.get(of(slide), **{"accept-language": language}).text
        assert words in page.partition("data-limits")[0], "the notice"
        assert words in page.partition("data-limits")[2], "the limits"
        assert words in pathologist.get(of(slide, "/print"), **{"accept-language": language}).text
    pathologist.post(of(slide), do="propose")
    draft = desk.building.open("pathologist", desk.one(slide).code).draft
    assert draft.head.risk is RiskClass.HIGH
    assert said["en"] in draft.explanation.limits[0].en
    assert said["en"] in draft.body.text.en and said["zh"] in draft.body.text.zh
    tils, nuclei = (one.en for one in draft.explanation.alternatives)
    assert "12.5 %" in tils and "14.0 %" in tils and "1,500" in nuclei and "900" in nuclei
    assert not any("TIL" in one.en for one in draft.explanation.limits)


@pytest.mark.parametrize(("language", "word"), [("en", "Limits"), ("zh", "局限")])
def test_the_report_has_figures_pictures_and_limits(
    desk: Bench, pathologist: Session, language: str, word: str
) -> None:
    slide = desk.ready()
    raw = pathologist.get(of(slide, "/report.pdf"), **{"accept-language": language}).content
    document: Any = pypdfium2.PdfDocument(raw)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    pictures = [one for page in document for one in page.get_objects() if one.type == 3]
    author = document.get_metadata_dict()["Author"]
    document.close()
    assert author in ("Demonstration Hospital", "演示医院")
    assert "25.8 %" in text and word in text and "S26-01234 A1" in text
    assert ("DRAFT" in text) is (language == "en") and len(pictures) == 2
    assert ("negative" if language == "en" else "阴性") in text, "what the colours stand for"


def test_what_is_printed_from_the_browser_has_the_pictures_too(
    desk: Bench, pathologist: Session
) -> None:
    page = pathologist.get(of(desk.ready(), "/print")).text
    assert page.count('<image href="data:image/jpeg;base64,') == 2
    assert page.count("<circle") > 700 and page.count("<polygon") >= 2 and "1+" in page


def test_qupath_gets_regions_and_every_nucleus(desk: Bench, pathologist: Session) -> None:
    slide = desk.ready()
    region = {"kind": "tumour", "name": "Nest", "outline": SQUARE, "holes": []}
    change(pathologist, slide, "region", region)
    answer = pathologist.get(of(slide, "/regions.geojson"))
    names = [one["properties"]["classification"]["name"] for one in answer.json()["features"]]
    assert names == ["Tumor"]  # the program's gave way to the drawn one, which holds no hotspot
    assert "王" not in answer.text and "slide-" in answer.headers["content-disposition"]
    every = pathologist.get(of(slide, "/nuclei.geojson")).json()["features"]
    cells = [one for one in every if one["properties"]["objectType"] == "detection"]
    assert len(cells) == 768


def test_who_may_not_sees_nothing(desk: Bench) -> None:
    slide = desk.ready()
    nurse = Session(desk.building, "nurse")
    for name in (
        "",
        "/told",
        "/nuclei",
        "/tiles/0/0/0",
        "/report.pdf",
        "/regions.geojson",
        "/label",
    ):
        nurse.get(of(slide, name), 403)
    stranger = Session(desk.building, "stranger")
    assert stranger.client.get(of(slide)).status_code in (403, 404)
    doctor = Session(desk.building, "wang")
    page = doctor.get(of(slide)).text
    assert "Hand over for signing" not in page and "Label" not in page
    assert told(doctor, slide)["save"] is None
    doctor.get(of(slide, "/label"), 403)
    # Nobody is led to a page that is refused, or to a form for those who handle slides
    assert "/pathology/control" not in doctor.get("/pathology").text
    assert "Wrong patient" not in page
    doctor.post(of(slide), 403, do="propose")
    body = {"run": told(doctor, slide)["run"], "kind": "threshold", "value": {"value": 0.3}}
    doctor.send(of(slide, "/corrections"), body, 403)


def test_each_looking_leaves_a_receipt(desk: Bench, pathologist: Session) -> None:
    slide = desk.ready()
    for name in ("", "/told", "/nuclei", "/regions.geojson", "/label"):
        before = shown(desk, slide)
        pathologist.get(of(slide, name), 404 if name == "/label" else 200)
        assert shown(desk, slide) > before, name


def test_a_receipt_says_what_left_as_a_file(desk: Bench, pathologist: Session) -> None:
    slide = desk.ready()
    for name, leaves in (
        ("/report.pdf", "report-pdf"),
        ("/print", "report-print"),
        ("/regions.geojson", "regions-geojson"),
        ("/nuclei.geojson", "nuclei-geojson"),
    ):
        pathologist.get(of(slide, name))
        said = [one.detail for one in desk.building.events(f"slide:{slide}")]
        assert any(detail.get("leaves") == leaves for detail in said), name


def test_nothing_is_signed_of_what_has_no_card(
    desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from countersign.rooms.pathology.service import signing

    monkeypatch.setattr(Stand, "version", "9.0.0")
    slide = desk.ready()
    room = Signing(desk.building.floor, Reporting(desk.building.floor))
    with pytest.raises(signing.NoCard):
        room.propose(desk.building.who("pathologist"), slide)
    assert desk.one(slide).state == "ready"


def test_while_ai_is_stopped_nothing_is_handed_over(desk: Bench, pathologist: Session) -> None:
    slide = desk.ready()
    switch = desk.building.floor.switch
    officer = desk.building.who("admin")
    switch.stop(officer, "a test")
    try:
        pathologist.post(of(slide), 503, do="propose")
    finally:
        switch.resume(officer, "the test is over")
    assert desk.one(slide).state == "ready"
    assert replace(desk).made == desk.made
