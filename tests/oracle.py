"""A judge of tables that shares no code with what it judges: plain dicts and plain arithmetic.

A `Paper` is what a case's files say, as dicts and lists. `complaints` reads the fields of a
table's events, keeps its own account of seats, offers and endorsements, and names every event
that breaks a promise: a floor, a pass rule, an override without its mark, a harmful improvement.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from app.domain.case import Case
from app.eventlog.base import encode_case

Paper: TypeAlias = dict[str, Any]


def paper_of(case: Case) -> Paper:
    """The case as its JSON says."""
    plain = json.loads(encode_case(case))
    seats: dict[str, Any] = {}
    for seat, mandate in plain["mandates"].items():
        seats[seat] = {
            "sheet": mandate["sheet"],
            "no_deal": [line["points"] for line in mandate["no_deal_lines"]],
            "lines": [(line["of"], line["limit"]) for line in mandate["red_lines"]],
            "least": mandate["least"],
        }
    return {
        "gain": plain["gain"],
        "issues": [issue["id"] for issue in plain["issues"]],
        "strong": {each["id"]: each["strong"] for each in plain["presets"]},
        "order": [seat["id"] for seat in plain["seats"]],
        "rule": plain["rule"],
        "seats": seats,
    }


def paper_in(folder: Path) -> Paper:
    """The case as its author's files say, without the library that loads them."""
    table = tomllib.loads((folder / "table.toml").read_text("utf-8"))
    issues = [issue["id"] for issue in table["issues"]]
    files = (path for path in folder.glob("*.toml") if path.name != "table.toml")
    texts = [tomllib.loads(path.read_text("utf-8")) for path in files]
    seats: dict[str, Any] = {}
    for text in texts:
        lines = []
        for line in text["red_lines"]:
            if "forbid" in line:
                lines.append((line["forbid"], len(line["forbid"]) - 1))
            else:
                lines.append((line["of"], line["at_most"]))
        seats[text["id"]] = {
            "sheet": [text["sheet"][issue] for issue in issues],
            "no_deal": [line["points"] for line in text["no_deal"]],
            "lines": lines,
            "least": text["mandate"],
        }
    return {
        "gain": table["gain"],
        "issues": issues,
        "strong": {name: each["strong"] for name, each in table["presets"].items()},
        "order": list(seats),
        "rule": table["rule"],
        "seats": seats,
    }


def worth(paper: Paper, seat: str, package: Sequence[str]) -> list[int]:
    """Points per currency."""
    rows = [paper["seats"][seat]["sheet"][n][option] for n, option in enumerate(package)]
    return [sum(column) for column in zip(*rows, strict=True)]


def held(paper: Paper, seat: str) -> list[int]:
    """Points per currency without a deal."""
    return [sum(column) for column in zip(*paper["seats"][seat]["no_deal"], strict=True)]


def signs(paper: Paper, seat: str, package: Sequence[str], preset: str) -> bool:
    """Whether this package is on or above the seat's floor."""
    chosen = dict(zip(paper["issues"], package, strict=True))
    for of, limit in paper["seats"][seat]["lines"]:
        if sum(1 for issue, options in of.items() if chosen[issue] in options) > limit:
            return False
    got, had = worth(paper, seat, package), held(paper, seat)
    if sum(got) < sum(had) + paper["gain"]:
        return False
    if sum(got) < paper["seats"][seat]["least"].get(preset, 0):
        return False
    if paper["strong"][preset]:
        return min(now - then for now, then in zip(got, had, strict=True)) >= 0
    return True


def passes(paper: Paper, backers: Iterable[str]) -> bool:
    """Whether these seats make a package a deal."""
    names = set(backers)
    rule = paper["rule"]
    missing = [seat for seat in [*rule["required"], *rule["vetoes"]] if seat not in names]
    return not missing and len(names) >= rule["at_least"]


def harmless(paper: Paper, before: Sequence[str], after: Sequence[str]) -> bool:
    """No seat's total falls; no currency that was above no deal falls below it, none sinks."""
    for seat in paper["order"]:
        old, new, base = (
            worth(paper, seat, before),
            worth(paper, seat, after),
            held(paper, seat),
        )
        if sum(new) < sum(old):
            return False
        for a, b, c in zip(new, old, base, strict=True):
            if a < c and a < b:
                return False
    return True


@dataclass
class Account:
    """The judge's own account of one table."""

    paper: Paper
    preset: str = ""
    occupants: dict[str, str] = field(default_factory=dict)
    offers: dict[int, tuple[str, ...]] = field(default_factory=dict)
    backing: dict[int, set[str]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    spoken: set[str] = field(default_factory=set)
    marks_due: list[tuple[str, int]] = field(default_factory=list)
    marked: set[str] = field(default_factory=set)
    deal: tuple[str, ...] | None = None
    improvement: tuple[str, ...] | None = None
    answers: dict[str, bool] = field(default_factory=dict)
    closed: bool = False
    found: list[str] = field(default_factory=list)

    def hear(self, event: Any) -> None:
        """One event."""
        body = event.body
        if self.closed:
            self.found.append(f"{event.seq}: after the close")
        if self.marks_due and body.kind != "line.crossed":
            self.found.append(f"{event.seq}: an override of {self.marks_due} went unmarked")
            self.marks_due = []
        known = getattr(self, "_" + body.kind.replace(".", "_"), None)
        if known is not None:
            known(event, body)

    def put_name(self, event: Any, seat: str, number: int, override: bool) -> None:
        """A seat puts its name to a standing package."""
        if signs(self.paper, seat, self.offers[number], self.preset):
            return
        if self.occupants[seat] != "person":
            self.found.append(f"{event.seq}: {seat} went below its floor with offer {number}")
        elif not override:
            self.found.append(f"{event.seq}: {seat} crossed its line without meaning to")
        else:
            self.marks_due.append((seat, number))

    def _table_opened(self, _event: Any, body: Any) -> None:
        self.preset = body.session.preset

    def _seat_taken(self, _event: Any, body: Any) -> None:
        self.occupants[body.seat] = body.occupant

    def _endorsements_lapsed(self, _event: Any, body: Any) -> None:
        for number in body.offers:
            self.backing[number].discard(body.seat)

    def _turn_opened(self, event: Any, _body: Any) -> None:
        """Between turns no AI seat stands behind what it could not sign itself."""
        self.found += [
            f"{event.seq}: {seat} stands below its floor with offer {number}"
            for number, backers in self.backing.items()
            for seat in sorted(backers)
            if self.occupants.get(seat) != "person"
            and not signs(self.paper, seat, self.offers[number], self.preset)
        ]

    def _round_opened(self, _event: Any, _body: Any) -> None:
        self.spoken = set()

    def _seat_moved(self, event: Any, body: Any) -> None:
        move, seat = body.move, body.seat
        self.spoken.add(seat)
        if seat in self.absent:
            self.found.append(f"{event.seq}: {seat} acts after leaving")
        for back in move.withdraw:
            if seat not in self.backing[back.offer]:
                self.found.append(f"{event.seq}: nothing to withdraw")
            self.backing[back.offer].discard(seat)
        if move.walk:
            self.absent.add(seat)
            for backers in self.backing.values():
                backers.discard(seat)
        for number in move.endorse:
            self.backing[number].add(seat)
            self.put_name(event, seat, number, move.override)
        if move.package is not None:
            self.table(event, body.offer, move.package, {seat})
            self.put_name(event, seat, body.offer, move.override)

    def table(self, event: Any, number: int, package: tuple[str, ...], by: set[str]) -> None:
        """A new package on the table."""
        if number != len(self.offers) + 1:
            self.found.append(f"{event.seq}: offer numbered {number}")
        if package in self.offers.values():
            self.found.append(f"{event.seq}: the same package twice")
        self.offers[number] = tuple(package)
        self.backing[number] = set(by)

    def _text_tabled(self, event: Any, body: Any) -> None:
        self.table(event, body.offer, body.package, set())

    def _line_crossed(self, event: Any, body: Any) -> None:
        if event.audience != (body.seat,):
            self.found.append(f"{event.seq}: a crossing is told to {event.audience}")
        if self.occupants[body.seat] != "person":
            self.found.append(f"{event.seq}: {body.seat} is no person and crossed a line")
        if body.offer == 0:
            self.marked.add(body.seat)
        elif (body.seat, body.offer) in self.marks_due:
            self.marks_due.remove((body.seat, body.offer))
        else:
            self.found.append(f"{event.seq}: a crossing that was none")

    def _agreement_reached(self, event: Any, body: Any) -> None:
        if tuple(body.package) != self.offers[body.offer]:
            self.found.append(f"{event.seq}: another package than offer {body.offer}")
        if set(body.backers) != self.backing[body.offer]:
            self.found.append(f"{event.seq}: {body.backers} are not who backs it")
        if not passes(self.paper, self.backing[body.offer]):
            self.found.append(f"{event.seq}: offer {body.offer} does not meet the rule")
        if set(self.paper["order"]) - self.absent - self.spoken:
            self.found.append(f"{event.seq}: agreed before all had spoken")
        self.deal = tuple(body.package)

    def _improvement_proposed(self, event: Any, body: Any) -> None:
        self.improvement, self.answers = tuple(body.package), {}
        if self.deal is None or not harmless(self.paper, self.deal, body.package):
            self.found.append(f"{event.seq}: the improvement harms somebody")

    def _improvement_answered(self, event: Any, body: Any) -> None:
        self.answers[body.seat] = body.accept
        if not body.accept or self.improvement is None:
            return
        if signs(self.paper, body.seat, self.improvement, self.preset):
            return
        if self.occupants[body.seat] != "person":
            self.found.append(f"{event.seq}: {body.seat} accepts below its floor")
        elif body.seat not in self.marked:
            self.found.append(f"{event.seq}: {body.seat} accepts below its floor, unmarked")

    def _improvement_settled(self, event: Any, body: Any) -> None:
        everybody = set(self.paper["order"]) - self.absent
        if body.outcome == "accepted" and not all(self.answers.get(each) for each in everybody):
            self.found.append(f"{event.seq}: accepted without everybody")

    def _table_closed(self, event: Any, body: Any) -> None:
        self.closed = True
        if (body.outcome == "agreement") != (self.deal is not None) and body.outcome != "adjourned":
            self.found.append(f"{event.seq}: closed as {body.outcome}")


def complaints(paper: Paper, events: Iterable[Any]) -> list[str]:
    """Everything that breaks a promise; empty for a table that kept them all."""
    account = Account(paper)
    for event in events:
        account.hear(event)
    if account.marks_due:
        account.found.append(f"an override of {account.marks_due} went unmarked")
    return account.found
