// The texts: the draft with brackets, the standing offers, the builder of one's own.

import { byId, capital, el, fill, listed, many, tabs } from "./dom.js";
import { worthTag } from "./talk.js";
import { Builder } from "./builder.js";

export class Paper {
  constructor(state, actions) {
    this.state = state;
    this.actions = actions;
    this.draft = el("div");
    this.offers = el("div");
    this.builder = state.seat ? new Builder(state, actions) : null;
    const entries = [
      { id: "draft", title: "Draft text", body: this.draft },
      { id: "offers", title: "Offers", body: this.offers },
    ];
    if (this.builder) entries.push({ id: "build", title: "Build an offer", body: this.builder.node });
    this.kit = tabs("Texts", entries);
    fill(byId("paper"), this.kit.bar, this.kit.panels);
  }

  update() {
    fill(this.draft, this.clauses());
    this.list();
    this.builder?.update();
  }

  clauses() {
    const { state } = this;
    const agreed = state.status.draft.filter((clause) => clause.agreed).length;
    if (state.status.signed) {
      return [el("p", {}, el("b", {}, "The text in force.")), el("dl", { class: "draft" }, state.issues.map((issue) => [
        el("dt", {}, issue.title), el("dd", { class: "agreed" }, state.options.get(issue.id).get(state.status.signed[issue.id]).text)]))];
    }
    return [
      el("p", { class: "soft" }, state.offers.length
        ? `${agreed} of ${many(state.issues.length, "clause")} agreed. Brackets hold what is not. The draft binds nobody.`
        : "No offers yet. When delegations stand behind texts, the draft grows here."),
      el("dl", { class: "draft" }, state.status.draft.map((clause) => this.clause(clause))),
    ];
  }

  clause(clause) {
    const { state } = this;
    const option = (id) => state.options.get(clause.issue).get(id);
    const title = el("dt", {}, state.title(clause.issue), clause.agreed ? el("span", { class: "tag good" }, "agreed") : null);
    if (clause.agreed) return [title, el("dd", { class: "agreed" }, option(clause.agreed).text)];
    if (!clause.alternatives.length) return [title, el("dd", { class: "soft" }, "[ open ]")];
    return [title, clause.alternatives.map((each) => el("dd", { class: "bracket" },
      `[ ${capital(option(each.option).label)} ] `, this.seats(each.seats)))];
  }

  seats(ids) {
    return el("span", { class: "backers" }, ids.map((seat) =>
      el("span", { class: `chip ${this.state.colour(seat)}` }, seat === this.state.seat ? "you" : this.state.short(seat))));
  }

  list() {
    const { state } = this;
    const legal = state.status.legal;
    if (!state.offers.length) {
      fill(this.offers, el("p", { class: "soft" }, "No text has been put on the table yet."));
      return;
    }
    const order = [...state.offers].sort((a, b) => this.backers(b).length - this.backers(a).length || b.number - a.number);
    const focus = document.activeElement?.id;
    const open = new Set([...this.offers.querySelectorAll("details[open]")].map((node) => node.id));
    fill(this.offers,
      el("p", { class: "soft" }, `Best supported first. A text becomes the deal when ${this.rule()}.`),
      order.map((offer) => this.card(offer, legal, open)));
    if (focus) byId(focus)?.focus();
  }

  rule() {
    const { rule, seats } = this.state.table;
    if (rule.at_least >= seats.length) return seats.length === 2 ? "both support it" : `all ${seats.length} support it`;
    const must = rule.required.length ? `, ${listed(rule.required.map((seat) => this.state.short(seat)))} among them` : "";
    return `at least ${rule.at_least} of ${seats.length} support it${must}`;
  }

  backers(offer) {
    return this.state.status.backing[offer.number] ?? [];
  }

  card(offer, legal, open) {
    const { state, actions } = this;
    const backers = this.backers(offer);
    const mine = state.stand(state.seat);
    const stages = [];
    const now = state.myTurn ? "" : " on your turn";
    if (state.seated && !state.status.closed) {
      if (backers.includes(state.seat)) stages.push(el("button", { type: "button", onclick: () => actions.withdraw(offer.number) }, `Withdraw${now}`));
      else stages.push(el("button", { type: "button", class: legal?.below.includes(offer.number) ? "risky" : "", onclick: () => actions.endorse(offer.number) }, `Support${now}`));
    }
    const below = this.state.seat && state.worth(offer.package).total < state.you.floor.total;
    return el("details", { class: `offer ${backers.includes(state.seat) ? "mine" : ""}`, id: `offer-${offer.number}`, open: open.has(`offer-${offer.number}`) },
      el("summary", {}, el("b", {}, `Offer ${offer.number}`), el("span", { class: "soft" }, ` by ${offer.by === state.seat ? "you" : state.short(offer.by)}, round ${offer.round} `),
        worthTag(state, offer.package), this.seats(backers), el("span", { class: "soft" }, ` ${backers.length}/${state.table.seats.length}`)),
      below ? el("p", { class: "alarm small" }, "Below your own floor.") : legal?.below.includes(offer.number) ? el("p", { class: "alarm small" }, "Against your instructions: it crosses one of your lines.") : null,
      el("dl", { class: "terms" }, state.issues.map((issue) => {
        const changed = mine && mine[issue.id] !== offer.package[issue.id];
        return [el("dt", {}, issue.title), el("dd", { class: changed ? "changed" : "" }, state.label(issue.id, offer.package[issue.id]),
          changed ? el("span", { class: "was" }, `yours: ${state.label(issue.id, mine[issue.id])}`) : null)];
      })),
      el("p", { class: "cardacts" }, stages, state.seat ? el("button", { type: "button", class: "link", onclick: () => actions.start(offer.package) }, "Start my offer from it") : null));
  }

  look(number) {
    this.kit.show("offers");
    const node = byId(`offer-${number}`);
    if (!node) return;
    node.open = true;
    node.scrollIntoView({ block: "start" });
    node.querySelector("summary").focus();
  }
}
