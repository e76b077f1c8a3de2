// The front page: pick a case, a difficulty and a seat, or go back to an open table.

import { byId, capital, choose, el, fill, listed, many } from "./dom.js";
import { api, enter } from "./net.js";
import { Casting } from "./players.js";

const FLOORS = [
  { value: "list", text: "Speaking list" },
  { value: "mention", text: "Whoever was addressed" },
  { value: "bid", text: "Most urgent first" },
];
const MEDIATORS = [
  { value: "none", text: "No mediator" },
  { value: "votes", text: "Asks yes or no" },
  { value: "ranks", text: "Asks for rankings" },
];

start();

async function start() {
  const main = byId("main");
  try {
    await enter();
    await show(main);
  } catch (problem) {
    if (problem.code === "not-logged-in" || problem.code === "bad-token") login(main, problem);
    else fill(main, el("p", { class: "alarm", role: "alert" }, problem.message ?? String(problem)));
  }
}

async function show(main) {
  const me = await api("/v1/me");
  if (me.role === "guest") {
    location.assign(`/tables/${me.table}?viewer=${encodeURIComponent(me.viewer)}`);
    return;
  }
  const [cases, tables, listing] = await Promise.all([api("/v1/cases"), api("/v1/tables"), api("/v1/players")]);
  const order = [...cases].sort((a, b) => (b.seats?.length ?? 0) - (a.seats?.length ?? 0));
  fill(main, resume(tables.filter((table) => !table.closed)), order.map((item) => card(item, listing)), ended(tables.filter((table) => table.closed)));
}

function login(main, problem) {
  const token = el("input", { id: "token", name: "token", type: "password", autocomplete: "off", required: true });
  const said = el("p", { class: "alarm", role: "alert", hidden: problem.code !== "bad-token" }, problem.message);
  const form = el("form", { class: "card narrow", onsubmit: async (event) => {
    event.preventDefault();
    try {
      await api("/api/login", { token: token.value.trim() });
      await show(main);
    } catch (again) {
      said.hidden = false;
      said.textContent = again.message;
    }
  } },
  el("h2", {}, "Log in"),
  el("p", {}, "Open the address that ", el("code", {}, "parley serve"), " printed, or paste the token that stands in it after ", el("code", {}, "#token="), "."),
  el("label", { for: "token" }, "Token"), token, said,
  el("button", { class: "main" }, "Log in"));
  fill(main, form);
}

function resume(tables) {
  if (!tables.length) return null;
  return el("section", { class: "card", "aria-labelledby": "resume-title" },
    el("h2", { id: "resume-title" }, "Go on with an open table"),
    el("ul", { class: "tables" }, tables.slice(0, 12).map(row)));
}

function ended(tables) {
  if (!tables.length) return null;
  return el("details", { class: "card" },
    el("summary", {}, `Ended tables (${tables.length})`),
    el("ul", { class: "tables" }, tables.slice(0, 50).map(row)));
}

function row(table) {
  const people = table.seats.filter((seat) => seat.occupant === "person");
  const viewer = people.length ? people[0].id : "watcher";
  const held = people.length ? `${people.length === 1 ? "a person plays" : "people play"} ${listed(people.map((seat) => seat.short))}` : "engines play every seat";
  const when = new Date(table.opened).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  const state = table.closed ? capital(table.closed.outcome) : table.round === 0 ? "Opening statements" : `Round ${table.round} of ${table.rounds}`;
  return el("li", {},
    el("a", { href: `/tables/${table.id}?viewer=${encodeURIComponent(viewer)}` }, table.title),
    el("span", { class: "soft" }, ` ${state} · ${held} · ${table.preset} · opened ${when}`),
    table.closed ? el("a", { class: "aside", href: `/tables/${table.id}/assessment` }, "Assessment") : null,
    table.closed ? el("a", { class: "aside", href: `/tables/${table.id}/debrief`, title: "Opens every seat's sheet" }, "After-action report") : null,
    el("a", { class: "aside", href: `/tables/${table.id}?viewer=facilitator`, title: "Shows every seat's secrets" }, "Desk"));
}

function card(item, listing) {
  if (item.problem) {
    return el("section", { class: "card" }, el("h2", {}, item.title), el("p", { class: "alarm" }, `Cannot be opened: ${item.problem}`));
  }
  const name = item.name;
  const session = item.session;
  const said = el("p", { class: "alarm", role: "alert", hidden: true });
  const preset = choose({ id: `${name}-preset` }, item.presets.map((each) => ({ value: each.id, text: capital(each.id) })), session.preset);
  const told = el("span", { class: "soft" });
  const explain = () => { told.textContent = item.presets.find((each) => each.id === preset.value).text; };
  preset.addEventListener("change", explain);
  explain();
  const rounds = el("input", { type: "number", id: `${name}-rounds`, min: 1, max: 100, value: session.rounds });
  const floor = choose({ id: `${name}-floor` }, FLOORS, session.floor);
  const mediator = choose({ id: `${name}-mediator` }, MEDIATORS, session.mediator);
  const clock = choose({ id: `${name}-clock` }, [
    { value: "0", text: "No clock" }, { value: "120", text: "2 minutes a turn" },
    { value: "300", text: "5 minutes a turn" }, { value: "900", text: "15 minutes a turn" },
  ], String(session.turn_seconds));
  const chair = el("input", { type: "checkbox", id: `${name}-chair`, checked: session.chair });
  const improve = el("input", { type: "checkbox", id: `${name}-improve`, checked: session.improve });
  const casting = new Casting(name, item.seats, listing);
  const go = el("button", { class: "main" }, "Open the table");
  const form = el("form", { onsubmit: open },
    el("fieldset", { class: "seats" }, el("legend", {}, "Your seat"),
      item.seats.map((seat, place) => seatChoice(name, seat, place === 0)),
      el("label", { class: "seat" }, el("input", { type: "radio", name: `${name}-seat`, value: "" }),
        el("span", {}, el("b", {}, "Watch"), el("span", { class: "soft" }, "No seat is yours; you look on. Engines alone play a table out in seconds; you read it afterwards."))),
      el("label", { class: "seat" }, el("input", { type: "radio", name: `${name}-seat`, value: "facilitator!" }),
        el("span", {}, el("b", {}, "Facilitate"), el("span", { class: "soft" }, "You hand out the seats by link and run the table from the desk. You see every secret.")))),
    el("div", { class: "fields" },
      field("Difficulty", preset, told)),
    casting.node,
    el("details", { class: "more" }, el("summary", {}, "Session options"),
      el("div", { class: "fields" },
        field("Rounds", rounds), field("Who speaks next", floor), field("Mediator", mediator), field("Clock", clock),
        tick(chair, "A chair may table a text of its own"), tick(improve, "After a deal, look for one that is better for somebody and worse for nobody"))),
    said, go);

  form.addEventListener("change", (event) => {
    if (event.target.name === `${name}-seat`) casting.facilitate(event.target.value === "facilitator!");
  });

  async function open(event) {
    event.preventDefault();
    const place = form.querySelector(`input[name="${name}-seat"]:checked`).value;
    const seat = place === "facilitator!" ? "" : place;
    go.disabled = true;
    try {
      const made = await api("/v1/tables", {
        case: name, preset: preset.value, rounds: Number(rounds.value), floor: floor.value, mediator: mediator.value,
        turn_seconds: Number(clock.value), chair: chair.checked, improve: improve.checked, seats: { ...casting.chosen(seat), ...(seat ? { [seat]: "person" } : {}) },
      });
      location.assign(`${made.page}?viewer=${encodeURIComponent(seat || (place ? "facilitator" : "watcher"))}`);
    } catch (problem) {
      said.hidden = false;
      said.textContent = [problem.message, problem.remedy].filter(Boolean).join(" ");
      go.disabled = false;
    }
  }

  return el("section", { class: "card", "aria-labelledby": `${name}-title` },
    el("h2", { id: `${name}-title` }, item.title),
    el("p", { class: "soft" }, `${many(item.seats.length, "seat")}, ${many(item.issues.length, "issue")}: ${item.issues.map((issue) => issue.title).join(", ")}.`),
    el("p", { class: "fiction" }, item.disclaimer),
    form);
}

function seatChoice(name, seat, first) {
  const brief = seat.brief.split(/(?<=[.])\s/)[0];
  return el("label", { class: "seat" },
    el("input", { type: "radio", name: `${name}-seat`, value: seat.id, checked: first }),
    el("span", {}, el("b", {}, capital(seat.short)), el("span", { class: "soft" }, brief)));
}

function field(title, input, ...more) {
  return el("p", { class: "field" }, el("label", { for: input.id }, title), input, ...more);
}

function tick(input, title) {
  return el("p", { class: "field tick" }, input, el("label", { for: input.id }, title));
}
