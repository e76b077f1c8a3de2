"""Models and the facilitator's desk in a real browser: chosen, seen speaking, run from the desk."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.llm.server import ModelServer
from tests.needs import program
from tests.web.chromium import Page, browser
from tests.web.service import TOKEN, Service
from tests.web.speaking_model import Halting, cut, reply, running, seated, with_models

pytestmark = pytest.mark.timeout(300)

TABLES = '[tables]\nbarriers = ["strict", "filtered"]\ntemperatures = [0.0, 1.0]\n'
FORM = "[aria-labelledby=first-offer-title]"


async def set_value(page: Page, selector: str, value: str) -> None:
    """Choose in a select or fill in a field, as the page hears of it."""
    await page.until(f"document.querySelector({json.dumps(selector)}) !== null")
    await page.run(
        f"(s => {{ s.value = {json.dumps(value)}; s.dispatchEvent(new Event('change')); }})"
        f"(document.querySelector({json.dumps(selector)}))"
    )


async def press(page: Page, key: str, text: str = "") -> None:
    """One key, as a keyboard sends it."""
    code = {"Enter": 13, "Tab": 9, " ": 32}[key]
    named = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
    await page.send("Input.dispatchKeyEvent", type="keyDown", text=text, **named)
    await page.send("Input.dispatchKeyEvent", type="keyUp", **named)


async def focused(page: Page, selector: str) -> None:
    """Step with Tab until the selector's element has the focus."""
    for _ in range(200):
        if await page.run(f"document.activeElement.matches({json.dumps(selector)})"):
            return
        await press(page, "Tab")
    raise AssertionError(f"Tab never reaches {selector}")


async def fits(page: Page) -> None:
    """Nothing sticks out of the page at any of these widths, and the page does not scroll."""
    for width in (1280, 390, 320):
        await page.size(width, 800)
        assert await page.run("document.documentElement.scrollWidth") <= width
        assert await page.run("document.documentElement.scrollHeight") <= 800
    await page.size(1280, 900)


async def test_a_model_is_chosen_and_its_draft_is_seen_and_replaced(tmp_path: Path) -> None:
    chromium = program("chromium", "chromium-browser", "google-chrome")
    halting = Halting()
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url, TABLES)) as service,
        browser(chromium) as page,
    ):
        model.always = halting
        await page.size(1280, 900)
        await page.open(f"http://127.0.0.1:{service.port}/#token={TOKEN}")
        await set_value(page, "#first-offer-player-firm", "openai:mock-1")
        await set_value(page, "#first-offer-player-firm-temperature", "0.25")
        told = await page.run(f"document.querySelector('{FORM} .casting').textContent")
        assert "openai:no-key (no key)" in told
        assert await page.run(
            "[...document.querySelector('#first-offer-player-firm').options]"
            ".find(o => o.value === 'openai:no-key').disabled"
        )
        await page.click(f"{FORM} button.main")
        await page.until("location.pathname.startsWith('/tables/')")
        # Where the candidate begins, it makes its statement first.
        await page.until(
            "(document.body.classList.contains('myturn') && ("
            "document.querySelector('#words').value = 'Good morning.',"
            "document.querySelector('#composer .main:not([hidden])').click()),"
            " document.querySelector('.provisional') !== null)"
        )
        speaking = next(r for r in reversed(model.requests) if r.body.get("stream"))
        first, rest = cut(speaking.body)
        shown = await page.run("document.querySelector('.provisional').textContent")
        assert first in shown
        assert "Not said yet" in shown
        assert "model · openai:mock-1 temperature=0.25" in shown
        assert await page.run("document.querySelector('#log').ariaLive") == "off"
        assert "is speaking" in await page.run("document.querySelector('#news').textContent")
        await fits(page)
        halting.go.set()
        await page.until("document.querySelector('.provisional') === null")
        said = await page.run("document.querySelector('#log .entry:has(.badge.model)').textContent")
        assert f"{first} {rest}" in said
        assert "model · openai:mock-1" in said
        assert page.complaints == []


async def test_an_answer_is_seen_while_it_comes_beside_a_turn(tmp_path: Path) -> None:
    chromium = program("chromium", "chromium-browser", "google-chrome")
    turning, answering = Halting(), Halting()
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url, TABLES)) as service,
        browser(chromium) as page,
        AsyncExitStack() as here,
    ):
        model.always = turning
        seats = {"candidate": "person", "firm": "openai:mock-1"}
        table = await asyncio.to_thread(
            lambda: service.open(case="first-offer", seed=5, rounds=2, seats=seats)
        )
        client = await here.enter_async_context(seated(service, table, "candidate"))
        await asyncio.wait_for(turning.begun.wait(), 60)
        await page.size(1280, 900)
        await page.open(
            f"http://127.0.0.1:{service.port}/tables/{table}?viewer=candidate#token={TOKEN}"
        )
        await page.until("document.querySelectorAll('.provisional').length === 1")
        model.always = answering
        assert (await client.ask("say", text="And the salary?", to="firm"))["type"] == "ack"
        await page.until("document.querySelectorAll('.provisional').length === 2")
        tags = "[...document.querySelectorAll('#log > .provisional .tag')].map(t => t.textContent)"
        assert await page.run(tags) == ["speaking", "answering"]
        # The page came in when the turn's draft was there already, before it knew the models.
        await page.until(
            "[...document.querySelectorAll('.provisional .badge')]"
            ".every(b => b.textContent === 'model · openai:mock-1')"
        )
        first, rest = cut(model.requests[-1].body)
        shown = "[...document.querySelectorAll('.provisional')].at(-1).textContent"
        assert first in await page.run(shown)
        await fits(page)
        # What is said meanwhile stands above the drafts.
        assert await page.run(
            "[...document.querySelector('#log').children].slice(-2)"
            ".every(e => e.matches('.provisional'))"
        )
        answering.go.set()
        await page.until("document.querySelectorAll('.provisional').length === 1")
        assert await page.run(tags) == ["speaking"]
        said = "[...document.querySelectorAll('#log .entry:not(.provisional):has(.badge.model)')]"
        assert f"{first} {rest}" in await page.run(f"{said}.at(-1).textContent")
        turning.go.set()
        await page.until("document.querySelector('.provisional') === null")
        assert await page.run(f"{said}.length") == 2
        assert page.complaints == []


async def test_a_draft_without_its_beginning_is_not_shown(tmp_path: Path) -> None:
    """Sentences that a slow line had no room for are left out; what is said comes whole."""
    chromium = program("chromium", "chromium-browser", "google-chrome")
    async with running(with_models(tmp_path, "http://127.0.0.1:9", TABLES)) as service:
        seats = {"candidate": "person", "firm": "person"}
        table = await asyncio.to_thread(
            lambda: service.open(case="first-offer", seed=5, rounds=2, seats=seats)
        )
        async with browser(chromium) as page:
            await page.open(
                f"http://127.0.0.1:{service.port}/tables/{table}?viewer=candidate#token={TOKEN}"
            )
            await page.until("document.querySelector('#log') !== null")
            frame = {"turn": 1, "seat": "firm", "draft": 1, "room": "plenary", "reply": 1}
            shown = await page.run(
                "import('/static/drafts.js').then(({ Provisional }) => {"
                "  const log = document.createElement('div');"
                "  const state = { short: (s) => s, colour: () => '', names: new Map() };"
                "  const drafts = new Provisional(state, log);"
                f"  const take = (place) => drafts.take({{ ...{json.dumps(frame)}, ...place }});"
                "  take({ offset: 40, text: 'And more.' });"
                "  const hole = log.children.length;"
                "  take({ offset: 0, text: 'First.' });"
                "  take({ offset: 7, text: 'Second.' });"
                "  take({ offset: 15, text: '\U0001f54a\U0001f54a.' });"
                "  take({ offset: 19, text: 'Fourth.' });"
                "  return [hole, log.querySelector('.draftwords').textContent];"
                "})"
            )
            assert shown == [0, "First. Second. \U0001f54a\U0001f54a. Fourth."]


async def test_the_desk_runs_a_table_by_mouse_and_by_keyboard(tmp_path: Path) -> None:
    chromium = program("chromium", "chromium-browser", "google-chrome")
    async with (
        ModelServer(reply) as model,
        running(with_models(tmp_path, model.url, TABLES)) as service,
        browser(chromium) as page,
        AsyncExitStack() as here,
    ):
        table = await asyncio.to_thread(
            lambda: service.open(
                case="table-for-five",
                seed=2,
                seats={"ukraine": "person", "russia": "openai:mock-1"},
            )
        )
        own = await asyncio.to_thread(service.pass_for, table, "ukraine")
        ukraine = await here.enter_async_context(seated(service, table, "ukraine", own))
        nato = await here.enter_async_context(seated(service, table, "nato"))
        await page.size(1280, 900)
        address = f"http://127.0.0.1:{service.port}/tables/{table}?viewer=facilitator#token={TOKEN}"
        await page.open(address)
        await page.until("document.querySelector('#news-text') !== null")
        await fits(page)

        # A whisper, by keyboard alone.
        await page.run("document.querySelector('#brief').focus()")
        await focused(page, "#news-text")
        await page.send("Input.insertText", text="For your ears only.")
        await focused(page, "#news-ukraine")
        await press(page, " ", " ")
        await focused(page, ".deskform button.main")
        assert await page.run("document.activeElement.textContent") == "Whisper to Ukraine"
        await press(page, "Enter", "\r")
        await ukraine.until(lambda: "For your ears only." in "".join(ukraine.frames))
        await page.until("document.querySelector('#news-text').value === ''")

        # A private meeting, called and closed.
        await page.click("#apart-ukraine")
        await page.click("#apart-nato")
        await page.run("document.querySelector('#apart-topic').form.requestSubmit()")
        await ukraine.until(lambda: ukraine.status["rooms"])
        await page.click(".rooms button")
        await ukraine.until(lambda: not ukraine.status["rooms"][0]["open"])

        # A seat taken over, and handed back to the model that held it.
        russia = "#desk-russia"
        await link(page, russia, "Take it over")
        await ukraine.until(lambda: ukraine.status["occupants"]["russia"] == "person")
        await page.until(
            f"document.querySelector({json.dumps(russia)}).textContent.includes('new tab')"
        )
        await link(page, russia, "Hand it to the engine")
        await ukraine.until(lambda: ukraine.status["occupants"]["russia"] == "model")

        # Another seat given to a model, and to the engine again.
        await set_value(page, "#give-eu", "openai:mock-1")
        await page.run(
            "document.querySelector('#give-eu').parentNode.querySelector('button').click()"
        )
        await ukraine.until(lambda: ukraine.status["names"]["eu"] == "openai:mock-1")
        await set_value(page, "#give-eu", "engine")
        await page.run(
            "document.querySelector('#give-eu').parentNode.querySelector('button').click()"
        )
        await ukraine.until(lambda: ukraine.status["occupants"]["eu"] == "engine")

        # A pass revoked: its line is closed, and the page says so.
        await link(page, "#desk-ukraine", "Revoke links")
        await page.click("#confirm button[value=yes]")
        await ukraine.until(lambda: ukraine.closed is not None)
        assert ukraine.closed == 4411
        await page.until(
            "document.querySelector('#desk-ukraine').textContent.includes('1 connection')"
        )
        await link(page, "#desk-ukraine", "Make a link")
        await page.until("document.querySelector('#desk-ukraine .link-row input') !== null")
        made = await page.run("document.querySelector('#desk-ukraine .link-row input').value")
        assert own not in made

        await fits(page)
        await page.until("document.querySelector('#brief').textContent.includes('tokens read')")

        # The end.
        await page.run("document.querySelector('#brief button.risky').click()")
        await page.click("#confirm button[value=yes]")
        await nato.until(lambda: nato.status["closed"])
        assert nato.status["closed"]["outcome"] == "adjourned"
        await page.until("!document.querySelector('#close').hidden")
        assert page.complaints == []
        assert "For your ears only." not in "".join(nato.frames)


async def link(page: Page, place: str, text: str) -> None:
    """Press a link of a seat's card by its words."""
    found = (
        f"[...document.querySelector({json.dumps(place)}).querySelectorAll('button')]"
        f".find(b => b.textContent === {json.dumps(text)})"
    )
    await page.until(f"{found} !== undefined")
    await page.run(f"({found}).click()")


async def test_a_guest_who_facilitates_has_no_keys_to_the_seats(tmp_path: Path) -> None:
    chromium = program("chromium", "chromium-browser", "google-chrome")
    async with running(Service(tmp_path)) as service, browser(chromium) as page:
        table = await asyncio.to_thread(
            lambda: service.open(case="table-for-five", seed=2, seats={"ukraine": "person"})
        )
        own = await asyncio.to_thread(service.pass_for, table, "facilitator")
        await page.size(390, 800)
        await page.open(f"http://127.0.0.1:{service.port}/tables/{table}#token={own}")
        await page.until("document.querySelector('#news-text') !== null")
        told = await page.run("document.querySelector('#brief').textContent")
        for word in ("Take it over", "Make a link", "Revoke"):
            assert word not in told
        # It may still put a person out of a seat, for the engine.
        await link(page, "#desk-ukraine", "Hand it to the engine")
        await page.until(
            "document.querySelector('#desk-ukraine header').textContent.includes('engine')"
        )
        assert page.complaints == []


async def test_who_is_put_out_reads_why(tmp_path: Path) -> None:
    chromium = program("chromium", "chromium-browser", "google-chrome")
    async with running(Service(tmp_path)) as service, browser(chromium) as page:
        table = await asyncio.to_thread(
            lambda: service.open(case="first-offer", seed=2, seats={"firm": "person"})
        )
        own = await asyncio.to_thread(service.pass_for, table, "firm")
        await page.open(f"http://127.0.0.1:{service.port}/tables/{table}#token={own}&viewer=firm")
        await page.until("document.querySelector('#brief .red') !== null")
        await asyncio.to_thread(
            service.post, f"/v1/tables/{table}/passes/revoke", {"viewer": "firm"}
        )
        await page.until("document.querySelector('#line').textContent.includes('revoked')")
