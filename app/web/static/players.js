// Who plays the seats that no person holds: the engine, or a model that the operator lists.

import { capital, choose, el } from "./dom.js";

// A part of the form that opens a table; null where no model can be chosen.
export class Casting {
  constructor(name, seats, listing) {
    this.rows = new Map();
    if (!listing.models.length) { this.node = null; return; }
    this.listing = listing;
    const all = this.select(`${name}-all`, null);
    all.addEventListener("change", () => {
      for (const row of this.rows.values()) { row.model.value = all.value; row.show(); }
    });
    this.node = el("details", { class: "more casting" }, el("summary", {}, "Who plays the other seats"),
      el("p", { class: "soft" }, "The offline engine plays unless you choose a model of the operator's list. Your own seat is yours."),
      el("p", { class: "field" }, el("label", { for: all.id }, "All seats"), all),
      seats.map((seat) => this.row(name, seat)));
  }

  select(id, title) {
    return choose({ id, "aria-label": title }, [{ value: "", text: "The engine" }]
      .concat(this.listing.models.map((model) => ({ value: model.name, text: model.missing ? `${model.name} (${model.missing.split(":")[0]})` : model.name }))), "");
  }

  row(name, seat) {
    const { barriers, temperatures } = this.listing;
    const id = `${name}-player-${seat.id}`;
    const row = { model: this.select(id, null) };
    row.barrier = choose({ id: `${id}-barrier`, "aria-label": `Barrier of ${seat.short}`, title: "Strict: words are written without the confidential brief. Filtered: one call, checked afterwards; cheaper, promises less." },
      barriers.map((barrier) => ({ value: barrier, text: barrier })), barriers[0]);
    row.temperature = temperatures ? el("input", { type: "number", id: `${id}-temperature`, "aria-label": `Temperature of ${seat.short}`, min: temperatures[0], max: temperatures[1], step: "0.05", placeholder: "temperature" }) : null;
    row.show = () => {
      row.barrier.hidden = !row.model.value || barriers.length < 2;
      if (row.temperature) row.temperature.hidden = !row.model.value;
    };
    for (const option of row.model.options) option.disabled = Boolean(this.listing.models.find((model) => model.name === option.value)?.missing);
    row.model.addEventListener("change", row.show);
    row.show();
    this.rows.set(seat.id, row);
    return el("p", { class: "field castrow" }, el("label", { for: id }, capital(seat.short)), row.model, row.barrier, row.temperature);
  }

  // The seats given to models, but for the one a person takes.
  chosen(own) {
    const seats = {};
    for (const [seat, row] of this.rows) {
      if (seat === own || !row.model.value) continue;
      seats[seat] = { model: row.model.value, barrier: row.barrier.value };
      if (row.temperature?.value) seats[seat].temperature = Number(row.temperature.value);
    }
    return seats;
  }
}
