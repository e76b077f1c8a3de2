// Elements without markup: everything shown is put in as text.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "disabled") node[key] = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function fill(node, ...children) {
  node.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

// A select with options [{value, text}], or groups {label, options}.
export function choose(props, options, chosen) {
  const node = el("select", props, options.map((each) =>
    el("option", { value: each.value, title: each.title }, each.text)));
  if (chosen !== undefined) node.value = chosen;
  return node;
}

// A short notice to people who listen instead of look.
export function tell(text) {
  const node = byId("news");
  if (node) node.textContent = text;
}

export const capital = (text) => (text ? text[0].toUpperCase() + text.slice(1) : "");

export function listed(words) {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

export function many(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

// Tabs by the usual keys: arrows move, Home and End jump.
export function tabs(label, entries, onShow) {
  const bar = el("div", { class: "tabs", role: "tablist", "aria-label": label });
  const panels = [];
  const buttons = entries.map((entry, place) => {
    const panel = el("div", { role: "tabpanel", id: `panel-${entry.id}`, "aria-labelledby": `tab-${entry.id}`, class: "panel", tabindex: "0" }, entry.body);
    panels.push(panel);
    return el("button", {
      type: "button", role: "tab", id: `tab-${entry.id}`, "aria-controls": `panel-${entry.id}`,
      onclick: () => show(place), onkeydown: (event) => step(event, place),
    }, entry.title);
  });
  function show(place) {
    buttons.forEach((button, n) => {
      button.setAttribute("aria-selected", String(n === place));
      button.tabIndex = n === place ? 0 : -1;
      panels[n].hidden = n !== place;
    });
    if (onShow) onShow(entries[place].id);
  }
  function step(event, place) {
    const last = buttons.length - 1;
    const to = { ArrowRight: place === last ? 0 : place + 1, ArrowLeft: place === 0 ? last : place - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to);
    buttons[to].focus();
  }
  bar.append(...buttons);
  show(0);
  return { bar, panels, show: (id) => show(entries.findIndex((entry) => entry.id === id)) };
}
