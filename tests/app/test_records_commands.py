"""A hospital trains its own reader and coder by one command each."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from countersign.app.cli import main
from countersign.rooms.records.inference import load_coder, load_judges


def test_a_reader_is_trained_from_lines(tmp_path: Path) -> None:
    lines = [
        {
            "dialogue": f"医生：有没有呕吐？\n患者：{said}，咳嗽两天",
            "symptoms": {"呕吐": mark, "咳嗽": "1"},
            "records": [{"主诉": "咳嗽2天", "诊断": "咳嗽"}],
        }
        for said, mark in (("有", "1"), ("没有", "0")) * 4
    ]
    data, out = tmp_path / "own.jsonl", tmp_path / "reader.npz"
    data.write_text("\n".join(json.dumps(one) for one in lines), "utf-8")
    done = CliRunner().invoke(main, ["records", "train", "--data", str(data), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "8 conversations" in done.output
    assert {"present", "status", "chief"} <= load_judges(out).keys()


def test_a_coder_is_taught_from_lines(tmp_path: Path) -> None:
    data, codes, out = tmp_path / "own.jsonl", tmp_path / "icd.csv", tmp_path / "coder.npz"
    codes.write_text("code,name\nI10,高血压\nE11,糖尿病\n", "utf-8")
    rows = [
        {"text": f"{name}{n}级", "names": [name]}
        for name in ("高血压", "糖尿病")
        for n in range(12)
    ]
    data.write_text("\n".join(json.dumps(one) for one in rows), "utf-8")
    given = [
        "records",
        "learn-codes",
        "--data",
        str(data),
        "--codes",
        str(codes),
        "--out",
        str(out),
    ]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 0, done.output
    assert load_coder(["高血压", "糖尿病"], out).propose("高血压3级")[0].name == "高血压"


def test_a_broken_line_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    data, out = tmp_path / "own.jsonl", tmp_path / "reader.npz"
    data.write_text('{"dialogue": "医生：你好"}\n{"words": 3}\n', "utf-8")
    done = CliRunner().invoke(main, ["records", "train", "--data", str(data), "--out", str(out)])
    assert done.exit_code == 1 and "Line 2 of own.jsonl" in done.output
    assert not out.exists()
