// One's own instructions: brief, what pays, lines, and what happens without a deal.

import { byId, capital, el, fill, tabs } from "./dom.js";

// `desk` is the address of the facilitator's desk, for the operator.
export function drawBrief(state, invite, desk) {
  const node = byId("brief");
  if (!state.seat) {
    fill(node, el("h2", { id: "brief-title" }, "The seats"), publicBriefs(state, invite), desk ? el("p", { class: "small" },
      el("a", { href: desk }, "Open the facilitator's desk"), el("span", { class: "soft" }, " It shows every seat's secrets.")) : null);
    return;
  }
  const you = state.you;
  const kit = tabs("Your instructions", [
    { id: "brief", title: "Brief", body: instructions(state) },
    { id: "sheet", title: "Points", body: sheet(state) },
    { id: "args", title: "Arguments", body: argumentsOf(state) },
    { id: "others", title: "Seats", body: [el("h3", { class: "onpaper" }, "The seats, as everybody knows them"), publicBriefs(state, invite)] },
  ]);
  fill(node, el("h2", { id: "brief-title" }, `Your instructions: ${state.short(you.viewer)}`),
    el("p", { class: "soft small" }, "Confidential. Nobody else at the table can see this part. ",
      el("button", { type: "button", class: "link noprint", onclick: () => print() }, "Print it")), kit.bar, kit.panels);
}

function publicBriefs(state, invite) {
  return state.table.seats.map((seat) => el("details", { open: state.table.seats.length < 3 },
    el("summary", {}, el("span", { class: `dot ${state.colour(seat.id)}` }), ` ${seat.name}`), paragraphs(seat.brief),
    invite && seat.id !== state.seat ? invitation(state, seat, invite) : null));
}

// The link carries a pass for this one seat after its #, where no log sees it.
function invitation(state, seat, invite) {
  const place = el("p", { class: "small" });
  const make = async () => {
    const link = el("input", { readonly: true, value: await invite(seat.id), "aria-label": `Link to the seat of ${seat.short}`, onfocus: (event) => event.target.select() });
    fill(place, "Whoever opens it sees this seat's instructions and may take it.", el("span", { class: "link-row" }, link));
    link.focus();
  };
  fill(place, el("button", { type: "button", class: "link", onclick: make }, "Make a link for another person"));
  return place;
}

function paragraphs(text) {
  return text.split(/\n\s*\n/).map((part) => el("p", {}, part));
}

function instructions(state) {
  const { you, table } = state;
  const floor = you.floor;
  const floorRows = [`Worth at least ${floor.total} in all (${floor.signing} is no deal plus ${table.gain}${floor.capital > floor.signing ? `; your instructions ask for ${floor.capital}` : ""}).`];
  for (const [currency, points] of Object.entries(floor.currencies)) floorRows.push(`At least ${points} in ${currency}.`);
  const role = table.seats.find((seat) => seat.id === you.viewer);
  return [
    el("h3", {}, "Who you are"), el("p", {}, el("b", {}, `${capital(role.name)}. `), role.brief.split(/\n\s*\n/)[0]),
    el("h3", {}, "Your orders"), paragraphs(you.brief),
    el("h3", {}, "Your red lines"), el("ul", { class: "red" }, you.red_lines.map((line) => el("li", { id: `line-${line.id}` }, line.text))),
    el("h3", {}, "Sign nothing below"), el("ul", {}, floorRows.map((row) => el("li", {}, row))),
    el("h3", {}, `Without a deal you hold ${you.no_deal.total}`), perCurrency(table.currencies, you.no_deal.points),
    el("details", {}, el("summary", {}, "What that rests on"), el("ul", {}, you.no_deal.lines.map((line) => el("li", {}, line.line)))),
    you.goals.length ? [el("h3", {}, "Goals"), aims(you.goals)] : null,
    you.interests.length ? [el("h3", {}, "Interests"), aims(you.interests)] : null,
  ];
}

// An issue's options by what they are worth to one's own seat; the case's order says nothing.
export function bestFirst(state, issue) {
  const worth = (option) => state.you.sheet[issue.id][option.id].reduce((a, b) => a + b, 0);
  return [...issue.options].sort((a, b) => worth(b) - worth(a));
}

function aims(rows) {
  return el("ul", {}, rows.map((aim) => el("li", {}, aim.text, " ", el("span", { class: "tag" }, aim.currency))));
}

export function perCurrency(currencies, points) {
  return el("p", { class: "bars" }, currencies.map((name) => el("span", { class: "tag" }, `${name} ${points[name]}`)));
}

function sheet(state) {
  const { you, table } = state;
  return [
    el("h3", { class: "onpaper" }, "Your points"), el("p", { class: "soft" }, `Points your delegation gives each option: ${table.currencies.join(", ")}. Your best options sum to ${you.best}.`),
    table.issues.map((issue) => el("table", { class: "sheet" },
      el("caption", {}, issue.title),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Option"), table.currencies.map((name) => el("th", { scope: "col", title: name }, name.slice(0, 3))), el("th", { scope: "col" }, "sum"))),
      el("tbody", {}, bestFirst(state, issue).map((option) => {
        const points = you.sheet[issue.id][option.id];
        return el("tr", {}, el("th", { scope: "row", title: option.text }, capital(option.label)),
          points.map((each) => el("td", {}, each)), el("td", {}, el("b", {}, points.reduce((a, b) => a + b, 0))));
      })))),
  ];
}

function argumentsOf(state) {
  return [
    el("h3", { class: "onpaper" }, "Your arguments"), el("p", { class: "soft" }, "Published arguments of your delegation, for your own words."),
    state.issues.map((issue) => {
      const mine = state.you.points.filter((point) => point.issue === issue.id);
      return mine.length ? el("details", {}, el("summary", {}, issue.title), el("ul", {}, mine.map((point) => el("li", {}, point.text)))) : null;
    }),
  ];
}
