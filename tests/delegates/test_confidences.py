"""The filter of filtered mode: the named disguises are undone; public words are no secret."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.delegates import confidences, engine, phrasebook
from app.delegates.confidences import LEAST, Secrets, gives_away, secrets_of
from app.library import load_case
from tests.delegates.scripted import Floor
from tests.orchestrated import offline

FLAG = load_case("table-for-five")
MARK = "HERON-4f1d22"
LINE = "what the army holds stays in its hands"

GUISES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "spaced": " ".join,
    "dotted": ".".join,
    "reversed": lambda text: text[::-1],
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "spaced hex": lambda text: text.encode().hex(" "),
    "leet": lambda text: text.translate(str.maketrans("oieasb", "013458")),
    "hyphens": lambda text: "-".join(text),
    "word order": lambda text: " ".join(reversed(text.split())),
}


@pytest.mark.parametrize(
    ("guise", "secret"),
    # The figures of a mark are what leet replaces, so it does not hide one.
    [
        (guise, secret)
        for guise in GUISES
        for secret in (LINE, MARK)
        if (guise, secret) != ("leet", MARK)
    ],
)
def test_a_secret_is_found_in_every_named_disguise(guise: str, secret: str) -> None:
    mandate = FLAG.mandates["russia"]
    marked = replace(mandate, brief=f"{mandate.brief} The word is {MARK}.")
    case = replace(FLAG, mandates={**FLAG.mandates, "russia": marked})
    view = Floor(case).to_round(1).sitting.view("russia")
    text = f"We have this to say today: {GUISES[guise](secret)}. And no more than that."
    assert gives_away(secrets_of(view, "russia"), text)


def test_figures_of_the_sheet_are_found() -> None:
    view = Floor(FLAG).to_round(1).sitting.view("russia")
    floor = FLAG.floor("russia", "standard").total
    assert gives_away(secrets_of(view, "russia"), f"We could go down to {floor} and not below.")


@pytest.mark.parametrize("said", ["fifty-five", "Fifty five", "forty-two", "forty two"])
def test_figures_of_the_sheet_are_found_in_words(said: str) -> None:
    view = Floor(FLAG).to_round(1).sitting.view("russia")
    floor = FLAG.floor("russia", "standard")
    assert (floor.total, sum(floor.no_deal)) == (55, 42)
    secrets = secrets_of(view, "russia")
    assert gives_away(secrets, f"We could go down to {said} and not below.")
    assert not gives_away(secrets, "We could go down to fifty-four, in twenty years or in fifteen.")


def test_every_number_in_words_is_read() -> None:
    for number, word in enumerate(confidences._SPELLED, 10):
        assert confidences._written(number) == {str(number), word}
        assert confidences._figures(f"some {word.replace(' ', '-').upper()}.") == {word}
    assert len(confidences._SPELLED) == 90
    assert confidences._written(100) == {"100"}
    assert confidences._figures("often, tenfold, stone, a fortyish one") == frozenset()


def test_the_phrasebook_gives_nothing_away() -> None:
    caught = []
    for view, room, seat in offline(FLAG):
        text = phrasebook.speak(room, seat, engine.plan(view, seat)).text
        if gives_away(secrets_of(view, seat), text):
            caught.append(text)
    assert len(caught) <= 2, caught


# -- the search against a plain one -------------------------------------------------------------


def slowly(secrets: Secrets, text: str) -> bool:
    """The same question answered by looking for every run at every place."""
    if set(re.findall(r"\b\d{2,}\b", text)) & secrets.figures:
        return True
    bare = text.casefold().replace("-", " ")
    more = r"(?! (?:one|two|three|four|five|six|seven|eight|nine)\b)"  # forty is not forty-two
    if any(re.search(rf"\b{f}\b{more}", bare) for f in secrets.figures if not f.isdigit()):
        return True
    for told in disguised(text):
        compact = re.sub("[^a-z0-9]+", "", told.casefold())
        if any(mark in compact for mark in secrets.marks):
            return True
        for runs in secrets.runs.begun.values():
            for run, says in runs:
                if run in compact and not confidences._is_said(secrets, says):
                    return True
    return False


def disguised(text: str) -> list[str]:
    """The words and what may be hidden in them."""
    found = [text, " ".join(reversed(text.split())), text.translate(confidences._LEET)]
    found.append("".join(re.findall(r"\b\w", text)))
    for token in re.findall("[A-Za-z0-9+/=_-]{12,}", text):
        found += confidences._decoded(token)
    for match in re.findall(r"\b(?:[0-9a-fA-F]{2}[ :-]?){8,}", text):
        digits = re.sub("[^0-9a-fA-F]", "", match)
        found.append(bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("utf-8", "ignore"))
    return found


def of_russia(brief: str) -> Secrets:
    mandate = replace(FLAG.mandates["russia"], brief=brief, goals=(), interests=(), red_lines=(),
                      no_deal_lines=FLAG.mandates["russia"].no_deal_lines[:1])  # fmt: skip
    case = replace(FLAG, mandates={**FLAG.mandates, "russia": mandate})
    return secrets_of(Floor(case).to_round(1).sitting.view("russia"), "russia")


SECRETS = (
    of_russia("what the army holds stays in its hands and a quay at Varna is ours as abc defgh i"),
    of_russia("The word is HERON-4f1d22 and the stays in its hands of nine grey herons."),
)
PARTS = st.lists(
    st.one_of(
        st.sampled_from(
            ["what the army holds stays", "army holds stays in its", "the army holds stays in",
             "stays in its hands", "whatthearmyho", "HERON-4f1d22", "heron4f1d2", "W", "What",
             "in its hands of nine", "a quay at Varna is ours", "as abc defgh i", "café", " ",
             "be added de ca de", "13", "so", "\u2014", "4", "0", "\u017f", "K", "a", ".", "1999"]
        ),
        st.text(st.sampled_from("abehilnorsty "), max_size=9),
    ),
    max_size=5,
).map(" ".join)  # fmt: skip
INITIALS = "".join(f"{letter}x " for letter in "whatthearmyholdsstaysin")


@given(PARTS, st.sampled_from(list(GUISES)), st.integers(0, 12), st.sampled_from(SECRETS))
def test_the_search_finds_what_a_plain_one_finds(
    text: str, guise: str, lead: int, secrets: Secrets
) -> None:
    told = "q" * lead + GUISES[guise](text)
    assert gives_away(secrets, told) is slowly(secrets, told)
    assert gives_away(secrets, f"{told} {lead}") is slowly(secrets, f"{told} {lead}")


@pytest.mark.parametrize("lead", range(20))
def test_a_run_is_found_wherever_it_begins(lead: int) -> None:
    for secrets in SECRETS:
        for runs in secrets.runs.begun.values():
            for run, _ in runs:
                assert len(run) >= LEAST
                assert gives_away(secrets, f"{'q' * lead}{run}.")
                assert not gives_away(secrets, f"{'q' * lead}{run[:-1]}.") or slowly(
                    secrets, run[:-1]
                )
    assert gives_away(SECRETS[0], INITIALS)
    assert gives_away(SECRETS[0], f"\u2014 {INITIALS}")
    assert gives_away(SECRETS[0], INITIALS.replace("hx ", "hx \u00e9q "))


def test_the_shortest_run_is_found_in_letters_that_stand_for_others() -> None:
    secrets, run = of_russia("abc def gh ijk lmn"), b"abcdefghijklmn"
    assert len(run) == LEAST
    for told in (base64.b64encode(run), base64.b32encode(run), run.hex().encode()):
        for text in (told.decode(), told.decode().rstrip("=")):
            assert gives_away(secrets, f"We say {text} to you.")
    assert not gives_away(secrets, f"We say {base64.b64encode(run[:-1]).decode()} to you.")


def test_what_packages_are_worth_is_the_mandates_own() -> None:
    packages = [FLAG.agenda.package(number) for number in range(0, 90_000, 977)]
    for seat in (*FLAG.seat_ids, *FLAG.seat_ids):
        mandate = FLAG.mandates[seat]
        assert confidences._totals(mandate, packages) == {mandate.total(p) for p in packages}
