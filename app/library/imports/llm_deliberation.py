"""A game folder of the LLM-Deliberation format as a case.

The score files are the truth: where the prose lists other options than they score, the prose
gives way. A seat's floor is its own minimum to the point (score >= minimum): no deal is worth
exactly the minimum, and nothing is asked on top.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.case import Case, Claim, PassRule, Position, Preset, Seat, Session, Source
from app.domain.mandate import Mandate, NoDealLine, Style
from app.domain.terms import Issue, Option
from app.errors import CaseError, Finding
from app.library.imports.foreign import Imported, folder, one_line, plain, read_text, slug
from app.library.imports.game_prose import Prose, read_prose
from app.library.shapes import MAX_OPTIONS, MAX_SEATS

CONFIG, GLOBAL, OPENING = "config.txt", "global_instructions.txt", "initial_deal.txt"
ROLES = ("p1", "p2", "player", "target")
BONUS = 10
"""What the format's own code promises p1 when all agree; it stands in no file."""

LONGEST = 9_000
"""Characters of one game text that are taken over."""

STYLES = {
    "cooperative": Style(kind="problem-solver", exponent=1.0, reciprocity=0.5, patience=5),
    "greedy": Style(kind="hard-bargainer", exponent=0.5, reciprocity=0.8, patience=6),
    "targeted_adv": Style(kind="spoiler", exponent=0.2, reciprocity=1.0, patience=9),
    "untargeted_adv": Style(kind="spoiler", exponent=0.2, reciprocity=1.0, patience=9),
}
"""What an incentive means for a delegation's bargaining; an unknown one is a problem solver."""

DISCLAIMER = (
    "Rehearsal fiction: a scoreable game in the LLM-Deliberation format, imported. Its texts are "
    "its authors', under the licence of the game. Every word spoken at this table is made up."
)
_COLUMNS = "NAME,file,role,incentive,model"
_DANGLING = re.compile(r"#[A-Z](?:\d+|_MAX)_NUM")
_DEAL = re.compile(r"([A-Z])(\d{1,2})")
_SCORE = re.compile(r"[+-]?\d{1,6}")


@dataclass(slots=True)
class _Game:
    """What was read so far, and everything found wrong with it."""

    root: Path
    found: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, path: str, line: int, problem: str) -> None:
        """One more finding; line 0 is the file as a whole."""
        key = f"line {line}" if line else ""
        self.found.append(Finding(path=f"{self.root.name}/{path}", key=key, problem=problem))

    def text(self, path: str) -> str | None:
        """A file's text, or None with a finding."""
        try:
            return read_text(self.root / path, f"{self.root.name}/{path}")
        except CaseError as error:
            self.found += error.findings
        return None

    def stop(self) -> None:
        """No further with findings."""
        if self.found:
            raise CaseError(tuple(self.found))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Party:
    """One line of config.txt."""

    line: int
    seat: str
    name: str
    file: str
    role: str
    incentive: str


def read_game(source: str | Path, *, as_of: str, incentive: str | None = None) -> Imported:
    """The case of a game folder; CaseError with every finding, each with file and line.

    `as_of` dates the case. `incentive` gives every party that incentive in place of the one in
    config.txt, as far as the folder holds its text.
    """
    game = _Game(folder(source))
    parties = _parties(game, incentive)
    sheets = {party.seat: _scores(game, party) for party in parties}
    prose = read_prose(game.text(GLOBAL) or "")
    game.stop()
    _same_shape(game, parties, {seat: rows for seat, (rows, _) in sheets.items()})
    rows = next(iter(sheets.values()))[0]
    sizes = [len(row) for row in rows]
    briefs = {p.seat: _brief(game, p, *sheets[p.seat]) for p in parties}
    opening = _opening(game, sizes)
    _names(game, parties, prose)
    game.stop()
    issues = tuple(_issue(game, prose, place, size) for place, size in enumerate(sizes))
    sums = {seat: sum(map(max, points)) for seat, (points, _) in sheets.items()}
    scale = Counter(sums.values()).most_common(1)[0][0]
    leaders = tuple(p.seat for p in parties if p.role in ("p1", "p2"))
    first = next((p.seat for p in parties if p.role == "p1"), "")
    case = Case(
        id=slug(game.root.resolve().name, (), "game"),
        title=_title(game, parties, first),
        as_of=as_of,
        disclaimer=DISCLAIMER,
        not_on_table="Nothing but the issues that the game scores is before this table.",
        currencies=("points",),
        scale=scale,
        gain=0,
        issues=issues,
        seats=tuple(_seat(p, prose, opening if p.seat == first else (), issues) for p in parties),
        rule=PassRule(
            required=leaders,
            at_least=len(parties) - 1,
            unanimity_bonus={first: BONUS} if first else {},
        ),
        presets=(Preset(id="standard", text="Every seat signs at its minimum.", strong=False),),
        session=Session(preset="standard", rounds=10),
        mandates={
            p.seat: Mandate(
                seat=p.seat,
                brief=briefs[p.seat],
                sheet=tuple(
                    {option.id: (worth,) for option, worth in zip(issue.options, row, strict=True)}
                    for issue, row in zip(issues, sheets[p.seat][0], strict=True)
                ),
                no_deal_lines=(
                    NoDealLine(
                        line="the least that the game lets this party accept",
                        points=(sheets[p.seat][1],),
                        source=("G2",),
                    ),
                ),
                red_lines=(),
                least={},
                style=STYLES.get(p.incentive, STYLES["cooperative"]),
                scale=0 if sums[p.seat] == scale else sums[p.seat],
            )
            for p in parties
        },
        sources=(_source(game, as_of),),
        claims=CLAIMS,
    )
    return Imported(case=case, notes=tuple(game.notes))


CLAIMS = (
    Claim(id="G1", source="game", line=1, kind="frame", text="Issues and options are the game's."),
    Claim(id="G2", source="game", line=1, kind="value", text="Scores and minimums are the game's."),
    Claim(id="G3", source="game", line=1, kind="position", text="The game's own first proposal."),
)


def _source(game: _Game, as_of: str) -> Source:
    """The game as the source of all that was taken from it."""
    name = one_line(game.root.resolve().name, 100) or "game"
    return Source(
        id="game",
        title=f"The game {name}, in the LLM-Deliberation format",
        author="the authors of the game",
        publisher="see the licence of the game",
        date=as_of,
    )


def _parties(game: _Game, incentive: str | None) -> tuple[_Party, ...]:
    """config.txt: NAME,file,role,incentive,model, one line a party."""
    parties: list[_Party] = []
    for number, line in enumerate((game.text(CONFIG) or "").split("\n"), start=1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.rsplit(",", 4)]
        if len(parts) != 5 or not all(parts[:4]):
            game.add(
                CONFIG, number, f"found {line[:60]!a}; expected NAME,file,role,incentive,model"
            )
            continue
        name, file, role, own, _ = parts
        if role not in ROLES:
            game.add(CONFIG, number, f"unknown role {role[:40]!a}; known: {', '.join(ROLES)}")
        for what in (file, own):
            if not re.fullmatch(r"[\w.-]+( [\w.-]+)*", what) or what.startswith("."):
                game.add(CONFIG, number, f"{what[:40]!a} is not the plain name of a file or folder")
        if file in {party.file for party in parties}:
            game.add(CONFIG, number, f"the file {file[:40]!a} belongs to a party already")
        seat = slug(name, {party.seat for party in parties}, "party")
        name = one_line(name, 120) or seat
        kind = incentive or own
        parties.append(
            _Party(line=number, seat=seat, name=name, file=file, role=role, incentive=kind)
        )
    for role in ("p1", "p2"):
        if sum(party.role == role for party in parties) > 1:
            game.add(CONFIG, 0, f"more than one party has the role {role}")
    if not 2 <= len(parties) <= MAX_SEATS:
        game.add(CONFIG, 0, f"{len(parties)} parties; a table seats 2 to {MAX_SEATS}")
    game.stop()
    return tuple(parties)


def _scores(game: _Game, party: _Party) -> tuple[tuple[tuple[int, ...], ...], int]:
    """A score file: points per option, a line an issue; the last line is the minimum."""
    path = f"scores_files/{party.file}.txt"
    rows: list[tuple[int, tuple[int, ...]]] = []
    for number, line in enumerate((game.text(path) or "").split("\n"), start=1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(",")]
        wrong = next((cell for cell in cells if not _SCORE.fullmatch(cell)), None)
        if wrong is not None:
            game.add(path, number, f"found {wrong[:40]!a}; expected whole numbers between commas")
            return (), 0
        rows.append((number, tuple(map(int, cells))))
    if not rows:
        return (), 0
    number, last = rows.pop()
    if len(last) != 1:
        game.add(path, number, "the last line is the minimum: one number was expected")
    if not rows:
        game.add(path, number, "no issue is scored; expected one line an issue before the minimum")
    for number, row in rows:
        if not 2 <= len(row) <= MAX_OPTIONS:
            game.add(path, number, f"{len(row)} options; an issue has 2 to {MAX_OPTIONS}")
    return tuple(row for _, row in rows), last[0]


def _same_shape(
    game: _Game, parties: tuple[_Party, ...], sheets: dict[str, tuple[tuple[int, ...], ...]]
) -> None:
    """Every party scores the same issues with the same options."""
    first = parties[0]
    shape = [len(row) for row in sheets[first.seat]]
    if len(shape) > len(string.ascii_uppercase):
        game.add(
            f"scores_files/{first.file}.txt", 0, f"{len(shape)} issues; at most 26 have letters"
        )
    for party in parties[1:]:
        path, rows = f"scores_files/{party.file}.txt", sheets[party.seat]
        if len(rows) != len(shape):
            problem = f"{len(rows)} issues and a minimum; {first.file}.txt has {len(shape)} issues"
            game.add(path, 0, problem)
            continue
        for number, (row, size) in enumerate(zip(rows, shape, strict=True), start=1):
            if len(row) != size:
                game.add(path, number, f"{len(row)} options; {first.file}.txt scores {size} here")
    game.stop()


def _brief(game: _Game, party: _Party, rows: tuple[tuple[int, ...], ...], minimum: int) -> str:
    """The confidential text with its numbers filled in, and the rules that stand in no file."""
    path = f"individual_instructions/{party.incentive}/{party.file}.txt"
    text = game.text(path) or ""
    for letter, row in zip(string.ascii_uppercase, rows, strict=False):
        for place in range(len(row), 0, -1):
            text = text.replace(f"#{letter}{place}_NUM", str(row[place - 1]))
        text = text.replace(f"#{letter}_MAX_NUM", str(max(row)))
    for number, line in enumerate(text.split("\n"), start=1):
        for mark in _DANGLING.findall(line):
            game.add(path, number, f"{mark} stands for no score of this party")
    text = plain(text)
    if len(text) > LONGEST:
        game.add(path, 0, f"{len(text)} characters; at most {LONGEST} are taken over")
    rules = [f"The least score you may accept is {minimum}."]
    if party.role in ("p1", "p2"):
        rules.append("No deal passes without you.")
    if party.role == "p1":
        rules.append(f"If every party agrees you gain {BONUS} points on top.")
    if party.incentive.endswith("_adv"):
        rules.append("In the game no deal at all is worth 150 to you.")
    return f"{text}\n\n{' '.join(rules)}".strip()


def _opening(game: _Game, sizes: list[int]) -> tuple[int, ...]:
    """initial_deal.txt, p1's first proposal, as option positions; some games have none."""
    if not (game.root / OPENING).is_file():
        return ()
    text = game.text(OPENING) or ""
    chosen: dict[str, int] = {}
    for letter, digits in _DEAL.findall(text):
        place = string.ascii_uppercase.index(letter)
        if place >= len(sizes) or not 1 <= int(digits) <= sizes[place]:
            game.add(OPENING, 1, f"{letter}{digits} is no option of this game")
        chosen[letter] = int(digits) - 1
    missing = [letter for letter in string.ascii_uppercase[: len(sizes)] if letter not in chosen]
    if missing:
        game.add(OPENING, 1, f"no option for issue {missing[0]}; a deal settles every issue")
    return tuple(chosen[letter] for letter in sorted(chosen))


def _names(game: _Game, parties: tuple[_Party, ...], prose: Prose) -> None:
    """Say which parties the prose calls otherwise than config.txt: known of several games."""
    for party in parties:
        if party.name.casefold() not in prose.quoted:
            note = f"{CONFIG} line {party.line}: the global text never quotes {party.name!a}"
            game.notes.append(f"{note}; the name in {CONFIG} is used")


def _issue(game: _Game, prose: Prose, place: int, size: int) -> Issue:
    """One issue: its words from the prose, its number of options from the score files."""
    letter = string.ascii_uppercase[place]
    title, options = prose.issue(letter)
    if len(options) != size:
        game.notes.append(
            f"{GLOBAL}: issue {letter} lists {len(options)} options, the score files have {size}; "
            "the score files were followed"
        )
    made: list[Option] = []
    for number in range(1, size + 1):
        label, text = options.get(number, ("", ""))
        label = label or f"option {letter}{number}"
        made.append(
            Option(
                id=f"{letter}{number}".lower(),
                label=one_line(label),
                text=one_line(text or label, 1_900),
                source=("G1",),
            )
        )
    title = one_line(title, 200) or f"issue {letter}"
    return Issue(id=letter.lower(), title=title, topic=title, options=tuple(made), source=("G1",))


def _title(game: _Game, parties: tuple[_Party, ...], first: str) -> str:
    """The game's name and who leads it."""
    name = one_line(game.root.resolve().name, 100) or "game"
    leader = next((party.name for party in parties if party.seat == first), "")
    return f"{name}: a game led by {leader}" if leader else f"{name}: a game without a leader"


def _seat(party: _Party, prose: Prose, opening: tuple[int, ...], issues: tuple[Issue, ...]) -> Seat:
    """The public side: the game's common text, and for p1 the proposal it opens with."""
    chosen = zip(issues, opening, strict=False)
    return Seat(
        id=party.seat,
        name=party.name,
        short=party.name,
        brief=f"This delegation speaks for {party.name}.\n\n{prose.public[:LONGEST]}".strip(),
        positions=tuple(
            Position(
                issue=issue.id,
                option=issue.options[place].id,
                text=f"Our first proposal: {issue.options[place].label}.",
                source=("G3",),
            )
            for issue, place in chosen
        ),
        phrases={},
    )
