// The offer builder: one choice per issue, its value to one's own seat as it changes.

import { bestFirst } from "./brief.js";
import { capital, choose, el, fill, many } from "./dom.js";

export class Builder {
  constructor(state, actions) {
    this.state = state;
    this.actions = actions;
    this.choices = {};
    this.selects = new Map();
    this.value = el("div", { class: "value", role: "status", "aria-live": "polite" });
    this.from = el("select", { id: "start-from", onchange: () => this.begin() });
    this.stage = el("button", { type: "button", class: "main", onclick: () => this.send() }, "Use this offer on your turn");
    this.node = el("div", { class: "builder" },
      el("p", { class: "field" }, el("label", { for: "start-from" }, "Start from"), this.from),
      state.issues.map((issue) => this.row(issue)),
      el("div", { class: "dock" }, this.value, this.stage));
    this.begin();
  }

  row(issue) {
    const select = choose({ id: `build-${issue.id}`, onchange: () => this.changed(issue.id) },
      [{ value: "", text: "Choose…" }, ...bestFirst(this.state, issue).map((option) => ({
        value: option.id, title: option.text,
        text: `${this.points(issue.id, option.id)} · ${capital(option.label)}`,
      }))]);
    this.selects.set(issue.id, select);
    return el("p", { class: "field wide" }, el("label", { for: select.id }, issue.title), select);
  }

  points(issue, option) {
    return this.state.you.sheet[issue][option].reduce((a, b) => a + b, 0);
  }

  // What one may start from; kept in step with the offers on the table.
  update() {
    const chosen = this.from.value;
    const own = this.state.stand(this.state.seat);
    const rows = [{ value: "best", text: "Your best options" }];
    if (own) rows.push({ value: "own", text: "Your last text" });
    if (this.state.offers.length) rows.push({ value: "draft", text: "The draft: most supported options" });
    for (const offer of [...this.state.offers].reverse()) rows.push({ value: String(offer.number), text: `Offer ${offer.number} by ${this.state.short(offer.by)}` });
    rows.push({ value: "custom", text: "My own choices" });
    fill(this.from, rows.map((row) => el("option", { value: row.value }, row.text)));
    this.from.value = rows.some((row) => row.value === chosen) ? chosen : "custom";
    this.stage.disabled = !this.state.seated || Boolean(this.state.status.closed) || this.state.status.round === 0;
    this.stage.textContent = this.state.status.round === 0 ? "Offers begin in round 1" : this.state.myTurn ? "Add this offer to your turn" : "Keep this offer for your turn";
  }

  begin() {
    const from = this.from.value || "best";
    if (from === "custom") return;
    if (from === "best") this.put(this.best(), "best");
    else if (from === "own") this.put(this.state.stand(this.state.seat), "own");
    else if (from === "draft") this.put(this.drafted(), "draft");
    else this.put(this.state.offer(Number(from)).package, from);
  }

  best() {
    return Object.fromEntries(this.state.issues.map((issue) => [issue.id,
      issue.options.reduce((a, b) => (this.points(issue.id, b.id) > this.points(issue.id, a.id) ? b : a)).id]));
  }

  drafted() {
    const best = this.best();
    return Object.fromEntries(this.state.status.draft.map((clause) => [clause.issue,
      clause.agreed ?? clause.alternatives[0]?.option ?? best[clause.issue]]));
  }

  put(pack, from = "custom") {
    this.choices = { ...pack };
    for (const [issue, select] of this.selects) select.value = this.choices[issue] ?? "";
    this.from.value = from;
    this.show();
  }

  // A reading of one's words: only the issues it names change.
  merge(pairs) {
    const base = this.state.stand(this.state.seat) ?? this.choices;
    this.put({ ...base, ...Object.fromEntries(pairs) });
    for (const [issue] of pairs) this.selects.get(issue)?.classList.add("touched");
  }

  changed(issue) {
    const value = this.selects.get(issue).value;
    if (value) this.choices[issue] = value;
    else delete this.choices[issue];
    this.from.value = "custom";
    this.show();
  }

  get complete() {
    return this.state.issues.every((issue) => this.choices[issue.id]);
  }

  async show() {
    if (!this.complete) {
      const open = this.state.issues.filter((issue) => !this.choices[issue.id]).length;
      fill(this.value, el("p", { class: "soft" }, `${many(open, "issue")} still to choose.`));
      return;
    }
    const { you } = this.state;
    const worth = this.state.worth(this.choices);
    const gain = worth.total - you.no_deal.total;
    const lead = el("p", {}, el("b", { class: "big" }, String(worth.total)),
      ` points to you: ${gain >= 0 ? "+" : "−"}${Math.abs(gain)} over no deal; your floor is ${you.floor.total}.`);
    const split = el("p", { class: "bars" }, this.state.table.currencies.map((name, place) => {
      const held = you.no_deal.points[name];
      const kind = worth.points[place] > held ? "good" : worth.points[place] < held ? "bad" : "";
      return el("span", { class: `tag ${kind}`, title: `No deal leaves you ${held}` }, `${name} ${worth.points[place]} (no deal ${held})`);
    }));
    fill(this.value, lead, split);
    const asked = (this.asked = {});
    const answer = await this.actions.worth(this.choices);
    if (asked !== this.asked) return;
    if (answer.type !== "worth") return;
    this.breaches = answer.breaches;
    fill(this.value, lead, split, answer.breaches.length
      ? el("div", { class: "alarm" }, el("b", {}, "Against your instructions: "), el("ul", {}, answer.breaches.map((each) => el("li", {}, each.reason))))
      : el("p", { class: "ok" }, "Crosses none of your lines."));
  }

  send() {
    if (!this.complete) {
      this.value.scrollIntoView({ block: "nearest" });
      return;
    }
    const held = this.state.offers.find((offer) => this.state.changes(offer.package, this.choices).length === 0);
    this.actions.stage({ ...this.choices }, held?.number);
  }
}
