"""Whatever is written, reading holds to its promises: places inside, nothing twice, no failure."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.statements import statements
from countersign.ground.reasoning import Finding
from countersign.ground.reasoning.findings import Recogniser

PIECES = [one.text for one in statements()]
WORDS = [
    *(
        "无",
        "否认",
        "，",
        "、",
        "。",
        "?",
        "？",
        "医生：",
        "发热",
        "头",
        "痛",
        "如果",
        "父亲",
        "既往",
    ),
    *(
        "\n",
        "no ",
        "denies ",
        "fever",
        ", ",
        "-",
        "\ue000",
        "\ue001",
        "▪",
        "İ",
        "ß",
        "\ud800",
        "💊",
    ),
]
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from([*WORDS, *PIECES]), max_size=30).map("".join),
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), max_size=60).map("".join),
)
READING = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@READING
@given(text=TEXTS)
def test_places_lie_inside_and_none_over_another(text: str, reader: Recogniser) -> None:
    found = reader.read(text)
    end = 0
    for one in sorted(found, key=_start):
        assert one.place is not None
        assert end <= one.place.start < one.place.end <= len(text)
        assert text[one.place.start : one.place.end].strip()
        assert reader.label(one.term) is not None
        end = one.place.end
    assert tuple(sorted(found, key=_start)) == found
    assert reader.read(text) == found


@READING
@given(text=TEXTS)
def test_what_is_read_was_named(text: str, reader: Recogniser) -> None:
    named = {(one.term, one.place) for one in reader.named(text)}
    assert {(one.term, one.place) for one in reader.read(text)} <= named


def test_a_long_line_without_any_mark_is_read_in_time(reader: Recogniser) -> None:
    assert len(reader.read("发热" * 5000)) == 5000
    assert reader.read("无" * 5000 + "发热")
    assert reader.read("fever " * 3000)
    assert not reader.read("头" * 5000)
    assert not reader.read("有" * 5000)


def _start(finding: Finding) -> int:
    return finding.place.start if finding.place else -1
