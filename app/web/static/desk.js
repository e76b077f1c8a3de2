// The facilitator's desk: who plays what and what it costs, news and whispers, private meetings.

import { byId, capital, el, fill, listed, many, tell } from "./dom.js";
import { ask } from "./floor.js";
import { api } from "./net.js";
import { roomName } from "./talk.js";

export class Desk {
  constructor(state, line, table, operator) {
    this.state = state;
    this.line = line;
    this.table = table;
    this.operator = operator;
    this.models = [];
    this.usage = { seats: [], caps: [], notes: [] };
    this.rows = new Map(state.table.seats.map((seat) => [seat.id, this.row(seat)]));
    this.rooms = el("ul", { class: "rooms" });
    this.spending = el("div");
    this.said = el("p", { class: "alarm", role: "alert", hidden: true });
    this.end = el("button", { type: "button", class: "risky", onclick: () => this.close() }, "Close the talks…");
    this.running = el("div", {}, this.newsForm(), el("h3", {}, "Private meetings"), this.rooms, this.caucusForm());
    fill(byId("brief"), el("h2", { id: "brief-title" }, "The facilitator's desk"),
      el("p", { class: "soft small" }, "You see every secret of this table, and what you do here is recorded."), this.said,
      el("h3", {}, "Seats"), [...this.rows.values()].map((row) => row.node),
      this.running, this.spending, el("p", { class: "sendrow" }, this.end));
    if (operator) this.learn();
    this.update();
  }

  // Which models the operator lists: only the operator is told.
  async learn() {
    try {
      const listing = await api("/v1/players");
      this.models = listing.models.filter((model) => !model.missing);
      for (const [seat, row] of this.rows) this.choices(seat, row);
    } catch (problem) {
      this.problem(problem.message);
    }
  }

  problem(text) {
    this.said.textContent = text ?? "";
    this.said.hidden = !text;
    if (text) this.said.scrollIntoView({ block: "nearest" });
  }

  async send(type, fields) {
    const answer = await this.line.ask(type, fields);
    const wrong = answer.type === "refused" || answer.type === "error";
    this.problem(wrong ? answer.reason ?? answer.message : "");
    if (!wrong) tell("Done.");
    return !wrong;
  }

  // -- seats --------------------------------------------------------------------------------

  row(seat) {
    const row = {
      who: el("span", { class: "soft" }), cost: el("p", { class: "soft small" }), link: el("p", { class: "small", role: "status" }),
      to: el("select", { id: `give-${seat.id}`, "aria-label": `Who plays ${seat.short}` }), acts: el("p", { class: "cardacts" }),
    };
    row.give = el("button", { type: "button", onclick: () => this.give(seat.id, row.to.value) }, "Give");
    row.node = el("section", { id: `desk-${seat.id}`, class: `deskseat ${this.state.colour(seat.id)}`, "aria-label": seat.name },
      el("header", {}, el("b", {}, capital(seat.short)), row.who), row.cost,
      el("p", { class: "giverow" }, el("label", { for: row.to.id }, "Give it to"), row.to, row.give),
      row.acts, row.link);
    this.choices(seat.id, row);
    return row;
  }

  choices(seat, row) {
    const held = this.state.status.names[seat];
    fill(row.to, [{ value: "engine", text: "the engine" }, ...this.models.map((model) => ({ value: model.name, text: model.name }))]
      .map((each) => el("option", { value: each.value }, each.text)));
    const known = this.models.some((model) => model.name === held?.split(" ")[0]);
    row.to.value = this.state.status.occupants[seat] === "model" && known ? held.split(" ")[0] : "engine";
  }

  give(seat, to) {
    return this.send("seat.give", { seat, to });
  }

  // As the seat itself: the operator's token may act for every seat.
  async actAs(seat, type) {
    try {
      await api(`/v1/tables/${this.table}/commands`, { viewer: seat, command: { id: this.line.next(), type } });
      this.problem("");
      return true;
    } catch (problem) {
      this.problem(problem.message);
      return false;
    }
  }

  async takeOver(seat, row) {
    if (!(await this.actAs(seat, "seat.take"))) return;
    const address = `/tables/${this.table}?viewer=${encodeURIComponent(seat)}`;
    fill(row.link, "The seat is yours. ", el("a", { href: address, target: "_blank", rel: "noopener" }, "Open it in a new tab"));
  }

  handBack(seat, row) {
    fill(row.link);
    return this.operator ? this.actAs(seat, "seat.hand_back") : this.give(seat, "engine");
  }

  async invite(seat, row) {
    try {
      const made = await api(`/v1/tables/${this.table}/passes`, { viewer: seat });
      const link = el("input", { readonly: true, value: location.origin + made.page, "aria-label": `Link to the seat of ${this.state.short(seat)}`, onfocus: (event) => event.target.select() });
      fill(row.link, "Whoever opens it sees this seat's instructions and may take it.", el("span", { class: "link-row" }, link));
      link.focus();
    } catch (problem) {
      this.problem(problem.message);
    }
  }

  async revoke(seat, row) {
    const short = this.state.short(seat);
    const sure = await ask(`Revoke every link to the seat of ${short}?`, ["Whoever came in with one is put out at once. You can make a new link afterwards.", "A person who sits there keeps the seat on paper until you give it to somebody else."], "Revoke the links");
    if (!sure) return;
    try {
      const done = await api(`/v1/tables/${this.table}/passes/revoke`, { viewer: seat });
      fill(row.link, done.closed ? `Revoked; ${many(done.closed, "connection")} closed.` : "Revoked; nobody was connected with one.");
    } catch (problem) {
      this.problem(problem.message);
    }
  }

  link(text, act) {
    return el("button", { type: "button", class: "link", onclick: act }, text);
  }

  drawSeat(seat, row) {
    const { status } = this.state;
    const occupant = status.occupants[seat];
    const name = status.names[seat];
    const over = Boolean(status.closed);
    const key = JSON.stringify([occupant, name, over, status.present.includes(seat)]);
    if (key !== row.key) {
      row.key = key;
      fill(row.who, status.present.includes(seat) ? [occupant, name].filter(Boolean).join(" · ") : "left the table");
      this.choices(seat, row);
      row.to.closest("p").hidden = over;
      const acts = [];
      if (!over && occupant === "person") acts.push(this.link("Hand it to the engine", () => this.handBack(seat, row)));
      else if (!over && this.operator) acts.push(this.link("Take it over", () => this.takeOver(seat, row)));
      if (this.operator) {
        acts.push(this.link("Make a link", () => this.invite(seat, row)), this.link("Revoke links", () => this.revoke(seat, row)),
          el("a", { href: `/tables/${this.table}?viewer=${encodeURIComponent(seat)}`, target: "_blank", rel: "noopener" }, "See and print its brief"));
      }
      const held = row.acts.contains(document.activeElement);
      fill(row.acts, acts);
      if (held) row.acts.querySelector("button")?.focus();
    }
    const bill = this.usage.seats.find((each) => each.seat === seat);
    row.cost.hidden = !bill;
    if (bill) row.cost.textContent = billText(bill);
  }

  // -- news, whispers, meetings -------------------------------------------------------------

  boxes(kind) {
    return [...this.state.seats.keys()].map((seat) => el("input", { type: "checkbox", id: `${kind}-${seat}`, value: seat }));
  }

  ticks(boxes) {
    return boxes.map((box) => el("label", { class: "tick" }, box, capital(this.state.short(box.value))));
  }

  newsForm() {
    const text = el("textarea", { id: "news-text", rows: 3, maxlength: 8000, required: true });
    const boxes = this.boxes("news");
    const go = el("button", { class: "main" }, "Bring the news to all");
    const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
    const label = () => {
      const seats = chosen();
      go.textContent = seats.length ? `Whisper to ${listed(seats.map((seat) => this.state.short(seat)))}` : "Bring the news to all";
    };
    for (const box of boxes) box.addEventListener("change", label);
    return el("form", { class: "deskform", onsubmit: async (event) => {
      event.preventDefault();
      if (!text.value.trim()) { text.focus(); return; }
      const seats = chosen();
      if (!(await this.send("announce", { text: text.value.trim(), to: seats.length ? seats : ["*"] }))) return;
      text.value = "";
      for (const box of boxes) box.checked = false;
      label();
    } },
    el("h3", {}, "News and whispers"), el("label", { for: "news-text", class: "unseen" }, "The news"), text,
    el("fieldset", {}, el("legend", {}, "Only to (nobody ticked: to all)"), this.ticks(boxes)), go);
  }

  caucusForm() {
    const boxes = this.boxes("apart");
    const topic = el("input", { id: "apart-topic", maxlength: 200 });
    return el("form", { class: "deskform", onsubmit: async (event) => {
      event.preventDefault();
      const seats = boxes.filter((box) => box.checked).map((box) => box.value);
      if (!(await this.send("caucus.open", { seats, topic: topic.value }))) return;
      for (const box of boxes) box.checked = false;
      topic.value = "";
    } },
    el("fieldset", {}, el("legend", {}, "Call apart"), this.ticks(boxes)),
    el("p", { class: "field" }, el("label", { for: "apart-topic" }, "About (optional)"), topic),
    el("button", {}, "Open the room"));
  }

  drawRooms() {
    const open = this.state.status.rooms.filter((room) => room.open);
    const key = JSON.stringify(open);
    if (key === this.roomsKey) return;
    this.roomsKey = key;
    const held = this.rooms.contains(document.activeElement);
    fill(this.rooms, open.length ? open.map((room) => el("li", {}, `${capital(roomName(this.state, room.id))}${room.topic ? `: ${room.topic}` : ""} `,
      this.link("Close", () => this.send("caucus.close", { room: room.id }))))
      : el("li", { class: "soft" }, "None is open."));
    if (held) byId("apart-topic").focus();
  }

  async close() {
    const reason = el("input", { id: "end-reason", maxlength: 400 });
    const sure = await ask("Close the talks for everybody?", ["The table ends with no deal, and the assessment opens to all.",
      el("p", { class: "field" }, el("label", { for: "end-reason" }, "Reason (everybody reads it)"), reason)], "Close the talks");
    if (sure) await this.send("adjourn", { reason: reason.value.trim() });
  }

  // -- what it costs ------------------------------------------------------------------------

  spent(frame) {
    this.usage = frame;
    this.update();
  }

  drawSpending() {
    const { seats, caps, notes } = this.usage;
    const key = JSON.stringify([seats.length, caps, notes]);
    if (key === this.spentKey) return;
    this.spentKey = key;
    if (!seats.length && !notes.length) { fill(this.spending); return; }
    fill(this.spending, el("h3", {}, "What the models used"),
      notes.length ? el("ul", { class: "capnotes" }, notes.map((note) => el("li", {}, note))) : null,
      caps.length ? el("div", { class: "scroll" }, el("table", { class: "sheet" }, el("caption", {}, "Spent of the caps since the table was opened"),
        el("thead", {}, el("tr", {}, ["Account", "calls", "tokens", "money"].map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", {}, caps.map((cap) => el("tr", {}, el("th", { scope: "row" }, cap.seat ? capital(this.state.short(cap.seat)) : "The table"),
          el("td", {}, beside(cap.calls, cap.most_calls)), el("td", {}, beside(cap.tokens, cap.most_tokens)),
          el("td", {}, beside(Number(cap.money).toFixed(4), cap.most_money))))))) : null);
  }

  update() {
    for (const [seat, row] of this.rows) this.drawSeat(seat, row);
    this.drawRooms();
    this.drawSpending();
    this.end.hidden = this.running.hidden = Boolean(this.state.status.closed);
  }
}

const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

function beside(spent, most) {
  const short = (value) => (typeof value === "number" ? SHORT.format(value) : value);
  return most === null ? short(spent) : `${short(spent)} of ${short(most)}`;
}

function billText(bill) {
  const number = (count) => count.toLocaleString("en");
  const parts = [many(bill.turns, "turn"), many(bill.calls, "call"), `${number(bill.prompt_tokens)} tokens read, ${number(bill.completion_tokens)} written`,
    bill.cost === null ? "price not set" : `cost ${Number(bill.cost).toFixed(4)}`];
  if (bill.engine_acted) parts.push(`the engine stood in ${bill.engine_acted === 1 ? "once" : `${bill.engine_acted} times`}`);
  if (bill.unreported_calls) parts.push("some calls reported no usage and are charged at their most");
  return `${parts.join(", ")}.`;
}
