"""Answers kept in memory and in a file that may be cut short, foreign or out of reach."""

from pathlib import Path

import pytest

from interop.terminology import answers
from interop.terminology.answers import FIRST, Answer, Answers, Question

ASKED = Question("https://t.example/fhir", "http://snomed.info/sct", "73211009", "http://x/vs")
YES = Answer(True, at=1000.0, display="Diabetes mellitus")


def other(code: str) -> Question:
    return Question(ASKED.server, ASKED.system, code)


def test_an_answer_outlives_the_process(tmp_path: Path):
    Answers(tmp_path / "new" / "answers").keep(ASKED, YES)
    assert Answers(tmp_path / "new" / "answers").find(ASKED, 1001) == YES


@pytest.mark.parametrize("field", ["server", "system", "code", "value_set"])
def test_each_part_of_the_question_counts(field: str):
    kept = Answers()
    kept.keep(ASKED, YES)
    parts = {name: getattr(ASKED, name) for name in ("server", "system", "code", "value_set")}
    assert kept.find(Question(**parts | {field: "another"}), 1001) is None


@pytest.mark.parametrize(
    ("holds", "age", "good"),
    [(True, 99, True), (True, 101, False), (False, 99, True), (None, 9, True), (None, 11, False), (True, -1, False)],
)
def test_answers_grow_old_and_doubts_sooner(holds: bool | None, age: float, good: bool):
    kept = Answers(lasting=100, doubting=10)
    kept.keep(ASKED, Answer(holds, at=1000))
    assert (kept.find(ASKED, 1000 + age) is not None) is good


def test_a_doubt_is_not_written(tmp_path: Path):
    file = tmp_path / "answers"
    Answers(file).keep(ASKED, Answer(None, at=1000))
    assert not file.exists()


def test_a_file_cut_at_any_byte_loses_one_answer_at_most(tmp_path: Path):
    file = tmp_path / "answers"
    whole = Answers(file)
    for code in "abc":
        whole.keep(other(code), YES)
    data = file.read_bytes()
    for end in range(len(data)):
        file.write_bytes(data[:end])
        kept = Answers(file)
        before = [c for c in "abc" if kept.find(other(c), 1001) == YES]
        assert before == list("abc")[: len(before)]
        kept.keep(other("new"), YES)
        again = Answers(file)
        assert [c for c in "abc" if again.find(other(c), 1001)] == before
        assert again.find(other("new"), 1001) == YES


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"7", b"{}", b'[["a"], [true]]', b'[["a","b","c",4],[true,1,"","",false]]', b"\xff\xfe"]
)
def test_a_line_of_another_shape_is_passed_over(tmp_path: Path, line: bytes):
    file = tmp_path / "answers"
    Answers(file).keep(ASKED, YES)
    file.write_bytes(file.read_bytes() + b"\n" + line)
    assert Answers(file).find(ASKED, 1001) == YES


def test_another_programs_file_is_left_alone(tmp_path: Path):
    file = tmp_path / "interop.toml"
    file.write_bytes(b"[node]\nname = 'x'\n")
    kept = Answers(file)
    kept.keep(ASKED, YES)
    assert kept.find(ASKED, 1001) == YES
    assert file.read_bytes() == b"[node]\nname = 'x'\n"


def test_a_place_that_cannot_be_written_costs_only_the_file(tmp_path: Path):
    (tmp_path / "taken").write_bytes(b"")
    kept = Answers(tmp_path / "taken" / "answers")
    kept.keep(ASKED, YES)
    assert kept.find(ASKED, 1001) == YES


def test_a_file_that_grew_too_long_keeps_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(answers, "MOST", 10)
    file = tmp_path / "answers"
    kept = Answers(file)
    for number in range(25):
        kept.keep(other(str(number)), YES)
    again = Answers(file)
    assert again.find(other("24"), 1001) == YES
    assert again.find(other("0"), 1001) is None
    assert len(file.read_bytes().split(b"\n")) == 6
    assert [p.name for p in tmp_path.iterdir()] == ["answers"]


def test_two_writers_at_once_keep_each_others_answers(tmp_path: Path):
    file = tmp_path / "answers"
    left, right = Answers(file), Answers(file)
    for number in range(20):
        (left if number % 2 else right).keep(other(str(number)), YES)
    assert all(Answers(file).find(other(str(n)), 1001) for n in range(20))
    assert file.read_bytes().count(FIRST) == 1
