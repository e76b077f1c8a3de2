// Who plays the seats that nobody here takes: the engine, people who get a link, or a listed model.

import { capital, choose, el } from "./dom.js";

// A part of the form that opens a table.
export class Casting {
  constructor(name, seats, listing) {
    this.rows = new Map();
    this.listing = listing;
    this.touched = false;
    this.every = this.select(`${name}-all`, null);
    this.every.addEventListener("change", () => {
      this.touched = true;
      this.all(this.every.value);
    });
    this.node = el("details", { class: "more casting" }, el("summary", {}, "Who plays the other seats"),
      el("p", { class: "soft" }, `The offline engine plays unless you choose a person${listing.models.length ? " or a model of the operator's list" : ""}. Your own seat is yours. A person's seat waits for them: make their link at the table.`),
      el("p", { class: "field" }, el("label", { for: this.every.id }, "All seats"), this.every),
      seats.map((seat) => this.row(name, seat)));
  }

  select(id, title) {
    return choose({ id, "aria-label": title }, [{ value: "", text: "The engine" }, { value: "person", text: "A person, by link" }]
      .concat(this.listing.models.map((model) => ({ value: model.name, text: model.missing ? `${model.name} (${model.missing.split(":")[0]})` : model.name }))), "");
  }

  row(name, seat) {
    const { barriers, temperatures } = this.listing;
    const id = `${name}-player-${seat.id}`;
    const row = { player: this.select(id, null) };
    row.barrier = choose({ id: `${id}-barrier`, "aria-label": `Barrier of ${seat.short}`, title: "Strict: words are written without the confidential brief. Filtered: one call, checked afterwards; cheaper, promises less." },
      barriers.map((barrier) => ({ value: barrier, text: barrier })), barriers[0]);
    row.temperature = temperatures ? el("input", { type: "number", id: `${id}-temperature`, "aria-label": `Temperature of ${seat.short}`, min: temperatures[0], max: temperatures[1], step: "0.05", placeholder: "temperature" }) : null;
    row.show = () => {
      const model = modelOf(row);
      row.barrier.hidden = !model || barriers.length < 2;
      if (row.temperature) row.temperature.hidden = !model;
    };
    for (const option of row.player.options) option.disabled = Boolean(this.listing.models.find((model) => model.name === option.value)?.missing);
    row.player.addEventListener("change", () => { this.touched = true; row.show(); });
    row.show();
    this.rows.set(seat.id, row);
    return el("p", { class: "field castrow" }, el("label", { for: id }, capital(seat.short)), row.player, row.barrier, row.temperature);
  }

  all(player) {
    this.every.value = player;
    for (const row of this.rows.values()) { row.player.value = player; row.show(); }
  }

  // Engines alone play a table out in seconds, so whoever facilitates begins with seats for people.
  facilitate(yes) {
    if (yes) this.node.open = true;
    if (!this.touched) this.all(yes ? "person" : "");
  }

  // The seats that the engine does not play, but for the one that is one's own.
  chosen(own) {
    const seats = {};
    for (const [seat, row] of this.rows) {
      if (seat === own || !row.player.value) continue;
      seats[seat] = modelOf(row) ? { model: row.player.value, barrier: row.barrier.value } : "person";
      if (modelOf(row) && row.temperature?.value) seats[seat].temperature = Number(row.temperature.value);
    }
    return seats;
  }
}

const modelOf = (row) => row.player.value !== "" && row.player.value !== "person";
