"""A table's folder made into a `Case`: all findings of all files at once, or none."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from app.domain.case import (
    Case,
    Claim,
    Inject,
    PassRule,
    Pattern,
    Position,
    Preset,
    Reference,
    Seat,
    Session,
    Source,
    TalkingPoint,
)
from app.domain.events import EVERYBODY
from app.domain.mandate import Aim, Mandate, NoDealLine, RedLine, Style
from app.domain.terms import Issue, Option
from app.errors import CaseError, Finding
from app.library.checks import EVERYONE, check_points, check_seat, check_table, outline_of
from app.library.findings import meant, of_validation
from app.library.places import TABLE_FILE, find
from app.library.reading import Document, read_toml
from app.library.shapes import (
    MAX_SEATS,
    AimShape,
    RedLineShape,
    SeatShape,
    Shape,
    TableShape,
)

AnyShape = TypeVar("AnyShape", bound=Shape)


def load_case(where: str | Path, home: Path | None = None) -> Case:
    """The case in a folder, or of that name; CaseError with everything that is wrong.

    `home` is PARLEY_HOME, whose `personas` folder is looked at before the shipped one.
    """
    folder = find(where, home)
    found: list[Finding] = []
    table = _read(folder / TABLE_FILE, f"{folder.name}/{TABLE_FILE}", found)
    seats: dict[str, Document] = {}
    shapes: dict[str, SeatShape] = {}
    table_shape = None
    if table is not None:
        path = f"{folder.name}/{TABLE_FILE}"
        outline = outline_of(table)
        table_shape = _shape(TableShape, table, path, found)
        found += check_table(table, path, outline)
        for seat in dict.fromkeys(outline.seats[:MAX_SEATS]):
            if not _is_name(seat):
                continue
            path = f"{folder.name}/{seat}.toml"
            document = _seat(folder, seat, path, found)
            if document is None:
                continue
            seats[seat] = document
            shape = _shape(SeatShape, document, path, found)
            found += check_seat(document, path, seat, outline)
            if shape is not None:
                shapes[seat] = shape
        for seat, key, problem in check_points(seats):
            found.append(Finding(path=f"{folder.name}/{seat}.toml", key=key, problem=problem))
    if found or table_shape is None:
        raise CaseError(tuple(dict.fromkeys(found)))
    return _case(table_shape, shapes)


def _read(path: Path, name: str, found: list[Finding]) -> Document | None:
    """A document; its findings join the others."""
    document, problems = read_toml(path, name)
    found += problems
    return document


def _seat(folder: Path, seat: str, name: str, found: list[Finding]) -> Document | None:
    """A seat's document; for a missing file the one that was perhaps meant."""
    path = folder / f"{seat}.toml"
    if not path.exists():
        others = {file.stem for file in folder.glob("*.toml")} - {"table"}
        problem = f"there is no such file, but table.toml lists this seat{meant(seat, others)}"
        found.append(Finding(path=name, key="", problem=problem))
        return None
    return _read(path, name, found)


def _is_name(seat: str) -> bool:
    """Whether a seat id is safe to make a file name of; the shapes complain when not."""
    return seat.isascii() and seat.replace("-", "").isalnum() and len(seat) <= 40


def _shape(
    shape: type[AnyShape], document: Document, name: str, found: list[Finding]
) -> AnyShape | None:
    """The document in its shape, or None with findings."""
    try:
        return shape.model_validate(document)
    except ValidationError as error:
        found += of_validation(error, name, shape)
    return None


def _case(table: TableShape, seats: dict[str, SeatShape]) -> Case:
    """Checked shapes as domain records."""
    issues = tuple(
        Issue(
            id=issue.id,
            title=issue.title,
            topic=issue.topic,
            owners=tuple(issue.owners),
            cues=tuple(issue.cues),
            source=tuple(issue.source),
            options=tuple(
                Option(
                    id=option.id,
                    label=option.label,
                    text=option.text,
                    cues=tuple(option.cues),
                    source=tuple(option.source),
                )
                for option in issue.options
            ),
        )
        for issue in table.issues
    )
    return Case(
        id=table.id,
        title=table.title,
        as_of=table.as_of.isoformat(),
        disclaimer=table.disclaimer.strip(),
        not_on_table=table.not_on_table.strip(),
        currencies=tuple(table.currencies),
        scale=table.scale,
        gain=table.gain,
        issues=issues,
        seats=tuple(_public(seats[seat]) for seat in table.seats),
        rule=PassRule(
            required=tuple(table.rule.required),
            at_least=table.rule.at_least,
            vetoes=tuple(table.rule.vetoes),
            unanimity_bonus=dict(table.rule.unanimity_bonus),
        ),
        presets=tuple(
            Preset(id=name, text=preset.text, strong=preset.strong)
            for name, preset in table.presets.items()
        ),
        session=Session(**table.session.model_dump()),
        mandates={seat: _mandate(seats[seat], issues) for seat in table.seats},
        sources=tuple(
            Source(
                id=source.id,
                title=source.title,
                author=source.author,
                publisher=source.publisher,
                date=source.date.isoformat(),
            )
            for source in table.sources
        ),
        claims=tuple(Claim(**claim.model_dump()) for claim in table.claims),
        injects=_injects(table),
        references=tuple(
            Reference(
                id=row.id,
                title=row.title,
                package=tuple(row.choose[issue.id] for issue in issues),
                source=tuple(row.source),
            )
            for row in table.packages
        ),
        patterns=tuple(
            Pattern(
                id=row.id,
                title=row.title,
                require={issue: tuple(options) for issue, options in row.require.items()},
                signable=row.signable,
            )
            for row in table.patterns
        ),
    )


def _injects(table: TableShape) -> tuple[Inject, ...]:
    """News; "all" becomes the audience that everybody is in."""
    return tuple(
        Inject(
            id=row.id,
            round=row.round,
            when=row.when,
            to=EVERYBODY if EVERYONE in row.to else tuple(row.to),
            text=row.text.strip(),
            exercises=tuple(row.exercises),
        )
        for row in table.injects
    )


def _public(seat: SeatShape) -> Seat:
    """What everybody may read of a seat."""
    return Seat(
        id=seat.id,
        name=seat.name,
        short=seat.short,
        brief=seat.public_brief.strip(),
        register=seat.voice.register_ if seat.voice else "",
        single=seat.voice is not None and seat.voice.speaks_as == "I",
        positions=tuple(
            Position(issue=row.issue, option=row.option, text=row.text, source=tuple(row.source))
            for row in seat.positions
        ),
        points=tuple(
            TalkingPoint(
                id=row.id,
                issue=row.issue,
                kind=row.kind,
                favours=tuple(row.for_),
                against=tuple(row.against),
                text=row.text,
                source=tuple(row.source),
            )
            for row in seat.points
        ),
        phrases={act: tuple(frames) for act, frames in seat.phrases.model_dump().items()},
    )


def _mandate(seat: SeatShape, issues: tuple[Issue, ...]) -> Mandate:
    """What only the seat itself may read."""
    sheets = {issue: sheet.model_extra or {} for issue, sheet in seat.sheet.items()}
    return Mandate(
        seat=seat.id,
        brief=seat.confidential_brief.strip(),
        sheet=tuple(
            {option.id: tuple(sheets[issue.id][option.id]) for option in issue.options}
            for issue in issues
        ),
        no_deal_lines=tuple(
            NoDealLine(line=row.line, points=tuple(row.points), source=tuple(row.source))
            for row in seat.no_deal
        ),
        red_lines=tuple(_red_line(row) for row in seat.red_lines),
        least=dict(seat.mandate.model_extra or {}),
        style=Style(
            kind=seat.style.kind,
            exponent=seat.style.exponent,
            reciprocity=seat.style.reciprocity,
            patience=seat.style.patience,
        ),
        goals=_aims(seat.goals),
        interests=_aims(seat.interests),
        currency_rank=tuple(seat.currency_rank.order) if seat.currency_rank else (),
        scale=seat.scale or 0,
    )


def _red_line(row: RedLineShape) -> RedLine:
    """`forbid` is a limit of one less than the issues it names; `at_most` is the limit itself."""
    of = row.forbid if row.forbid is not None else row.of
    limit = len(row.forbid) - 1 if row.forbid is not None else row.at_most
    if of is None or limit is None:
        raise AssertionError("the checks let a red line without terms pass")
    return RedLine(
        id=row.id,
        text=row.text,
        of={issue: tuple(options) for issue, options in of.items()},
        limit=limit,
        status=row.status,
        source=tuple(row.source),
    )


def _aims(rows: list[AimShape]) -> tuple[Aim, ...]:
    """Goals or interests."""
    return tuple(
        Aim(text=row.text, currency=row.currency, source=tuple(row.source)) for row in rows
    )
