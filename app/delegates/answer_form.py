"""The planner's form: its strict JSON schema, and the plan that a filled-in form means.

The schema is flat, has no free text and is the same for a whole table, so that providers which
compile schemas or keep prompt prefixes do it once. What a turn allows is checked here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, cast

from app.delegates.base import Act, Plan, Tone
from app.delegates.counsel_text import LETTERS
from app.delegates.rhetoric import speakable
from app.domain.state import Table
from app.domain.terms import Package

MOST_BYTES = 64 * 1024
MOST_DEPTH = 20
MOST_ISSUES = 3
MOST_POINTS = 2
MOST_NUMBERS = 20
MOST_FORMS = 256
SAY = "say"
ACTS: tuple[Act, ...] = ("statement", "offer", "endorse", "withdraw", "hold")
TONES: tuple[Tone, ...] = ("plain", "warm", "firm", "urgent")
_ACTS: Mapping[str, Act] = {act: act for act in ACTS}
_TONES: Mapping[str, Tone] = {tone: tone for tone in TONES}
NONE = "none"
NOBODY = "nobody"
OWN = "own"

Schema: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amiss:
    """Why a form cannot be used. `reason` is for the seat's own planner only.

    `kind`: `form` for what is not the form, `rules` for what the rules do not allow now,
    `floor` for a package below the seat's floor.
    """

    kind: Literal["form", "rules", "floor"]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A plan, and the words that came with it in filtered mode."""

    plan: Plan
    say: str = ""


def schema(view: Table, seat: str, *, say: bool = False) -> Schema:
    """The form as a strict schema: every field required, every value from a list.

    The same object for as long as the case is: what is made of it can be kept as well.
    """
    case, key = view.case, (id(view.case.seats), seat, say)
    held = _FORMS.get(key)
    if held is None or held[0] is not case.seats:
        if len(_FORMS) > MOST_FORMS:
            _FORMS.clear()
        held = _FORMS[key] = (case.seats, _schema(view, seat, say=say))
    return held[1]


_FORMS: dict[tuple[int, str, bool], tuple[object, Schema]] = {}


def _schema(view: Table, seat: str, *, say: bool) -> Schema:
    case = view.case
    others = [other for other in case.seat_ids if other != seat]
    numbers = {"type": "array", "items": {"type": "integer"}}
    issues = list(view.agenda.ids)
    fields: dict[str, object] = {
        "act": _one_of(ACTS),
        "endorse": numbers,
        "withdraw": numbers,
        "package": _one_of((NONE, *LETTERS, OWN)),
    }
    for issue in case.issues:
        fields[f"on_{issue.id}"] = _one_of((NONE, *sorted(o.id for o in issue.options)))
    fields |= {
        "to": _one_of((NOBODY, *others)),
        "issues": {"type": "array", "items": _one_of(issues)},
        "points": {"type": "array", "items": _one_of(_points(view, seat) or [NONE])},
        "press": _one_of((NONE, *issues)),
        "live_with": _one_of((NONE, *_terms(view))),
        "tone": _one_of(TONES),
    }
    if say:
        fields[SAY] = {"type": "string"}
    return {
        "title": "decision",
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _one_of(values: tuple[str, ...] | list[str] | tuple[Act, ...]) -> Schema:
    return {"type": "string", "enum": list(values)}


def _points(view: Table, seat: str) -> list[str]:
    return [point.id for point in speakable(view.case, seat)]


def _terms(view: Table) -> list[str]:
    return [f"{i.id}/{o.id}" for i in view.case.issues for o in sorted(i.options, key=_id)]


def _id(thing: Any) -> str:
    return str(thing.id)


# -- reading ---------------------------------------------------------------------------------


def read_form(
    text: str, view: Table, seat: str, packages: Mapping[str, Package], *, say: bool = False
) -> Filled | Amiss:
    """The plan in an answer, or what is amiss with it. Nothing is mended on this path."""
    held = strict_object(text)
    if isinstance(held, Amiss):
        return held
    form = schema(view, seat, say=say)
    wrong = _shape_fault(held, cast(Mapping[str, Any], form["properties"]))
    if wrong:
        return Amiss(kind="form", reason=wrong)
    words = str(held.pop(SAY)) if say else ""
    plan = _plan(held, view, seat, packages)
    if isinstance(plan, Amiss):
        return plan
    amiss = rules_fault(view, seat, plan) or floor_fault(view, seat, plan)
    return amiss or Filled(plan=plan, say=words)


def strict_object(text: str) -> dict[str, Any] | Amiss:
    """One JSON object: no key twice, no NaN, no second value, not deep, not long."""
    try:
        size = len(text) if text.isascii() else len(text.encode("utf-8"))
        if size > MOST_BYTES:
            raise ValueError("it is too long")
        if _depth(text) > MOST_DEPTH:
            raise ValueError("it is nested too deeply")
        held = _read(text)
        if "\\u" in text:  # half a character can stand in an escape only
            json.dumps(held, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return Amiss(kind="form", reason="Your answer holds characters that are no text.")
    except RecursionError:
        return Amiss(kind="form", reason="Your answer is not the form: it is nested too deeply.")
    except json.JSONDecodeError as error:
        reason = f"Your answer is not one JSON object: {error.msg.lower()} at {error.pos}."
        return Amiss(kind="form", reason=reason)
    except ValueError as error:
        return Amiss(kind="form", reason=f"Your answer is not the form: {error}.")
    if not isinstance(held, dict):
        return Amiss(kind="form", reason="Your answer is not one JSON object.")
    return held


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a field stands twice")
    return table


def _constant(word: str) -> object:
    raise ValueError(f"{word} is not a number")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_constant)


def _read(text: str) -> Any:
    """One JSON value, as `json.loads` reads it."""
    if text.startswith("\ufeff"):
        raise json.JSONDecodeError("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0)
    return _DECODER.decode(text)


def _depth(text: str) -> int:
    """How deeply brackets nest, outside strings or not: an upper bound."""
    depth = most = 0
    if text.count("[") + text.count("{") <= MOST_DEPTH:
        return most
    for char in text:
        if char in "[{":
            depth += 1
            most = max(most, depth)
        elif char in "]}":
            depth -= 1
    return most


def _shape_fault(held: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    """The first field that is not as the schema has it, without what was written there."""
    missing = [name for name in fields if name not in held]
    if missing:
        return f"The form lacks the field {missing[0]}."
    if any(name not in fields for name in held):
        return "The form has a field that does not belong there."
    for name, wanted in fields.items():
        if not _fits(held[name], wanted):
            return f"The field {name} holds something that the form does not allow."
    return ""


def _fits(value: Any, wanted: Mapping[str, Any]) -> bool:
    match wanted["type"]:
        case "array":
            few = isinstance(value, list) and len(value) <= MOST_NUMBERS
            return few and all(_fits(item, wanted["items"]) for item in value)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100_000
        case _:
            return isinstance(value, str) and value in wanted.get("enum", (value,))


def _plan(
    held: Mapping[str, Any], view: Table, seat: str, packages: Mapping[str, Package]
) -> Plan | Amiss:
    """The plan in a well-formed form. A package that is on the table already is endorsed."""
    package = _package(held, view, packages)
    if isinstance(package, Amiss):
        return package
    endorse = tuple(dict.fromkeys(held["endorse"]))
    withdraw = tuple(dict.fromkeys(held["withdraw"]))
    standing = view.offer_of(package) if package is not None else None
    if standing is not None:
        package = None
        if seat not in view.backers(standing.number):
            endorse = tuple(dict.fromkeys((*endorse, standing.number)))
    live_with = held["live_with"].partition("/") if held["live_with"] != NONE else None
    known = [point for point in held["points"] if point != NONE]
    plan = Plan(
        act=_ACTS[held["act"]],
        endorse=endorse,
        withdraw=withdraw,
        package=package,
        to=None if held["to"] == NOBODY else held["to"],
        issues=tuple(dict.fromkeys(held["issues"]))[:MOST_ISSUES],
        points=tuple(dict.fromkeys(known))[:MOST_POINTS],
        press=None if held["press"] == NONE else held["press"],
        live_with=(live_with[0], live_with[2]) if live_with else None,
        tone=_TONES[held["tone"]],
    )
    bearable = _bearable(view, seat, plan)
    return replace(plan, act=_act_of(view, plan), live_with=plan.live_with if bearable else None)


def _bearable(view: Table, seat: str, plan: Plan) -> bool:
    """Whether the seat could sign its own text with the option it would live with."""
    mandate = view.case.mandates.get(seat)
    if plan.live_with is None or mandate is None:
        return False
    issue, option = plan.live_with
    held = view.offer(view.latest.get(seat, 0))
    text = plan.package or (held.package if held else None)
    if text is None:
        return all(option not in line.of.get(issue, ()) for line in mandate.red_lines)
    place = view.agenda.index(issue)
    swapped = (*text[:place], option, *text[place + 1 :])
    return swapped != text and not view.case.breaches(seat, swapped, view.preset)


def _act_of(view: Table, plan: Plan) -> Act:
    """What the turn really is: the acts say it, whatever the field says."""
    if plan.package is not None:
        return "offer"
    if plan.endorse:
        return "endorse"
    if plan.withdraw:
        return "withdraw"
    return "statement" if view.round == 0 else "hold"


def _package(
    held: Mapping[str, Any], view: Table, packages: Mapping[str, Package]
) -> Package | Amiss | None:
    named = held["package"]
    if named == NONE:
        return None
    if named != OWN:
        if named not in packages:
            return Amiss(kind="form", reason=f"Your counsel's list has no package {named}.")
        return packages[named]
    package = tuple(held[f"on_{issue}"] for issue in view.agenda.ids)
    for issue, option in zip(view.agenda.ids, package, strict=True):
        if option == NONE:
            return Amiss(
                kind="form", reason=f"A package of your own settles every issue; on_{issue} is not."
            )
    return package


def rules_fault(view: Table, seat: str, plan: Plan) -> Amiss | None:
    """What the rules of the turn do not allow."""
    if view.round == 0 and (plan.endorse or plan.withdraw or plan.package is not None):
        return Amiss(kind="rules", reason="Opening statements carry no acts.")
    for number in (*plan.endorse, *plan.withdraw):
        if view.offer(number) is None:
            return Amiss(kind="rules", reason=f"There is no offer {number} on the table.")
    for number in plan.endorse:
        if seat in view.backers(number):
            return Amiss(kind="rules", reason=f"You stand behind offer {number} already.")
    for number in plan.withdraw:
        if seat not in view.backers(number):
            return Amiss(kind="rules", reason=f"You do not stand behind offer {number}.")
    return None


def floor_fault(view: Table, seat: str, plan: Plan) -> Amiss | None:
    """The floor, on the table's own stored packages; any doubt is a breach.

    A table in record mode measures what a model does without it.
    """
    if view.session.record:
        return None
    named: list[tuple[str, Package]] = []
    for number in plan.endorse:
        offer = view.offer(number)
        if offer is None:
            return Amiss(kind="rules", reason=f"There is no offer {number} on the table.")
        named.append((f"Offer {number}", offer.package))
    if plan.package is not None:
        named.append(("Your package", plan.package))
    for name, package in named:
        try:
            found = view.case.breaches(seat, package, view.preset)
        except (KeyError, ValueError, TypeError):
            return Amiss(kind="floor", reason=f"{name} cannot be checked and is not open to you.")
        if found:
            reasons = "; ".join(breach.reason for breach in found)
            return Amiss(kind="floor", reason=f"{name} is not open to you: {reasons}.")
    return None
