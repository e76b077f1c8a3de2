// The way to the server: login, JSON requests, and one socket that resumes where it was.

export async function api(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw { code: "offline", message: "The server does not answer. Is it running?" };
  }
  if (answer.status === 204) return null;
  const data = await answer.json().catch(() => null);
  if (!answer.ok) throw data ?? { code: "http-error", message: `The server answered ${answer.status}.` };
  return data;
}

// The token comes in the address after #, where no log and no other site sees it.
export async function enter() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  if (!token) return given;
  history.replaceState(null, "", location.pathname + location.search);
  await api("/api/login", { token });
  return given;
}

const FINAL = new Set([1000, 1009, 4400, 4401, 4403, 4404, 4406, 4411]);

export class Line {
  constructor(table, viewer, heard) {
    this.table = table;
    this.viewer = viewer;
    this.heard = heard;
    this.cursor = 0;
    this.open = false;
    this.tries = 0;
    this.count = 0;
    this.mark = Math.random().toString(36).slice(2, 10) + Date.now().toString(36);
    this.waiting = new Map();
    addEventListener("online", () => this.again(0));
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.again(0); });
    this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}/v1/tables/${this.table}/ws`, "parley.v1");
    this.socket.onmessage = (message) => this.read(JSON.parse(message.data));
    this.socket.onclose = (event) => this.lost(event);
  }

  read(frame) {
    this.alive = Date.now();
    if (frame.type === "hello") {
      this.beat = frame.limits.heartbeat_ms;
      this.put({ id: this.next(), type: "session.open", viewer: this.viewer, cursor: this.cursor, want: ["drafts"] });
      return;
    }
    if (frame.type === "session.ready") {
      this.open = true;
      this.tries = 0;
      this.cursor = frame.after;
      clearInterval(this.pulse);
      this.pulse = setInterval(() => this.check(), this.beat);
      this.heard("ready", frame);
      // What was not answered goes again under its own id: the server does nothing twice.
      for (const { frame: asked } of this.waiting.values()) this.put(asked);
      return;
    }
    if (frame.type === "event") {
      if (frame.cursor !== this.cursor + 1) return;
      this.cursor = frame.cursor;
    }
    const kept = frame.re && this.waiting.get(frame.re);
    if (kept && frame.type !== "pong") {
      this.waiting.delete(frame.re);
      kept.done(frame);
    }
    this.heard(frame.type, frame);
  }

  check() {
    if (Date.now() - this.alive > 2.5 * this.beat) this.socket.close();
    else this.put({ id: this.next(), type: "ping" });
  }

  next() {
    this.count += 1;
    return `${this.mark}-${this.count}`;
  }

  put(frame) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  // Resolves with the one answer: ack, refused, worth or error.
  ask(type, fields = {}) {
    const frame = { id: this.next(), type, ...fields };
    return new Promise((done) => {
      this.waiting.set(frame.id, { frame, done });
      if (this.open) this.put(frame);
    });
  }

  lost(event) {
    this.open = false;
    clearInterval(this.pulse);
    if (FINAL.has(event.code)) {
      this.heard("ended", event);
      return;
    }
    this.tries += 1;
    const most = Math.min(30000, 250 * 2 ** this.tries);
    const wait = Math.random() * most;
    this.heard("lost", { wait });
    this.again(wait);
  }

  again(wait) {
    if (this.open || this.socket.readyState <= WebSocket.OPEN) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), wait);
  }
}
