// What this page knows of the table: built from the viewer's own events and the latest status.

export class State {
  constructor(ready) {
    this.you = ready.you;
    this.table = ready.table;
    this.seats = new Map(ready.table.seats.map((seat) => [seat.id, seat]));
    this.issues = ready.table.issues;
    this.options = new Map(this.issues.map((issue) => [issue.id, new Map(issue.options.map((option) => [option.id, option]))]));
    this.seat = ready.you.role === "seat" ? ready.you.viewer : null;
    this.clear();
    this.status = ready.status;
  }

  clear() {
    this.offers = [];
    this.entries = [];
    this.reading = null;
    this.names = new Map();
  }

  // One event becomes at most one entry of the transcript.
  take(event) {
    const { kind, body } = event;
    const entry = { kind, body, at: event.at, cursor: event.cursor, round: this.round ?? 0 };
    if (kind === "seat.taken") this.names.set(body.seat, body.name);
    if (body.seat) entry.name = this.names.get(body.seat);
    if (kind === "round.opened") this.round = entry.round = body.round;
    if (kind === "seat.moved") {
      entry.before = this.stand(body.seat);
      if (body.offer) this.offers.push({ number: body.offer, by: body.seat, package: body.move.package, round: this.round });
      entry.mine = this.lastOwn;
      if (body.seat === this.seat) {
        const backed = body.offer ?? body.move.endorse[body.move.endorse.length - 1];
        if (backed) this.lastOwn = this.offer(backed).package;
      }
      this.remember(body);
    }
    if (kind === "text.tabled") {
      this.offers.push({ number: body.offer, by: body.by, package: body.package, round: this.round });
      entry.mine = this.lastOwn;
    }
    if (kind === "reading.proposed") this.reading = body;
    this.entries.push(entry);
    return entry;
  }

  remember(body) {
    this.stands ??= new Map();
    const backed = body.offer ?? body.move.endorse[body.move.endorse.length - 1];
    if (backed) this.stands.set(body.seat, backed);
  }

  stand(seat) {
    const number = this.stands?.get(seat);
    return number ? this.offer(number)?.package : null;
  }

  offer(number) {
    return this.offers[number - 1];
  }

  short(seat) {
    if (seat === this.seat) return this.seats.get(seat).short;
    return this.seats.get(seat)?.short ?? { chair: "The chair", mediator: "The mediator", facilitator: "The facilitator" }[seat] ?? seat;
  }

  colour(seat) {
    const place = [...this.seats.keys()].indexOf(seat);
    return place < 0 ? "c-none" : `c${place % 8}`;
  }

  label(issue, option) {
    return this.options.get(issue)?.get(option)?.label ?? option;
  }

  title(issue) {
    return this.issues.find((each) => each.id === issue)?.title ?? issue;
  }

  // Points of a package on one's own sheet; null for who has none.
  worth(pack) {
    if (!this.seat) return null;
    const sums = this.table.currencies.map(() => 0);
    for (const [issue, option] of Object.entries(pack)) {
      this.you.sheet[issue][option].forEach((points, place) => { sums[place] += points; });
    }
    return { points: sums, total: sums.reduce((a, b) => a + b, 0) };
  }

  changes(from, to) {
    return this.issues.filter((issue) => from[issue.id] !== to[issue.id]).map((issue) => issue.id);
  }

  get seated() {
    return this.seat !== null && this.status.occupants[this.seat] === "person";
  }

  get myTurn() {
    return this.seated && this.status.turn?.seat === this.seat;
  }

  get stage() {
    if (this.status.closed) return `Closed: ${this.status.closed.outcome}`;
    if (this.status.round === 0) return "Opening statements";
    return `Round ${this.status.round} of ${this.table.session.rounds}`;
  }
}
