"""A small table for the logs: a case, an opening, and rounds to append."""

from collections.abc import Callable

import pytest

from app.domain.case import Case
from app.domain.events import Fact, RoundOpened, TableOpened
from app.eventlog.base import case_hash
from app.library import load_case


@pytest.fixture(scope="session")
def case() -> Case:
    return load_case("first-offer")


@pytest.fixture(scope="session")
def opening(case: Case) -> Fact:
    body = TableOpened(
        case=case, case_hash=case_hash(case), seed=7, session=case.session, version="0.1.0"
    )
    return Fact(body=body)


@pytest.fixture(scope="session")
def rounds() -> Callable[..., list[Fact]]:
    def make(*numbers: int) -> list[Fact]:
        return [Fact(body=RoundOpened(round=number)) for number in numbers]

    return make
