// Taking the floor: the composer, what is staged for one's turn, and the forms of private answers.

import { byId, capital, choose, el, fill, listed, tell } from "./dom.js";
import { roomName, worthTag } from "./talk.js";

export class Floor {
  constructor(state, line, actions) {
    this.state = state;
    this.line = line;
    this.actions = actions;
    this.endorse = new Set();
    this.withdraw = new Set();
    this.pack = null;
    this.chips = el("div", { class: "chips", hidden: true });
    this.text = el("textarea", { id: "words", rows: 3, maxlength: 8000, "aria-describedby": "hint", onkeydown: (event) => this.keyed(event), oninput: () => { this.turn.textContent = this.label(); } });
    this.to = el("select", { id: "to", "aria-label": "Addressed to" });
    this.room = el("select", { id: "where", "aria-label": "Where", onchange: () => this.update() });
    this.hint = el("p", { id: "hint", class: "soft small hint" });
    this.said = el("p", { class: "alarm", role: "alert", hidden: true });
    this.say = el("button", { type: "submit" }, "Say");
    this.turn = el("button", { type: "button", class: "main", onclick: () => this.take() }, "Take your turn");
    this.leave = el("button", { type: "button", class: "link", onclick: () => this.walk() }, "Leave the table");
    this.form = byId("composer");
    this.form.onsubmit = (event) => { event.preventDefault(); this.speak(); };
    this.chair = el("p", { class: "takeseat" });
    fill(this.form, this.chair, this.chips, el("label", { for: "words", class: "unseen" }, "Your words"),
      this.text, this.said,
      el("div", { class: "sendrow" }, this.room, this.to, el("span", { class: "grow" }), el("span", { class: "sendrow" }, this.say, this.turn)), this.hint,
      el("p", { class: "small rowlinks" }, el("button", { type: "button", class: "link", onclick: () => this.caucus() }, "Talk to some seats in private…"),
        el("button", { type: "button", class: "link", onclick: () => this.line.ask("seat.hand_back") }, "Hand your seat to the engine"), this.leave));
    this.words = "";
  }

  keyed(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (this.state.myTurn && this.plenary) this.take();
    else this.speak();
  }

  get plenary() {
    return this.room.value === "plenary" || this.room.value === "";
  }

  update() {
    const { state } = this;
    const closed = Boolean(state.status.closed);
    this.form.hidden = !state.seat || closed;
    if (this.form.hidden) return;
    const seated = state.seated;
    for (const node of this.form.children) if (node !== this.chair) node.hidden = !seated;
    this.chair.hidden = seated;
    if (!seated) {
      fill(this.chair, `The engine holds the seat of ${state.short(state.seat)}. `,
        el("button", { type: "button", class: "main", onclick: () => this.line.ask("seat.take").then((answer) => this.told(answer)) }, "Take the seat"));
      return;
    }
    this.said.hidden = !this.said.textContent;
    this.options();
    const mine = state.myTurn && this.plenary;
    this.turn.hidden = !mine;
    this.say.hidden = mine && state.status.round === 0;
    this.say.textContent = this.plenary ? (mine ? "Only say it" : "Say") : "Say in private";
    this.text.placeholder = mine ? (state.status.round === 0 ? "Your opening statement" : "What you tell the table with this turn") : this.plenary ? "Ask, argue, answer: between turns words bind nobody" : "Only this room hears it";
    this.turn.textContent = this.label();
    this.leave.hidden = !state.status.legal?.may_walk;
    const whom = state.seats.size > 2 ? " Choose a delegation, or begin with its name, and it answers what you say." : " What you only say is answered; it takes no turn.";
    fill(this.hint, mine ? `It is your turn. Ctrl+Enter takes it.${state.status.round ? whom : " Say who you are and what you came for."}` : state.myTurn ? "It is your turn: go back to the whole table to take it." : state.status.turn ? `${capital(state.short(state.status.turn.seat))} has the floor. You may speak between turns; support and offers wait for your turn.` : "Ctrl+Enter sends.");
    this.drawChips();
  }

  label() {
    if (this.state.status.round === 0) return "Make your statement";
    const parts = [];
    if (this.pack) parts.push("table your offer");
    if (this.endorse.size) parts.push(`support ${[...this.endorse].join(", ")}`);
    if (this.withdraw.size) parts.push("withdraw");
    return parts.length ? `Take your turn: ${listed(parts)}` : this.text.value.trim() ? "Take your turn: words only" : "Pass";
  }

  options() {
    const { state } = this;
    const rooms = [{ value: "plenary", text: "To the whole table" }, ...state.status.rooms.filter((room) => room.open && room.seats.includes(state.seat))
      .map((room) => ({ value: room.id, text: `Private: ${roomName(state, room.id)}` }))];
    replaceOptions(this.room, rooms);
    const inside = this.plenary ? [...state.seats.keys()] : state.status.rooms.find((room) => room.id === this.room.value).seats;
    const others = inside.filter((seat) => seat !== state.seat).map((seat) => ({ value: seat, text: `To ${state.short(seat)}` }));
    replaceOptions(this.to, others.length === 1 ? others : [{ value: "", text: "To everybody" }, ...others]);
  }

  drawChips() {
    const chips = [];
    for (const number of this.endorse) chips.push(this.chip(`Support offer ${number}`, () => this.endorse.delete(number)));
    for (const number of this.withdraw) chips.push(this.chip(`Withdraw from offer ${number}`, () => this.withdraw.delete(number)));
    if (this.pack) chips.push(this.chip("Table your offer", () => { this.pack = null; }, worthTag(this.state, this.pack)));
    this.chips.hidden = !chips.length;
    fill(this.chips, el("span", { class: "soft small" }, this.state.myTurn ? "In this turn: " : "Kept for your turn: "), chips);
  }

  chip(text, drop, more) {
    return el("span", { class: "chip staged" }, text, " ", more, el("button", { type: "button", "aria-label": `Remove: ${text}`, onclick: () => { drop(); this.update(); } }, "×"));
  }

  stageEndorse(number) {
    this.withdraw.delete(number);
    this.endorse.add(number);
    this.after(`Support for offer ${number} is kept for your turn.`);
  }

  stageWithdraw(number) {
    this.endorse.delete(number);
    this.withdraw.add(number);
    this.after("Say in your words why you withdraw: the table asks for a reason.");
  }

  stage(pack, same) {
    if (same && (this.state.status.backing[same] ?? []).includes(this.state.seat)) {
      this.actions.pane("talk");
      this.problem(`You already stand behind offer ${same}, which is this very text. Change an option first.`);
      return;
    }
    if (same) {
      this.stageEndorse(same);
      this.problem(`Offer ${same} is this very text, so it is support for that offer.`);
      return;
    }
    this.pack = pack;
    this.after("Your offer is kept for your turn.");
  }

  after(text) {
    this.problem("");
    tell(text);
    this.actions.pane("talk");
    this.update();
    this.text.focus();
  }

  problem(text) {
    this.said.textContent = text;
    this.said.hidden = !text;
  }

  told(answer) {
    if (answer.type === "refused" || answer.type === "error") {
      this.problem(answer.reason ?? answer.message);
      return false;
    }
    this.problem("");
    return true;
  }

  async speak() {
    const text = this.text.value.trim();
    if (!text) { this.text.focus(); return; }
    const answer = await this.line.ask("say", { text, room: this.room.value || "plenary", to: this.to.value || null });
    if (this.told(answer)) this.text.value = "";
    this.update();
  }

  async take(override = false, walk = false) {
    const text = this.text.value.trim();
    if (this.withdraw.size && !text) {
      this.problem("Say why you withdraw: the table asks for a reason.");
      this.text.focus();
      return;
    }
    const fields = {
      turn: this.state.status.turn.number, text, to: this.to.value || null, walk, override,
      endorse: walk ? [] : [...this.endorse], withdraw: walk ? [] : [...this.withdraw].map((offer) => ({ offer, reason: text })), package: walk ? null : this.pack,
    };
    this.turn.disabled = true;
    const answer = await this.line.ask("move", fields);
    this.turn.disabled = false;
    if (answer.code === "own-line") {
      const sure = await ask("Against your own instructions", [answer.reason, "You may do it all the same. It is recorded, and the assessment says so."], "Override and go on");
      if (sure) await this.take(true, walk);
      return;
    }
    if (!this.told(answer)) return;
    this.text.value = "";
    this.endorse.clear();
    this.withdraw.clear();
    this.pack = null;
    this.update();
  }

  async walk() {
    const sure = await ask("Leave the table for good?", ["If the decision rule cannot be met without you, the talks end for everybody with no deal."], "Leave the table");
    if (sure) await this.take(false, true);
  }

  async caucus() {
    const { state } = this;
    const boxes = [...state.seats.keys()].filter((seat) => seat !== state.seat).map((seat) => el("input", { type: "checkbox", id: `with-${seat}`, value: seat }));
    const topic = el("input", { id: "topic", maxlength: 200 });
    const sure = await ask("Talk in private", [
      "Only the seats you choose hear what is said there. Others are not told.",
      el("fieldset", {}, el("legend", {}, "With"), boxes.map((box) => el("label", { class: "tick" }, box, capital(state.short(box.value))))),
      el("p", { class: "field" }, el("label", { for: "topic" }, "About (optional)"), topic)], "Open the room");
    if (!sure) return;
    const seats = [state.seat, ...boxes.filter((box) => box.checked).map((box) => box.value)];
    const answer = await this.line.ask("caucus.open", { seats, topic: topic.value });
    if (!this.told(answer)) return;
    this.enter = seats;
  }

  // A room one just opened becomes the place one speaks in.
  opened() {
    if (!this.enter) return;
    const room = this.state.status.rooms.find((each) => each.open && each.seats.length === this.enter.length && this.enter.every((seat) => each.seats.includes(seat)));
    if (!room) return;
    this.enter = null;
    this.update();
    this.room.value = room.id;
    this.update();
    this.text.focus();
  }

  // The private answers that the table may ask of a seat.
  drawAsks() {
    const { state } = this;
    const box = byId("ask");
    const asked = state.seated ? (state.status.legal?.asked ?? []) : [];
    const key = JSON.stringify([asked, state.status.ranking, state.status.drafts, state.status.improvement]);
    if (key === this.askKey) return;
    this.askKey = key;
    box.hidden = !asked.length;
    if (asked.includes("ballot")) fill(box, this.ballot());
    else if (asked.includes("vote")) fill(box, this.vote());
    else if (asked.includes("improvement")) fill(box, this.improvement());
    else fill(box);
    if (asked.length) box.querySelector("h3").focus();
  }

  answerForm(title, told, body, buttons) {
    const said = el("p", { class: "alarm", role: "alert", hidden: true });
    const show = (answer) => { if (answer.reason) { said.textContent = answer.reason; said.hidden = false; } };
    return el("form", { onsubmit: (event) => event.preventDefault() }, el("h3", { tabindex: "-1" }, title), el("p", { class: "soft" }, told), body, said,
      el("p", { class: "sendrow" }, buttons.map(([text, act, main]) => el("button", { type: "button", class: main ? "main" : "", onclick: async () => show(await act()) }, text))));
  }

  ballot() {
    const { state } = this;
    const numbers = [...state.status.ranking].sort((a, b) => state.worth(state.offer(b).package).total - state.worth(state.offer(a).package).total);
    const picks = numbers.map((number, place) => choose({ id: `rank-${place}`, "aria-label": `Place ${place + 1}` },
      numbers.map((each) => ({ value: String(each), text: `Offer ${each} (${state.worth(state.offer(each).package).total} to you)` })), String(number)));
    return this.answerForm("Several texts pass. Rank them.", "Your ranking is private. It begins with what is worth most to you.",
      el("ol", {}, picks.map((pick) => el("li", {}, pick))),
      [["Cast the ballot", () => this.line.ask("ballot", { ranking: picks.map((pick) => Number(pick.value)) }), true]]);
  }

  vote() {
    const { state } = this;
    const rows = state.status.drafts.map((draft, number) => ({ number, draft, box: el("input", { type: "checkbox", id: `vote-${number}` }), worth: state.worth(draft).total }));
    const order = () => [...rows].sort((a, b) => b.worth - a.worth).map((row) => row.number);
    return this.answerForm("The mediator asks in private: which of these drafts could you sign?", "Only the mediator learns your answer. A yes binds nobody.",
      rows.map((row) => el("details", { class: "offer" }, el("summary", {}, el("label", { class: "tick" }, row.box, `Draft ${row.number + 1}`), worthTag(state, row.draft)),
        el("dl", { class: "terms" }, state.issues.map((issue) => [el("dt", {}, issue.title), el("dd", {}, state.label(issue.id, row.draft[issue.id]))])))),
      [["Answer", () => this.line.ask("vote", { yes: rows.filter((row) => row.box.checked).map((row) => row.number), ranking: order() }), true]]);
  }

  improvement() {
    const { state } = this;
    const better = state.status.improvement;
    const now = state.status.signed;
    const changed = state.changes(now, better);
    const accept = async () => {
      const answer = await this.line.ask("improvement", { accept: true });
      if (answer.code !== "own-line") return answer;
      const sure = await ask("Against your own instructions", [answer.reason], "Override and accept");
      return sure ? this.line.ask("improvement", { accept: true, override: true }) : {};
    };
    return this.answerForm("There is a text that takes nothing from anybody. Accept it?", `It is worth ${state.worth(better).total} to you; the deal is worth ${state.worth(now).total}. All must accept.`,
      el("dl", { class: "terms" }, changed.map((issue) => [el("dt", {}, state.title(issue)), el("dd", {}, state.label(issue, better[issue]), el("span", { class: "was" }, `in the deal: ${state.label(issue, now[issue])}`))])),
      [["Accept", accept, true], ["Keep the deal as signed", () => this.line.ask("improvement", { accept: false })]]);
  }
}

function replaceOptions(select, rows) {
  const chosen = select.value;
  const key = JSON.stringify(rows);
  if (select.dataset.key === key) return;
  select.dataset.key = key;
  fill(select, rows.map((row) => el("option", { value: row.value }, row.text)));
  select.value = rows.some((row) => row.value === chosen) ? chosen : rows[0].value;
}

// A modal question; true only for the named answer.
export function ask(title, parts, yes) {
  const dialog = byId("confirm");
  return new Promise((done) => {
    fill(dialog, el("form", { method: "dialog" }, el("h2", { id: "confirm-title" }, title),
      parts.map((part) => (typeof part === "string" ? el("p", {}, part) : part)),
      el("p", { class: "sendrow" }, el("button", { value: "no" }, "Not now"), el("button", { value: "yes", class: "main" }, yes))));
    dialog.returnValue = "no";
    dialog.onclose = () => done(dialog.returnValue === "yes");
    dialog.showModal();
  });
}
