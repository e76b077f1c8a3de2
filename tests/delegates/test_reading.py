"""The reader on sentences written after its cues: precision by kind, and no wrong offer."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.delegates.reading import Reading, read
from app.library import load_case

CASE = load_case("table-for-five")
FILE = Path(__file__).parent / "remarks.tsv"
KINDS = (
    "question", "offer", "threat", "thanks", "statement", "unread", "offtopic", "probe", "greeting",
)  # fmt: skip


def terms(field: str) -> set[tuple[str, ...]]:
    return {tuple(term.split("/")) for term in field.split(",") if term}


def labelled() -> list[tuple[str, set[tuple[str, ...]], set[tuple[str, ...]], str]]:
    rows = []
    for line in FILE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, offered, wanted, text = line.split("\t", 3)
            rows.append((kind, terms(offered), terms(wanted), text))
    return rows


def of(text: str, speaker: str = "ukraine") -> Reading:
    return read(text, CASE, speaker)


def test_precision_and_recall_by_kind() -> None:
    rows = labelled()
    assert len(rows) >= 150
    right: Counter[str] = Counter()
    given_: Counter[str] = Counter()
    true: Counter[str] = Counter()
    wrong = []
    for kind, _, _, text in rows:
        found = of(text).kind
        true[kind] += 1
        given_[found] += 1
        right[kind] += found == kind
        if found != kind:
            wrong.append(f"{kind} read as {found}: {text}")
    print()
    for kind in KINDS:
        precision, recall = right[kind] / max(given_[kind], 1), right[kind] / true[kind]
        print(f"{kind:10} n={true[kind]:3} precision={precision:.2f} recall={recall:.2f}")
        assert precision >= (0.98 if kind == "offer" else 0.95), wrong
        assert recall >= 0.93, wrong
    print("\n".join(wrong))
    assert sum(right.values()) / len(rows) >= 0.97, wrong


def test_options_of_offers() -> None:
    """What is put to a person as their offer is theirs: no option that they did not offer."""
    named = correct = wanted = 0
    wrong = []
    for kind, offered, asked, text in labelled():
        reading = of(text)
        if reading.kind != "offer":
            continue
        got = {(*term,) for term in reading.options}
        sought = {(*term,) for term in reading.asked}
        named += len(got) + len(sought)
        correct += len(got & offered) + len(sought & asked)
        wanted += len(offered) + len(asked) if kind == "offer" else 0
        if got != offered or sought != asked:
            wrong.append((text, got, sought))
    print(f"\noptions: precision={correct / named:.2f} recall={correct / wanted:.2f}")
    assert correct / named >= 0.98, wrong
    assert correct / wanted >= 0.92, wrong


def test_no_refusal_question_or_report_is_read_as_an_offer() -> None:
    for kind, _, _, text in labelled():
        if kind != "offer":
            assert of(text).kind != "offer", text
            assert of(text).text == "", text


def test_every_label_is_read_as_its_own_option() -> None:
    for issue in CASE.issues:
        for option in issue.options:
            reading = of(f"We can accept {option.label}.")
            assert (issue.id, option.id) in reading.options, (option.label, reading)
            assert {o for i, o in reading.options if i == issue.id} == {option.id}


def test_every_cue_is_found_and_belongs_to_one_place() -> None:
    seen: Counter[str] = Counter()
    for issue in CASE.issues:
        assert len(issue.cues) >= 6
        for option in issue.options:
            assert len(option.cues) >= 4
            for cue in option.cues:
                seen[cue] += 1
                assert (issue.id, option.id) in of(f"We mean this: {cue}").options, cue
        for cue in issue.cues:
            seen[cue] += 1
            assert issue.id in of(f"The subject is {cue}").issues, cue
    assert max(seen.values()) == 1
    assert all(cue == cue.lower() for cue in seen)


@pytest.mark.parametrize(
    ("text", "issue", "option"),
    [
        ("We will never accept recognition.", "territory", "recognition"),
        ("We do not want a Kursk swap.", "kursk", "swap"),
        ("A joint commission is unacceptable.", "monitoring", "joint-commission"),
        ("not small steps but a first tranche", "sanctions", "small-steps"),
        ("We prefer observers without weapons to nothing, rather than own means.", "monitoring",
         "own-means"),
    ],
)  # fmt: skip
def test_refused_options_are_marked(text: str, issue: str, option: str) -> None:
    reading = of(text)
    assert (issue, option) in reading.negated
    assert (issue, option) not in reading.options


def test_two_options_of_one_issue_are_not_certain() -> None:
    reading = of("We could accept neutrality or deferral of membership.")
    assert reading.kind == "offer"
    assert reading.issues == ("alliance",)
    assert reading.options == ()
    assert reading.text == ""


def test_proposed_reading_names_labels_and_what_stays() -> None:
    standing = tuple(issue.options[0].id for issue in CASE.issues)
    text = "We offer a Kursk swap in exchange for small steps."
    plain, on_top = read(text, CASE, "ukraine"), read(text, CASE, "ukraine", standing)
    swap = CASE.agenda.issue("kursk").option("swap").label
    steps = CASE.agenda.issue("sanctions").option("small-steps").label
    assert plain.text == f"You offer: {swap}. You ask for: {steps}. Send as a formal offer?"
    assert "stays as in the text you support" in on_top.text


@pytest.mark.parametrize(
    ("text", "seat"),
    [
        ("Russia, would you accept this?", "russia"),
        ("Would Russia accept observers?", "russia"),
        ("Question for NATO: who commands?", "nato"),
        ("To the European Union: what about the farmers?", "eu"),
        ("@usa are you serious about sanctions?", "usa"),
        ("Washington, where do you stand on aid to Ukraine?", "usa"),
        ("We spoke about Russia and about NATO membership.", None),
        ("Russia, NATO: what now?", "russia"),
        ("What do you think?", None),
        ("Tell us what you want.", None),
    ],
)
def test_addressee(text: str, seat: str | None) -> None:
    assert of(text).addressee == seat


def test_slips_of_the_keys_are_forgiven_and_other_words_are_not_bent() -> None:
    assert of("We could accept recogniton of Crimea.").options == (("territory", "recognition"),)
    assert of("We offer an inviation to NATO.").options == (("alliance", "invitation"),)
    assert of("We reject the presumption of guilt.").issues == ()
    assert of("The resignation of the minister is not on our minds.").issues == ()


def test_language_is_named_as_the_reason() -> None:
    for text in ("Wir sind nicht bereit.", "Мы не согласны.", "Nous ne sommes pas d'accord."):
        assert (of(text).kind, of(text).language_ok) == ("unread", False)
    assert of("asdf jkl").kind == "unread"


def test_very_long_text_is_read_in_time_and_without_a_guess() -> None:
    long = "We spoke about peace and about patience. " * 2000
    assert of(long).kind == "statement"
    mixed = "We could accept a Kursk swap. We will never accept a Kursk swap. " * 120
    assert of(mixed).options == ()
    for hostile in ("(" * 5000, "if " * 4000, "a'" * 4000, "not " * 3000, "we could " * 1500):
        assert of(hostile).text == ""


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_a_reading(text: str) -> None:
    reading = of(text)
    assert reading.kind in KINDS
    known = {(i.id, o.id) for i in CASE.issues for o in i.options}
    assert {*reading.options, *reading.asked, *reading.negated} <= known


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([o.label for i in CASE.issues for o in i.options]), st.booleans())
def test_negation_flips_every_label(label: str, hard: bool) -> None:
    reading = of(f"We will {'never' if hard else 'not'} accept {label}.")
    assert reading.kind != "offer"
    assert reading.options == ()


def test_a_case_without_cues_still_reads_its_labels() -> None:
    bare = replace(
        CASE,
        issues=tuple(
            replace(i, cues=(), options=tuple(replace(o, cues=()) for o in i.options))
            for i in CASE.issues
        ),
    )
    option = bare.agenda.issue("monitoring").option("joint-commission")
    reading = read(f"We could accept {option.label}.", bare, "ukraine")
    assert reading.options == (("monitoring", "joint-commission"),)
    assert read("We could accept a Kursk swap.", bare, "ukraine").options == ()
