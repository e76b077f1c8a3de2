"""A person in a real browser: opens the page, takes Ukraine's seat, talks, tables an offer."""

from __future__ import annotations

import pytest

from tests.needs import program
from tests.web.chromium import Page, browser
from tests.web.service import TOKEN, Service

pytestmark = pytest.mark.timeout(300)


async def type_words(page: Page, text: str) -> None:
    """Type as a person does: focus, then keys."""
    await page.until("!document.querySelector('#words').closest('form').hidden")
    await page.run("document.querySelector('#words').focus()")
    await page.send("Input.insertText", text=text)


async def test_a_person_plays_ukraine_in_the_browser(service: Service) -> None:
    chromium = program("chromium", "chromium-browser", "google-chrome")
    async with browser(chromium) as page:
        await page.size(1440, 900)
        await page.open(f"http://127.0.0.1:{service.port}/#token={TOKEN}")
        await page.until("document.querySelector('input[value=ukraine]') !== null")
        assert "token" not in await page.run("location.href")
        await page.click("input[value=ukraine]")
        form = "[aria-labelledby=table-for-five-title] form"
        await page.click(f"{form} button.main")
        await page.until("location.pathname.startsWith('/tables/')")
        await page.until("document.body.classList.contains('myturn')")
        assert "fiction" in await page.run("document.querySelector('#fiction').textContent")
        assert await page.run("document.querySelectorAll('#brief .red li').length") == 6

        await type_words(page, "We come for a peace that holds.")
        await page.click("#composer .main:not([hidden])")
        await page.until(
            "document.querySelector('.stage').textContent.startsWith('Round 1')"
            " && document.body.classList.contains('myturn')"
        )

        await page.run("document.querySelector('#to').value = 'russia'")
        await type_words(page, "What would you need in order to accept the monitoring?")
        await page.run("document.querySelector('#composer').requestSubmit()")
        answered = (
            "[...document.querySelectorAll('#log .entry')].some(e => "
            "e.querySelector('.who').textContent === 'Russia' && "
            "e.compareDocumentPosition([...document.querySelectorAll('#log .own')].pop()) & 2)"
        )
        await page.until(answered)

        await page.click("#tab-build")
        await page.until("document.querySelector('.value').textContent.includes('none of your')")
        await page.run(
            "(s => { s.value = 'recognition'; s.dispatchEvent(new Event('change')); })"
            "(document.querySelector('#build-territory'))"
        )
        await page.until("document.querySelector('.value .alarm') !== null")
        await page.click(".builder button.main")
        await type_words(page, "A text to begin with.")
        await page.click("#composer .sendrow .main")
        await page.until("document.querySelector('#confirm').open")
        told = await page.run("document.querySelector('#confirm').textContent")
        assert "recognises no Russian sovereignty" in told
        await page.click("#confirm button[value=no]")

        await page.run(
            "(s => { s.value = 'line-with-integrity'; s.dispatchEvent(new Event('change')); })"
            "(document.querySelector('#build-territory'))"
        )
        await page.until("document.querySelector('.value').textContent.includes('none of your')")
        await page.click(".builder button.main")
        await page.click("#composer .sendrow .main")
        await page.until(
            "document.querySelector('#log .own .offer') !== null"
            " && document.querySelector('.stage').textContent.startsWith('Round 2')"
        )
        await page.until("document.querySelectorAll('#panel-draft .bracket').length > 0")

        # Coming back shows the same, from the log.
        before = await page.run("document.querySelector('#log .own').textContent")
        await page.send("Page.reload")
        await page.until("document.querySelector('#log .own .offer') !== null")
        assert await page.run("document.querySelector('#log .own').textContent") == before

        for width in (390, 320):
            await page.size(width, 800)
            assert await page.run("document.documentElement.scrollWidth") <= width
        assert page.complaints == []


async def test_without_a_token_the_page_asks_for_one(service: Service) -> None:
    chromium = program("chromium", "chromium-browser", "google-chrome")
    async with browser(chromium) as page:
        await page.size(390, 800)
        await page.open(f"http://127.0.0.1:{service.port}/")
        await page.until("document.querySelector('#token') !== null")
        await page.run("document.querySelector('#token').focus()")
        await page.send("Input.insertText", text=TOKEN)
        await page.click("form button.main")
        await page.until("document.querySelector('input[value=ukraine]') !== null")
        assert await page.run("document.documentElement.scrollWidth") <= 390


async def test_who_facilitates_finds_seats_for_people_and_a_table_that_waits(
    service: Service,
) -> None:
    chromium = program("chromium", "chromium-browser", "google-chrome")
    form = "[aria-labelledby=first-offer-title] form"
    async with browser(chromium) as page:
        await page.size(1440, 900)
        await page.open(f"http://127.0.0.1:{service.port}/#token={TOKEN}")
        await page.click(f"{form} input[value='facilitator!']")
        chosen = f"[...document.querySelectorAll('{form} .castrow > select:first-of-type')]"
        await page.until(f"{chosen}.every(s => s.value === 'person')")
        # Another choice takes that back, unless somebody has chosen players by hand.
        await page.click(f"{form} input[value=candidate]")
        await page.until(f"{chosen}.every(s => s.value === '')")
        await page.click(f"{form} input[value='facilitator!']")
        await page.click(f"{form} button.main")
        await page.until(
            "document.querySelector('#desk-firm header')?.textContent.includes('person')"
        )
        await page.until("document.querySelector('.stage')?.textContent === 'Opening statements'")
        brief = await page.run("[...document.querySelectorAll('#desk-firm a')].pop().href")
        await page.open(brief)
        await page.until("document.querySelector('#brief .red') !== null")
        order = await page.run(
            "[...document.querySelectorAll('#panel-brief h3')].slice(0, 3).map(h => h.textContent)"
        )
        assert order == ["Who you are", "Your orders", "Your red lines"]
        # With one other seat words are for that one, and an issue's options come best first.
        await page.until("document.querySelector('#to').value === 'candidate'")
        worth = await page.run(
            "[...document.querySelector('#build-pay').options].slice(1).map(o => parseInt(o.text))"
        )
        assert worth == sorted(worth, reverse=True)
        # On paper: all four parts of the instructions, and nothing of the talk.
        await page.send("Emulation.setEmulatedMedia", media="print")
        shown = "(s => getComputedStyle(document.querySelector(s)).display)"
        for panel in ("brief", "sheet", "args", "others"):
            assert await page.run(f"{shown}('#panel-{panel}')") == "block"
        for part in ("#talk", "#paper", "#panes"):
            assert await page.run(f"{shown}('{part}')") == "none"

        # Played to its end by engines, it leaves the desk a report to hand out to every seat.
        await page.send("Emulation.setEmulatedMedia", media="screen")
        await page.open(brief.partition("?")[0] + "?viewer=facilitator")
        for seat in ("candidate", "firm"):
            await page.click(f"#desk-{seat} .cardacts button")
        await page.until("document.querySelectorAll('#close .handouts a').length === 2")
        await page.until("document.querySelector('#brief .deskform').closest('[hidden]') !== null")
        await page.open(await page.run("document.querySelector('#close .handouts a').href"))
        await page.until('document.body.innerText.includes("the seat\'s own debrief")')
        own = await page.run("document.body.innerText")
        assert "Candidate: this is" in own
        assert "opens every seat's confidential sheet" not in own
        assert page.complaints == []
