// What a speaker is saying, before it is said: shown as provisional, replaced by the turn or answer.

import { capital, el, fill, tell } from "./dom.js";
import { voice } from "./talk.js";

// The turn has one draft; every answer beside it has one of its own.
function placeOf(frame) {
  return frame.reply ? answerPlace(frame.room, frame.reply, frame.seat) : "turn";
}

function answerPlace(room, number, seat) {
  return `${room} ${number} ${seat}`;
}

class Draft {
  constructor(state, frame) {
    this.turn = frame.turn;
    this.seat = frame.seat;
    this.words = el("p", { dir: "auto", class: "draftwords" });
    this.doing = frame.reply ? "answering" : "speaking";
    this.head = el("header");
    this.node = el("article", { class: `entry provisional ${state.colour(frame.seat)}`, "aria-label": "Not said yet" }, this.head, this.words,
      el("p", { class: "soft small" }, "Not said yet: this may still change or be withdrawn."));
    this.title(state);
    if (frame.reply && frame.room !== "plenary") this.node.classList.add("private");
    this.begin(frame);
  }

  // Who comes in late is shown drafts before the table's events, which name the models.
  title(state) {
    fill(this.head, el("bdi", { class: "who" }, capital(state.short(this.seat))), voice("model", state.names.get(this.seat)),
      el("span", { class: "tag" }, this.doing));
  }

  begin(frame) {
    this.draft = frame.draft;
    this.text = "";
  }

  // Offsets are absolute, in characters, of which some are two units of a JavaScript string. After
  // a hole nothing more of that draft is shown, the turn brings it all.
  take(frame) {
    const shown = [...this.text];
    const gap = frame.offset - shown.length;
    if (gap > 1) return;
    this.text = (gap === 1 ? `${this.text} ` : shown.slice(0, frame.offset).join("")) + frame.text;
    this.words.textContent = this.text;
  }
}

export class Provisional {
  constructor(state, log) {
    this.state = state;
    this.log = log;
    this.open = new Map();
    this.answered = new Set();
    this.made = 0;
  }

  clear() {
    for (const place of [...this.open.keys()]) this.close(place);
  }

  close(place) {
    this.open.get(place)?.node.remove();
    this.open.delete(place);
  }

  take(frame) {
    const place = placeOf(frame);
    if (frame.reply ? this.answered.has(place) : frame.turn <= this.made) return;
    let held = this.open.get(place);
    if (held && held.turn !== frame.turn) {
      this.close(place);
      held = null;
    }
    if (!held) {
      if (frame.offset > 1) return;
      held = new Draft(this.state, frame);
      this.open.set(place, held);
      tell(`${capital(this.state.short(frame.seat))} is ${held.doing}.`);
    } else if (held.draft !== frame.draft) held.begin(frame);
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    held.take(frame);
    this.bottom();
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  // Drafts stand below everything that was said.
  bottom() {
    const nodes = [...this.open.values()].map((held) => held.node);
    const last = [...this.log.children].slice(this.log.children.length - nodes.length);
    if (nodes.some((node, place) => node !== last[place])) this.log.append(...nodes);
  }

  drop(frame) {
    const place = placeOf(frame);
    const held = this.open.get(place);
    if (held && held.turn === frame.turn && held.draft === frame.draft) this.close(place);
  }

  // The turn is made; whatever was shown of it is replaced.
  settle(turn) {
    this.made = Math.max(this.made, turn);
    const held = this.open.get("turn");
    if (held && held.turn <= this.made) this.close("turn");
  }

  // So is an answer when it is given.
  answer(body) {
    const place = answerPlace(body.room, body.speech.answers, body.seat);
    this.answered.add(place);
    this.close(place);
  }

  // The table goes on without this turn, or without this answer.
  follow(status) {
    const owing = new Set(status.awaited.filter((each) => each.act === "reply").map((each) => each.seat));
    for (const [place, held] of [...this.open]) {
      if (place === "turn" ? status.turn?.number !== held.turn : !owing.has(held.seat)) this.close(place);
      else held.title(this.state);
    }
    this.bottom();
  }
}
