"""The shapes of what clients send: socket frames, HTTP bodies, and the one shape of an error."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.domain.moves import MAX_WORDS
from app.settings import Barrier
from app.web.players import Player

SUBPROTOCOL = "parley.v1"
MAX_FRAME = 65_536
MAX_MESSAGE = 4 * MAX_FRAME
"""What the server reads before it hangs up without a word, in bytes; up to it the code says why."""

MAX_DEPTH = 20
OPEN_SECONDS = 5.0
HEARTBEAT_MS = 25_000

SHAPE = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def _visible(text: str) -> str:
    """Without control characters and without marks that turn the direction of reading."""
    return _UNSEEN.sub("", text)


Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
Name: TypeAlias = Annotated[str, Field(max_length=80), AfterValidator(_visible)]
Key: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
Words: TypeAlias = Annotated[str, Field(max_length=MAX_WORDS), AfterValidator(_visible)]
Number: TypeAlias = Annotated[int, Field(ge=0, le=1_000_000)]
Numbers: TypeAlias = Annotated[tuple[Number, ...], Field(max_length=500)]
Choices: TypeAlias = Annotated[dict[Key, Key], Field(max_length=200)]
ModelName: TypeAlias = Annotated[str, Field(max_length=250, pattern=r"^[a-z0-9_]+:[!-~]+$")]


class Problem(BaseModel):
    """Every error, over HTTP and on the socket: a stable code and a sentence."""

    code: str = Field(examples=["no-such-table"])
    message: str = Field(examples=["There is no such table."])
    place: str | None = Field(default=None, examples=["body.preset"])
    remedy: str | None = Field(default=None, examples=["GET /v1/tables lists the tables."])


CHAT_PATHS = ("/v1/chat/", "/v1/models")
"""Where chat clients ask, which read errors in another shape."""


def refusal(path: str, status: int, problem: Problem) -> dict[str, Any]:
    """The body of an error in the shape that the asker of this path reads."""
    if not path.startswith(CHAT_PATHS):
        return problem.model_dump()
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {
        "error": {"message": problem.message, "type": kind, "param": None, "code": problem.code}
    }


class Frame(BaseModel):
    """What every client frame carries: an id of the client's own making."""

    model_config = SHAPE

    id: Id


class SessionOpen(Frame):
    """The first frame. `cursor`: events of this viewer's numbering that the client holds."""

    type: Literal["session.open"]
    viewer: Key | None = None
    seat: Key | None = None
    cursor: Number = 0
    want: Annotated[tuple[Key, ...], Field(max_length=20)] = ()

    @property
    def who(self) -> str:
        """The viewer asked for; nothing means a watcher."""
        return self.seat or self.viewer or "watcher"


class Ping(Frame):
    """Answered with a pong."""

    type: Literal["ping"]


class Say(Frame):
    """Words between turns, in the plenary or a caucus room."""

    type: Literal["say"]
    text: Words
    room: Key = "plenary"
    to: Key | None = None


class Withdraw(BaseModel):
    """An endorsement taken back."""

    model_config = SHAPE

    offer: Number
    reason: Words


class Move(Frame):
    """The seat's turn. Without words it says plainly what it does."""

    type: Literal["move"]
    turn: Number | None = None
    text: Words = ""
    to: Key | None = None
    endorse: Numbers = ()
    withdraw: Annotated[tuple[Withdraw, ...], Field(max_length=100)] = ()
    package: Choices | None = None
    walk: bool = False
    override: bool = False


class Ballot(Frame):
    """A private ranking of the offers that pass, best first."""

    type: Literal["ballot"]
    ranking: Numbers


class Vote(Frame):
    """A private answer to the mediator's drafts, numbered from 0."""

    type: Literal["vote"]
    yes: Numbers = ()
    ranking: Numbers = ()


class Improvement(Frame):
    """Accept or refuse the improvement."""

    type: Literal["improvement"]
    accept: bool
    override: bool = False


class CaucusOpen(Frame):
    """Ask some seats to meet apart."""

    type: Literal["caucus.open"]
    seats: Annotated[tuple[Key, ...], Field(max_length=50)]
    topic: Words = ""


class CaucusClose(Frame):
    """End a private meeting."""

    type: Literal["caucus.close"]
    room: Key


class SeatTake(Frame):
    """Sit down in one's own seat."""

    type: Literal["seat.take"]
    name: Name = ""


class SeatHandBack(Frame):
    """Leave the seat to the engine."""

    type: Literal["seat.hand_back"]


class Seated(BaseModel):
    """A model of the operator's list, and how it is asked to play a seat."""

    model_config = SHAPE

    model: ModelName
    barrier: Barrier = "strict"
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None


def player_of(asked: Seated | str) -> Player:
    """The player that is asked for; a model's name alone plays as usual."""
    if isinstance(asked, str):
        return Player(model=asked)
    return Player(
        model=asked.model,
        barrier=asked.barrier,
        temperature=None if asked.temperature is None else round(asked.temperature, 2),
    )


class SeatGive(Frame):
    """The facilitator gives a seat to the engine or to a model."""

    type: Literal["seat.give"]
    seat: Key
    to: Literal["engine"] | Seated | ModelName


class Announce(Frame):
    """The facilitator brings news."""

    type: Literal["announce"]
    text: Words
    to: Annotated[tuple[Key, ...], Field(max_length=50)] = ("*",)


class Adjourn(Frame):
    """The facilitator ends the talks."""

    type: Literal["adjourn"]
    reason: Words = ""


class Worth(Frame):
    """A question, not a command: what a package is worth to one's own seat."""

    type: Literal["worth"]
    package: Choices


Command: TypeAlias = (
    Say
    | Move
    | Ballot
    | Vote
    | Improvement
    | CaucusOpen
    | CaucusClose
    | SeatTake
    | SeatHandBack
    | SeatGive
    | Announce
    | Adjourn
)
ClientFrame: TypeAlias = Command | Worth | Ping | SessionOpen
Tagged: TypeAlias = Annotated[Command, Field(discriminator="type")]

_FRAME: TypeAdapter[ClientFrame] = TypeAdapter(Annotated[ClientFrame, Field(discriminator="type")])


class BadFrame(ValueError):
    """A frame that is not one of ours; `re` is its id where it had one."""

    def __init__(self, code: str, message: str, re: str | None = None, place: str | None = None):
        self.code, self.re, self.place = code, re, place
        super().__init__(message)


def read_frame(text: str) -> ClientFrame:
    """The frame in a text; BadFrame says what is wrong with it, never what it held."""
    try:
        plain = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise BadFrame("malformed", "the frame is nested too deeply") from None
    except ValueError as error:
        raise BadFrame("malformed", f"not JSON: {error}"[:200]) from None
    if not isinstance(plain, dict):
        raise BadFrame("malformed", "a frame is a JSON object")
    ref = plain.get("id")
    re = ref if isinstance(ref, str) and len(ref) <= 64 and ref.isprintable() else None
    try:
        return _FRAME.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
            raise BadFrame("unknown-type", "this type of frame is not known", re, "type") from None
        place = ".".join(str(part) for part in first["loc"][1:])[:200]
        raise BadFrame("bad-field", first["msg"][:200], re, place or None) from None
    except RecursionError:
        raise BadFrame("malformed", "the frame is nested too deeply", re) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping whose keys stand once: the last of two would win silently."""
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key stands twice")
    return table


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is not a number")


class Login(BaseModel):
    """The token of the start address, or a seat's pass."""

    model_config = SHAPE

    token: Annotated[str, Field(min_length=1, max_length=300)]


class NewTable(BaseModel):
    """A table to open. What is left out is as the case says."""

    model_config = ConfigDict(
        **SHAPE,
        json_schema_extra={
            "examples": [
                {
                    "case": "table-for-five",
                    "preset": "standard",
                    "seats": {"ukraine": "person", "russia": {"model": "openai:gpt-4.1-mini"}},
                    "chair": True,
                    "improve": True,
                }
            ]
        },
    )

    case: Key
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    preset: Key | None = None
    rounds: Annotated[int, Field(ge=1, le=100)] | None = None
    floor: Literal["list", "mention", "bid"] | None = None
    chair: bool | None = None
    mediator: Literal["none", "votes", "ranks"] | None = None
    improve: bool | None = None
    injects: bool | None = None
    turn_seconds: Annotated[int, Field(ge=0, le=86_400)] | None = None
    seats: Annotated[
        dict[Key, Literal["engine", "person"] | Seated | ModelName], Field(max_length=50)
    ] = Field(default_factory=dict)
    names: Annotated[dict[Key, Name], Field(max_length=50)] = Field(default_factory=dict)

    @property
    def players(self) -> dict[str, str | Player]:
        """Who plays each seat that was named: `engine`, `person`, or a model."""
        return {
            seat: who if who in ("engine", "person") else player_of(who)
            for seat, who in self.seats.items()
        }


class Handed(BaseModel):
    """A command over HTTP, by the same handlers as on the socket."""

    model_config = ConfigDict(
        **SHAPE,
        json_schema_extra={
            "examples": [
                {
                    "viewer": "ukraine",
                    "command": {"id": "c-1", "type": "say", "text": "What would you need?"},
                }
            ]
        },
    )

    viewer: Key
    command: Tagged


class Asked(BaseModel):
    """A question about one's own seat's worth of a package."""

    model_config = SHAPE

    viewer: Key
    package: Choices


class PassFor(BaseModel):
    """The viewer whose pass is made: it admits its bearer as that viewer of one table."""

    model_config = ConfigDict(**SHAPE, json_schema_extra={"examples": [{"viewer": "russia"}]})

    viewer: Key
