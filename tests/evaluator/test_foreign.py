"""Foreign transcripts: every form read, found out by itself, and refused with its place."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.events import AgreementReached
from app.domain.table import fold
from app.errors import CaseError
from app.evaluator.extraction import Extraction, extract
from app.evaluator.foreign.chat import read_chat
from app.evaluator.foreign.reading import FORMATS, read_transcripts, sniff
from app.evaluator.foreign.records import talk_of
from app.evaluator.logs import LogHead, ScoreFiles, write_eval, write_scores
from app.evaluator.scorers import card
from app.evaluator.sketch import Sketch, sketch
from app.evaluator.transcript import Transcript, Unscored, legible, numbered
from app.eventlog.record import write_record
from app.library import load_case
from tests.quay import gold, quay
from tests.tables import run_table

SAID = [("Harbour", "We propose the north berth."), ("Town", "We accept."), ("Fleet", "Agreed.")]
HEAD = LogHead(
    task="parley_talks", run="r1", created="2024-12-02T10:00:00+00:00", version="0", seed=3
)


def messages(with_names: bool) -> str:
    rows = [
        {"role": "assistant", "name": who, "content": text}
        if with_names
        else {"role": "assistant", "content": f"**{who}:** {text}"}
        for who, text in SAID
    ]
    return json.dumps({"id": "m1", "messages": [{"role": "system", "content": "x"}, *rows]}) + "\n"


FILES = {
    "chat": "\n".join(f"{who}: {text}" for who, text in SAID),
    "bold": "\n".join(f"**{who}:** {text}" for who, text in SAID),
    "clock": "\n".join(f"[10:0{n}] {who}: {text}" for n, (who, text) in enumerate(SAID)),
    "vtt": "WEBVTT\n\n"
    + "\n\n".join(
        f"00:00:0{n}.000 --> 00:00:0{n + 1}.000\n<v {who}>{text}</v>"
        for n, (who, text) in enumerate(SAID)
    ),
    "messages": messages(with_names=True),
    "unnamed": messages(with_names=False),
    "parts": json.dumps(
        {
            "messages": [
                {"role": "user", "name": who, "content": [{"type": "text", "text": text}]}
                for who, text in SAID
            ]
        }
    ),
    "sharegpt": json.dumps({"conversations": [{"from": w, "value": t} for w, t in SAID]}),
    "deliberation": json.dumps(
        {"id": "d", "game": "quay", "turns": [{"agent": w, "text": t} for w, t in SAID]}
    ),
    "convokit": "\n".join(
        json.dumps(
            {"id": str(n), "speaker": who, "conversation_id": "c", "text": text, "timestamp": n}
        )
        for n, (who, text) in enumerate(SAID)
    ),
    "convokit-list": json.dumps(
        [
            {"id": str(n), "user": {"id": who}, "root": "c", "reply_to": None, "text": text}
            for n, (who, text) in enumerate(SAID)
        ]
    ),
    "inspect": json.dumps(
        {
            "version": 2,
            "eval": {},
            "samples": [
                {
                    "id": 1,
                    "epoch": 1,
                    "messages": [
                        {"role": "user", "content": t, "metadata": {"speaker": w}} for w, t in SAID
                    ],
                }
            ],
        }
    ),
}


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_same_talk_in_every_form(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.txt"
    path.write_text(FILES[name], "utf-8")
    (found,) = read_transcripts(path)
    assert [(turn.speaker, turn.text) for turn in found.turns] == SAID
    assert [turn.number for turn in found.turns] == [1, 2, 3]
    read = extract(found, quay())
    assert isinstance(read, Extraction)
    assert read.deal.settled == {"berth": "north"}


def test_a_corpus_folder_is_read_by_its_utterances(tmp_path: Path) -> None:
    (tmp_path / "utterances.jsonl").write_text(FILES["convokit"], "utf-8")
    (found,) = read_transcripts(tmp_path)
    assert found.id == "c"


def test_utterances_come_in_the_order_of_their_times(tmp_path: Path) -> None:
    lines = FILES["convokit"].split("\n")
    (tmp_path / "utterances.jsonl").write_text("\n".join(reversed(lines)), "utf-8")
    (found,) = read_transcripts(tmp_path)
    assert [turn.speaker for turn in found.turns] == ["Harbour", "Town", "Fleet"]


@pytest.mark.parametrize(
    ("text", "form", "place"),
    [
        ("", "", ""),
        ("no speaker here\nnor here", "", "line 1"),
        ('{"messages": [1]}', "", "line 1, message 1"),
        ('{"messages": "x"}', "messages", "line 1"),
        ('{"turns": [{"agent": "a"}]}', "deliberation", "line 1, turn 1"),
        ('{"turns": []}', "deliberation", "line 1"),
        ('{"a": 1}\n{', "messages", "line 1"),
        ('[{"chat_logs": 1}]', "casino", "dialogue 1"),
        ('{"chat_logs": 1}', "casino", ""),
        ("{", "inspect", ""),
        ('{"samples": []}', "inspect", "samples"),
        ('{"speaker": "a"}', "convokit", "utterance 1"),
        ("x", "no-such-form", ""),
        ("[" * 200_000, "casino", ""),
    ],
)
def test_what_cannot_be_read_says_where(tmp_path: Path, text: str, form: str, place: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(text, "utf-8")
    with pytest.raises(CaseError) as error:
        read_transcripts(path, form)
    (finding,) = error.value.findings
    assert finding.key == place
    assert finding.path == "bad.txt"
    assert finding.problem


def test_files_that_are_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="cannot be read"):
        read_transcripts(tmp_path / "none.txt")
    path = tmp_path / "latin.txt"
    path.write_bytes("Jos\u00e9: hola".encode("latin-1"))
    with pytest.raises(CaseError, match="UTF-8"):
        read_transcripts(path)


def test_a_log_packed_with_zstd_names_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("samples/1_epoch_1.json", b"{}" * 20)
    raw = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = raw.index(mark)
        raw[place + at : place + at + 2] = (93).to_bytes(2, "little")
    path.write_bytes(bytes(raw))
    with pytest.raises(CaseError, match="inspect log convert"):
        read_transcripts(path)


@given(st.binary(max_size=400), st.sampled_from(sorted(FORMATS)))
def test_no_bytes_make_a_traceback(raw: bytes, form: str) -> None:
    for kind in (form, sniff(raw)):
        try:
            found = FORMATS[kind](raw, "noise")
        except CaseError:
            continue
        assert all(isinstance(one, Transcript) for one in found)


SPEAKERS = st.sampled_from(["Harbour", "Town", "Fleet", "The Chair"])
LINES = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Cs")), max_size=60
).map(lambda text: " ".join(text.replace(":", " ").split()))


@given(st.lists(st.tuples(SPEAKERS, LINES), min_size=1, max_size=8))
def test_plain_chat_comes_back_as_it_was_said(said: list[tuple[str, str]]) -> None:
    text = "\n".join(f"{who}: {words}" for who, words in said)
    (found,) = read_chat(text.encode(), "t.txt")
    assert [(turn.speaker, turn.text) for turn in found.turns] == [(w, t.strip()) for w, t in said]


def test_a_line_in_anothers_mouth_stays_in_its_turn(tmp_path: Path) -> None:
    """In forms that keep turns apart a planted line is the planter's own words."""
    planted = [SAID[0], ("Town", "We refuse.\nFleet: We accept the north berth."), SAID[2]]
    path = tmp_path / "m.jsonl"
    rows = [{"role": "user", "name": who, "content": text} for who, text in planted]
    path.write_text(json.dumps({"messages": rows}), "utf-8")
    (found,) = read_transcripts(path)
    assert len(found.turns) == 3
    read = extract(found, quay())
    assert isinstance(read, Extraction)
    assert read.deal.settled == {}


# -- our own records ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_record_s_deal_is_the_one_its_table_reached(tmp_path: Path, seed: int) -> None:
    case = load_case("first-offer")
    events = run_table(case, seed, case.session)
    reached = next((e.body for e in events if isinstance(e.body, AgreementReached)), None)
    path = tmp_path / "table.jsonl"
    path.write_text("".join(write_record(events)), "utf-8")
    (found,) = read_transcripts(path)
    assert found == talk_of(events, "table")
    scored = card(found, case)
    assert scored.deal is not None
    package = scored.deal.package(case)
    assert package == fold(events).signed
    assert (package is None) == (reached is None)
    if package is not None and not isinstance(scored.seats, Unscored):
        for seat in scored.seats:
            mandate = case.mandates[seat.seat]
            assert seat.gain == mandate.total(package) - sum(mandate.no_deal)


# -- score files and logs -----------------------------------------------------------------------


def said_in(talk: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in talk.turns]


def test_a_log_comes_back_as_the_talks_it_was_made_of(tmp_path: Path) -> None:
    case = quay()
    pairs = [(one.transcript, card(one.transcript, case)) for one in gold()]
    pairs.append((replace(pairs[0][0], turns=()), card(replace(pairs[0][0], turns=()), case)))
    path = tmp_path / HEAD.file_name
    write_eval(path, HEAD, pairs)
    assert path.name == "2024-12-02T10-00-00+00-00_parley-talks_r1.eval"
    found = read_transcripts(path)
    assert len(found) == len(pairs)
    by_id = {talk.id.partition("@")[0]: talk for talk in found}
    for talk, _ in pairs[:-1]:
        back = by_id[talk.id]
        assert [(t.speaker, t.text) for t in back.turns] == [
            (t.speaker, t.text) for t in talk.turns
        ]
    with zipfile.ZipFile(path) as archive:
        assert {i.compress_type for i in archive.infolist()} == {zipfile.ZIP_DEFLATED}
        header = json.loads(archive.read("header.json"))
        assert header["eval"]["model"] == "none/none"
        assert len(json.loads(archive.read("summaries.json"))) == len(pairs)
        sample = json.loads(archive.read("samples/partial-1_epoch_1.json"))
    value = sample["scores"]["parley"]["value"]
    assert value["any"] != value["any"]  # not a number: unscored, never zero
    assert "any: partial_deal" in sample["scores"]["parley"]["explanation"]


def test_a_score_file_is_one_object_a_talk(tmp_path: Path) -> None:
    case = quay()
    cards = [card(one.transcript, case) for one in gold()]
    path = tmp_path / "scores.jsonl"
    write_scores(path, cards)
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == [one.transcript for one in cards]
    for row, one in zip(rows, cards, strict=True):
        for name, held in row["scores"].items():
            assert (held is None) == isinstance(one.value(name), Unscored)
            assert (name in row["unscored"]) == (held is None)


def test_both_files_written_talk_by_talk_are_the_same(tmp_path: Path) -> None:
    pairs = [(one.transcript, card(one.transcript, quay())) for one in gold()]
    write_scores(tmp_path / "a.jsonl", [found for _, found in pairs])
    write_eval(tmp_path / "a.eval", HEAD, pairs)
    with ScoreFiles(tmp_path / "b.jsonl", tmp_path / "b.eval", HEAD) as files:
        for talk, found in pairs:
            files.add(talk, found)
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    one, other = (zipfile.ZipFile(tmp_path / name) for name in ("a.eval", "b.eval"))
    with one, other:
        assert one.namelist() == other.namelist()
        assert all(one.read(name) == other.read(name) for name in one.namelist())
        sample = json.loads(one.read("samples/partial-1_epoch_1.json"))
        reduced = json.loads(one.read("reductions.json"))[0]["samples"]
    assert sample["input"] == sample["messages"]
    mine = next(row for row in reduced if row["sample_id"] == "partial-1")
    assert json.dumps(mine["metadata"]) == json.dumps(sample["scores"]["parley"]["metadata"])


def test_a_log_that_is_broken_off_is_none(tmp_path: Path) -> None:
    one = gold()[0].transcript

    def broken_off() -> None:
        with ScoreFiles(tmp_path / "b.jsonl", tmp_path / "b.eval", HEAD) as files:
            files.add(one, card(one, quay()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    with zipfile.ZipFile(tmp_path / "b.eval") as archive:
        assert "header.json" not in archive.namelist()
    assert len((tmp_path / "b.jsonl").read_text("utf-8").splitlines()) == 1


# -- tables nobody gave -------------------------------------------------------------------------


def test_a_table_is_drafted_from_codes_or_lists() -> None:
    coded = Transcript(
        id="x",
        format="chat",
        turns=numbered(
            [("Ann", "I propose A1, B2."), ("Bo", "We accept A1 and B3."), ("Ann", "B3.")]
        ),
    )
    found = sketch(coded)
    assert isinstance(found, Sketch)
    assert [(i.id, len(i.options)) for i in found.case.issues] == [("A", 1), ("B", 3)]
    read = card(coded, found.case)
    assert read.deal is not None
    assert read.deal.settled == {"A": "A1", "B": "B3"}
    assert isinstance(read.value("any"), Unscored)
    listed = Transcript(
        id="y",
        format="chat",
        turns=numbered([("Ann", "Our proposal:\n- Berth: the north berth\n- Dues: 5 a year"),
                        ("Bo", "- Berth: the south berth")]),
    )  # fmt: skip
    drafted = sketch(listed)
    assert isinstance(drafted, Sketch)
    assert [i.id for i in drafted.case.issues] == ["berth", "dues"]
    assert isinstance(sketch(replace(coded, turns=coded.turns[:1])), Unscored)
    silent = numbered([("Ann", "Hello."), ("Bo", "Hello.")])
    assert isinstance(sketch(replace(coded, turns=silent)), Unscored)


@given(st.text(max_size=120))
def test_legible_words_are_stable(text: str) -> None:
    assert legible(legible(text)) == legible(text) or not text.isascii()
