// One table: opens the line, keeps the state, and lets every part draw itself from it.

import { byId, capital, el, fill, tell } from "./dom.js";
import { api, enter, Line } from "./net.js";
import { State } from "./state.js";
import { Transcript } from "./talk.js";
import { drawBrief } from "./brief.js";
import { Paper } from "./paper.js";
import { Floor } from "./floor.js";
import { Provisional } from "./drafts.js";
import { Desk } from "./desk.js";

const table = location.pathname.split("/")[2];
let operator = false;
let state = null;
let line = null;
let parts = null;
let pane = "talk";

const actions = {
  look: (number) => { show("paper"); parts.paper.look(number); },
  start: (pack) => { show("paper"); parts.paper.kit.show("build"); parts.paper.builder.put(pack); },
  propose: (pairs) => { show("paper"); parts.paper.kit.show("build"); parts.paper.builder.merge(pairs); },
  worth: (pack) => line.ask("worth", { package: pack }),
  endorse: (number) => parts.floor.stageEndorse(number),
  withdraw: (number) => parts.floor.stageWithdraw(number),
  stage: (pack, same) => parts.floor.stage(pack, same),
  pane: (name) => show(name),
};

begin();

async function begin() {
  try {
    const given = await enter();
    const me = await api("/v1/me");
    operator = me.role === "operator";
    const asked = new URLSearchParams(location.search).get("viewer") ?? given.get("viewer");
    const viewer = me.role === "guest" ? me.viewer : asked ?? "watcher";
    line = new Line(table, viewer, heard);
  } catch (problem) {
    const login = problem.code === "not-logged-in" || problem.code === "bad-token";
    fill(byId("top"), el("h1", {}, "Parley"));
    say(login ? "You are not logged in. Open the address that parley serve printed." : problem.message ?? String(problem));
  }
}

function heard(type, frame) {
  if (type === "ready") ready(frame);
  else if (type === "event") happened(frame);
  else if (type === "draft") parts.drafts.take(frame);
  else if (type === "void") parts.drafts.drop(frame);
  else if (type === "usage") parts.desk?.spent(frame);
  else if (type === "status") status(frame);
  else if (type === "lost") say("The line is down. Trying again…");
  else if (type === "ended") say(ENDS[frame.code] ?? "The server closed the line. Reload the page.");
  else if (type === "server.draining") say("The server is stopping. The table goes on when it is back.");
}

const ENDS = {
  4401: "You are not logged in. Open the address that parley serve printed.",
  4403: "This table, or this seat, is not open to you.",
  4404: "There is no such table here.",
  4411: "Your link was revoked. Ask the facilitator for a new one.",
};

function say(text) {
  const node = byId("line");
  node.hidden = !text;
  node.textContent = text;
}

function happened(frame) {
  state.take(frame);
  if (frame.kind === "seat.moved") parts.drafts.settle(frame.body.turn);
  else if (frame.kind === "words.spoken" && frame.body.speech.answers) parts.drafts.answer(frame.body);
}

function ready(frame) {
  say("");
  parts?.drafts.clear();
  if (state && frame.after > 0) {
    state.status = frame.status;
    draw();
    return;
  }
  state = new State(frame);
  fill(byId("fiction"), el("b", {}, `As of ${state.table.as_of}. `), state.table.disclaimer);
  parts = { talk: new Transcript(state, actions), paper: new Paper(state, actions), floor: new Floor(state, line, actions) };
  parts.drafts = new Provisional(state, byId("log"));
  if (state.you.role === "facilitator") parts.desk = new Desk(state, line, table, operator);
  else drawBrief(state, operator ? invite : null, operator ? `/tables/${table}?viewer=facilitator` : null);
  drawPanes();
  if (!frame.head) draw();
}

function status(frame) {
  const before = state.status;
  const first = !parts.talk.settled;
  state.status = frame;
  draw();
  if (first) parts.talk.settle();
  if (state.myTurn && (first || before.turn?.number !== frame.turn.number)) tell("It is your turn.");
}

function draw() {
  drawTop();
  parts.talk.update();
  parts.paper.update();
  parts.floor.update();
  parts.floor.opened();
  parts.floor.drawAsks();
  parts.drafts.follow(state.status);
  parts.desk?.update();
  drawClose();
  document.body.classList.toggle("myturn", Boolean(state.myTurn));
  document.title = `${state.myTurn ? "Your turn · " : ""}${state.table.title} · Parley`;
}

function drawTop() {
  const floor = state.status.closed ? null : whose();
  fill(byId("top"),
    el("div", { class: "titles" }, el("a", { href: "/", class: "brand", "aria-label": "Parley: all tables" }, el("img", { src: "/static/icon.svg", alt: "", width: 24, height: 24 })),
      el("h1", {}, state.table.title), el("span", { class: "tag" }, state.table.preset.id), el("b", { class: "stage" }, state.stage)),
    el("ul", { class: "seatsrow", "aria-label": "Seats" }, state.table.seats.map((seat) => seatTag(seat))),
    el("div", { class: `whose ${state.myTurn ? "yours" : ""}`, role: "status" }, floor), el("span", { id: "clock", class: "tag", "aria-hidden": "true", hidden: !state.status.turn?.deadline }));
  clock();
}

function seatTag(seat) {
  const occupant = state.status.occupants[seat.id];
  const has = state.status.turn?.seat === seat.id;
  const gone = !state.status.present.includes(seat.id);
  const who = seat.id === state.seat ? "you" : occupant;
  return el("li", { class: `${state.colour(seat.id)} ${has ? "has" : ""} ${gone ? "gone" : ""}`, title: gone ? "left the table" : [state.status.names[seat.id], has ? "has the floor" : ""].filter(Boolean).join(", ") },
    el("bdi", {}, capital(state.short(seat.id))), el("span", { class: "soft" }, gone ? "left" : who), has ? el("span", { class: "unseen" }, "has the floor") : null);
}

function whose() {
  const { awaited } = state.status;
  if (state.myTurn) return el("b", {}, "It is your turn.");
  if (state.status.legal?.asked.length && state.seated) return el("b", {}, "The table waits for your answer.");
  const turn = awaited.find((each) => each.act === "turn");
  if (turn) return el("span", {}, `${capital(state.short(turn.seat))} has the floor.`);
  const words = { ballot: "The seats rank the texts that pass.", vote: "The mediator waits for private answers.", improvement: "The seats answer on the improvement.", search: "The server looks for an improvement.", text: "The chair or mediator prepares a text.", drafts: "The mediator prepares drafts." };
  return el("span", {}, words[awaited[0]?.act] ?? "");
}

// What is left of the turn, where the table has a clock.
function clock() {
  const node = byId("clock");
  const deadline = state?.status.turn?.deadline;
  if (!node || !deadline) return;
  const left = Math.max(0, Math.round((deadline - Date.now()) / 1000));
  node.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
}
setInterval(clock, 1000);

function drawPanes() {
  const rows = [["brief", state.seat ? "Your brief" : parts.desk ? "Desk" : "Seats"], ["talk", "Talk"], ["paper", state.seat ? "Texts and offers" : "Texts"]];
  fill(byId("panes"), rows.map(([name, text]) => el("button", { type: "button", id: `pane-${name}`, onclick: () => show(name) }, text)));
  show(pane);
}

function show(name) {
  pane = name;
  byId("main").dataset.pane = name;
  for (const button of byId("panes").children) {
    if (button.id === `pane-${name}`) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

// A link that admits somebody else to one seat, and to nothing more.
async function invite(seat) {
  const made = await api(`/v1/tables/${table}/passes`, { viewer: seat });
  return location.origin + made.page;
}

let verdictAsked = false;

async function drawClose() {
  const box = byId("close");
  const { closed } = state.status;
  box.hidden = !closed;
  if (!closed || verdictAsked) return;
  verdictAsked = true;
  const viewer = encodeURIComponent(state.you.viewer);
  const report = (who) => `/tables/${table}/debrief?viewer=${encodeURIComponent(who)}`;
  const desk = state.you.role === "facilitator";
  const links = el("div", {},
    el("p", { class: "sendrow" }, el("a", { class: "button", href: `/tables/${table}/assessment?viewer=${viewer}` }, "Read the whole assessment"),
      viewer === "watcher" ? null : el("a", { class: "button", href: report(state.you.viewer) }, "After-action report"),
      el("a", { href: `/v1/tables/${table}/record?viewer=${viewer}`, download: "" }, desk ? "Save the record, with every secret" : "Save your record")),
    el("p", { class: "soft small" }, "The assessment opens everybody's points. ",
      desk ? "Your after-action report opens every sheet: talk about the result before you show it." : state.seat ? "Your after-action report is worked out from what your seat saw, and holds nobody else's." : ""),
    desk && operator ? el("p", { class: "small handouts" }, "To hand out, each without the others' secrets: ",
      state.table.seats.map((seat, place) => [place ? ", " : "", el("a", { href: report(seat.id) }, seat.short)]), ".") : null);
  fill(box, el("h3", {}, `The talks are over: ${closed.outcome}`), el("p", { class: "soft" }, "Working out who left with what…"));
  try {
    const found = await api(`/v1/tables/${table}/assessment?viewer=${viewer}`);
    fill(box, el("h3", {}, "Who leaves with nothing?"), el("p", { class: "headline" }, found.headline), ledger(found), links);
  } catch (problem) {
    fill(box, el("h3", {}, `The talks are over: ${closed.outcome}`), el("p", {}, problem.message), links);
  }
  box.scrollIntoView({ block: "nearest" });
}

// Gains over no deal, by seat and currency.
function ledger(found) {
  const verdict = found.improvement === "accepted" && found.improved ? found.improved : found.signed;
  const names = new Map(found.seats.map((seat) => [seat.id, seat.short]));
  const signed = (points) => (points > 0 ? `+${points}` : points < 0 ? `−${-points}` : "0");
  return el("div", { class: "scroll" }, el("table", { class: "sheet" }, el("caption", {}, "Points over no deal"),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Seat"), found.currencies.map((name) => el("th", { scope: "col" }, name)), el("th", { scope: "col" }, "total"))),
    el("tbody", {}, verdict.seats.map((seat) => el("tr", {}, el("th", { scope: "row" }, capital(names.get(seat.seat))),
      seat.currencies.map((entry) => el("td", { class: entry.gain > 0 ? "good" : entry.gain < 0 ? "bad" : "" }, signed(entry.gain))),
      el("td", {}, el("b", {}, signed(seat.gain))))))));
}
