// What a speaker is saying, before the turn is made: shown as provisional, replaced by the turn.

import { capital, el, fill, tell } from "./dom.js";
import { voice } from "./talk.js";

export class Provisional {
  constructor(state, log) {
    this.state = state;
    this.log = log;
    this.words = el("p", { dir: "auto", class: "draftwords" });
    this.head = el("header");
    this.node = el("article", { class: "entry provisional", "aria-label": "Not said yet" }, this.head, this.words,
      el("p", { class: "soft small" }, "Not said yet: this may still change or be withdrawn."));
    this.made = 0;
    this.clear();
  }

  clear() {
    this.turn = 0;
    this.draft = 0;
    this.text = "";
    this.node.remove();
  }

  // Offsets are absolute; after a hole nothing more of that draft is shown, the turn brings it all.
  take(frame) {
    if (frame.turn <= this.made) return;
    if (frame.turn !== this.turn || frame.draft !== this.draft) this.begin(frame);
    const gap = frame.offset - this.text.length;
    if (gap > 1) return;
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    this.text = (gap === 1 ? `${this.text} ` : this.text.slice(0, frame.offset)) + frame.text;
    this.words.textContent = this.text;
    if (this.node !== this.log.lastElementChild) this.log.append(this.node);
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  begin(frame) {
    const { state } = this;
    if (frame.turn !== this.turn) tell(`${capital(state.short(frame.seat))} is speaking.`);
    this.turn = frame.turn;
    this.draft = frame.draft;
    this.text = "";
    this.node.className = `entry provisional ${state.colour(frame.seat)}`;
    fill(this.head, el("bdi", { class: "who" }, capital(state.short(frame.seat))), voice("model", state.names.get(frame.seat)),
      el("span", { class: "tag" }, "speaking"));
  }

  drop(frame) {
    if (frame.turn === this.turn && frame.draft === this.draft) this.clear();
  }

  // The turn is made; whatever was shown of it is replaced.
  settle(turn) {
    this.made = Math.max(this.made, turn);
    if (this.turn && this.turn <= this.made) this.clear();
  }

  // The table goes on without this turn.
  follow(status) {
    if (this.turn && status.turn?.number !== this.turn) this.clear();
    else if (this.node.isConnected && this.node !== this.log.lastElementChild) this.log.append(this.node);
  }
}
