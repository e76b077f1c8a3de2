// The transcript: who said what, as whom, and what it does to the texts on the table.

import { byId, capital, el, fill, listed, many } from "./dom.js";

const VOICES = { person: "person", engine: "engine", model: "model", chair: "chair", mediator: "mediator", facilitator: "facilitator" };
const VOICE_TELLS = {
  person: "A person wrote these words", engine: "The offline engine wrote these words", model: "A language model wrote these words",
  chair: "The chair's own text, made by the engine", mediator: "The mediator's own text, made by the engine", facilitator: "From the facilitator",
};

const STOOD_IN = {
  clock: "The clock ran out.",
  "no-answer": "The engine took this turn: the model gave no answer.",
  "no-usable-plan": "The engine took this turn: the model gave no usable move.",
  "no-usable-words": "The model decided; the engine put it into words.",
  "repeats-itself": "The engine took this turn: the model repeated itself.",
  "move-refused": "The engine took this turn: the model's move was not open to it.",
};

// The node of one entry, or null for what is not shown.
export function entryNode(state, entry, actions) {
  const draw = { "seat.moved": moved, "words.spoken": spoken, "text.tabled": tabled, "round.opened": round,
    "news.arrived": news, "seat.taken": seated, "endorsements.lapsed": lapsed, "caucus.opened": caucus, "caucus.closed": caucusOver,
    "ranking.opened": ranking, "drafts.circulated": drafts, "agreement.reached": agreed, "improvement.settled": improved,
    "improvement.answered": answered, "table.closed": closed, "line.crossed": crossed, "reading.proposed": reading }[entry.kind];
  return draw ? draw(state, entry, actions) : null;
}

// Who wrote these words: a person, the engine, or which model.
export function voice(by, name) {
  const told = (by === "model" || by === "person") && name ? `${VOICES[by]} · ${name}` : VOICES[by] ?? by;
  return el("span", { class: `badge ${by}`, title: VOICE_TELLS[by] }, el("bdi", {}, told));
}

function speech(state, seat, words, to, name, ...more) {
  return el("article", { class: `entry ${state.colour(seat)}${seat === state.seat ? " own" : ""}` },
    el("header", {}, el("bdi", { class: "who" }, capital(state.short(seat))), voice(words.by, name),
      to ? el("span", { class: "soft" }, `to ${state.short(to)}`) : null,
      seat === state.seat ? el("span", { class: "soft" }, "you") : null),
    words.text.split(/\n+/).map((part) => el("p", { dir: "auto" }, part)), more);
}

function moved(state, entry, actions) {
  const { body } = entry;
  const acts = [];
  if (body.move.endorse.length) acts.push(el("p", { class: "act" }, "Supports ", offerLinks(body.move.endorse, actions), "."));
  for (const each of body.move.withdraw) {
    acts.push(el("p", { class: "act" }, "No longer supports ", offerLinks([each.offer], actions), `: ${each.reason}`));
  }
  if (body.move.walk) acts.push(el("p", { class: "act alarm" }, "Leaves the table for good."));
  if (body.stand_in) acts.push(el("p", { class: "act soft" }, STOOD_IN[body.stand_in] ?? "The engine took this turn in the model's place."));
  if (body.offer) acts.push(offerCard(state, state.offer(body.offer), entry.mine, entry.before, actions));
  return speech(state, body.seat, body.move.speech, body.move.speech.to, entry.name, acts);
}

function tabled(state, entry, actions) {
  return speech(state, entry.body.by, entry.body.speech, null, null, offerCard(state, state.offer(entry.body.offer), entry.mine, null, actions));
}

function spoken(state, entry) {
  const { body } = entry;
  const room = body.room === "plenary" ? null : el("p", { class: "act soft" }, `In private: ${roomName(state, body.room)}`);
  const node = speech(state, body.seat, body.speech, body.speech.to, entry.name, room);
  if (room) node.classList.add("private");
  return node;
}

export function roomName(state, id) {
  return listed(id.split("/")[0].split("+").map((seat) => state.short(seat)));
}

function offerLinks(numbers, actions) {
  const parts = [];
  numbers.forEach((number, place) => {
    if (place) parts.push(", ");
    parts.push(el("button", { type: "button", class: "link", onclick: () => actions.look(number) }, `offer ${number}`));
  });
  return parts;
}

// A compact card: what an offer changes against one's own last text, else its author's last.
export function offerCard(state, offer, mine, before, actions) {
  const base = mine ?? before;
  const against = mine ? "your last text" : "their last text";
  const rows = base ? state.changes(base, offer.package) : state.issues.map((issue) => issue.id);
  const list = el("dl", { class: "terms" }, rows.map((issue) => [
    el("dt", {}, state.title(issue)),
    el("dd", {}, state.label(issue, offer.package[issue]),
      base ? el("span", { class: "was" }, `${mine ? "yours" : "was"}: ${state.label(issue, base[issue])}`) : null)]));
  const said = base ? (rows.length ? `${many(rows.length, "change")} from ${against}` : `the same as ${against}`) : "a complete text";
  const value = worthTag(state, offer.package);
  return el("details", { class: "offer", open: Boolean(base) && rows.length <= 4 },
    el("summary", {}, el("b", {}, `Offer ${offer.number}`), ` ${said} `, value),
    list,
    el("p", { class: "cardacts" }, el("button", { type: "button", class: "link", onclick: () => actions.look(offer.number) }, "Read it whole"),
      state.seat ? el("button", { type: "button", class: "link", onclick: () => actions.start(offer.package) }, "Start from it") : null));
}

export function worthTag(state, pack) {
  const worth = state.worth(pack);
  if (!worth) return null;
  const floor = state.you.floor.total;
  const good = worth.total >= floor;
  return el("span", { class: `tag ${good ? "good" : "bad"}`, title: `Only you see this. Your floor is ${floor}.` },
    `${worth.total} to you`);
}

function round(state, entry) {
  const name = entry.body.round === 0 ? "Opening statements" : `Round ${entry.body.round} of ${state.table.session.rounds}`;
  return el("h3", { class: "round" }, name);
}

function news(state, entry) {
  return note("News", entry.body.text, "news");
}

function note(title, text, kind = "") {
  return el("p", { class: `note ${kind}` }, el("b", {}, `${title}. `), text);
}

function seated(state, entry) {
  const { seat, occupant, name } = entry.body;
  if (entry.cursor <= state.seats.size + 1 && occupant === "engine") return null;
  const who = { person: name || "A person", engine: "The engine", model: `The model ${name}` }[occupant];
  // The engine in a model's place says for which, and why.
  const why = occupant === "engine" && name ? ` ${name}` : "";
  return el("p", { class: why ? "note" : "note soft" }, `${who} takes the seat of ${state.short(seat)}${why}.`);
}

function lapsed(state, entry) {
  const { seat, offers } = entry.body;
  return el("p", { class: "note soft" }, `${capital(state.short(seat))} no longer stands behind offer ${listed(offers.map(String))}.`);
}

function caucus(state, entry) {
  const { seats, by, topic } = entry.body;
  return note("In private", `${capital(state.short(by))} calls ${listed(seats.filter((seat) => seat !== by).map((seat) => state.short(seat)))} apart${topic ? `: ${topic}` : "."}`, "private");
}

function caucusOver(state, entry) {
  return note("In private", `The meeting of ${roomName(state, entry.body.room)} is over.`, "private");
}

function ranking(state, entry) {
  return note("Several texts pass", `The seats rank offers ${listed(entry.body.offers.map(String))}.`, "good");
}

function drafts(state, entry) {
  return note("Mediator", `${many(entry.body.drafts.length, "draft")} go round; every seat answers in private.`);
}

function agreed(state, entry) {
  return note("Agreement", `Offer ${entry.body.offer} is agreed by ${listed(entry.body.backers.map((seat) => state.short(seat)))}. ${capital(entry.body.how)}`, "good");
}

function improved(state, entry) {
  const said = { accepted: "All accept the improvement; it replaces the deal.", refused: "The improvement was refused; the deal stays as signed.", none: "There is no text that is better for somebody and worse for nobody." };
  return note("Improvement", said[entry.body.outcome]);
}

function answered(state, entry) {
  return el("p", { class: "note soft" }, `${capital(state.short(entry.body.seat))} ${entry.body.accept ? "accepts" : "refuses"} the improvement.`);
}

function closed(state, entry) {
  return note(`The talks are over: ${entry.body.outcome}`, capital(entry.body.reason), "good");
}

function crossed(state, entry) {
  if (entry.body.seat !== state.seat) return null;
  return note("You crossed your own line", entry.body.breaches.map((each) => each.reason).join("; "), "alarm");
}

function reading(state, entry, actions) {
  return el("div", { class: "note reading" },
    el("p", {}, el("b", {}, "Did you mean an offer? "), entry.body.text),
    el("p", {}, el("button", { type: "button", onclick: () => actions.propose(entry.body.choices) }, "Put it in the offer builder"),
      el("span", { class: "soft" }, " Only you see this. Words bind nobody.")));
}

// Appends what is new; keeps the reader's place unless they were at the end already.
export class Transcript {
  constructor(state, actions) {
    this.state = state;
    this.actions = actions;
    this.log = byId("log");
    fill(this.log);
    this.shown = 0;
  }

  update() {
    const log = this.log;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    let mine = null;
    for (; this.shown < this.state.entries.length; this.shown += 1) {
      const entry = this.state.entries[this.shown];
      const node = entryNode(this.state, entry, this.actions);
      if (!node) continue;
      log.append(node);
      if (entry.body.seat === this.state.seat && (entry.kind === "seat.moved" || entry.kind === "words.spoken")) mine = node;
    }
    if (!this.settled) return;
    // After one's own words the reading goes on from there, so that nothing runs past.
    if (mine) this.anchor = mine;
    if (this.anchor) {
      const top = this.anchor.offsetTop - log.offsetTop - 8;
      log.scrollTop = top;
      if (log.scrollTop >= top - 1) this.anchor = null;
    } else if (atEnd) log.scrollTop = log.scrollHeight;
  }

  settle() {
    this.settled = true;
    // Who only reads talks that have ended begins at their beginning.
    this.log.scrollTop = this.state.status.closed && !this.state.seat ? 0 : this.log.scrollHeight;
  }
}
