"""The filter of filtered mode: the named disguises are undone; public words are no secret."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.delegates import engine, phrasebook
from app.delegates.confidences import gives_away, secrets_of
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


@pytest.mark.parametrize("guise", GUISES)
@pytest.mark.parametrize("secret", [LINE, MARK])
def test_a_secret_is_found_in_every_named_disguise(guise: str, secret: str) -> None:
    if secret == MARK and guise in ("leet",):
        pytest.skip("digits of a mark are what leet replaces")
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


def test_the_phrasebook_gives_nothing_away() -> None:
    caught = []
    for view, room, seat in offline(FLAG):
        text = phrasebook.speak(room, seat, engine.plan(view, seat)).text
        if gives_away(secrets_of(view, seat), text):
            caught.append(text)
    assert len(caught) <= 2, caught
