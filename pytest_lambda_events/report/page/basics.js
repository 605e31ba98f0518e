// What everything else is made of: elements, numbers in words, JSON that stays as it was written.
// Every text gets into the page as a text node, so that a payload is never read as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element; `on` holds listeners, all else in `given` are attributes (false and null: left out). */
function el(name, given = {}, ...children) {
  return filled(document.createElement(name), given, children);
}

function svg(name, given = {}, ...children) {
  return filled(document.createElementNS(SVG, name), given, children);
}

function filled(element, { on = {}, ...attributes }, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value != null) element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

function byId(id) {
  return document.getElementById(id);
}

let lastId = 0;
function newId(what) {
  lastId += 1;
  return `${what}-${lastId}`;
}

const NUMBERS = new Intl.NumberFormat("en-US");

function counted(count, one, many = `${one}s`) {
  return `${NUMBERS.format(count)} ${count === 1 ? one : many}`;
}

/** "a", "a and b", "a, b and c". */
function listed(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** Seconds without needless zeros, and from an hour on what that is for people. */
function moment(ms) {
  if (ms < 3600000) return seconds(ms);
  const parts = [];
  let rest = ms;
  for (const [unit, length] of [["d", 86400000], ["h", 3600000], ["min", 60000]]) {
    const count = Math.floor(rest / length);
    if (count) parts.push(`${count} ${unit}`);
    rest -= count * length;
  }
  if (rest) parts.push(seconds(rest));
  return parts.join(" ");
}

function seconds(ms) {
  return `${NUMBERS.format(Math.floor(ms / 1000))}${ms % 1000 ? `.${String(ms % 1000).padStart(3, "0").replace(/0+$/, "")}` : ""} s`;
}

/** The beginning of a UUID, which is random; the end of anything else that is long, because it counts up. */
function shortId(id) {
  if (/^[0-9a-f]{8}-.{27}$/i.test(id)) return id.slice(0, 8);
  return id.length <= 18 ? id : `…${id.slice(-9)}`;
}

const FATES = {
  dead_lettered: "dead-lettered",
  discarded: "discarded",
  expired: "expired",
  pending: "pending",
  processed: "processed",
  filtered: "filtered",
};

/** How tests end, in the order in which people look: those of pytest, and a run that is of no test. */
const OUTCOME_WORDS = {
  error: "Error",
  failed: "Failed",
  xpassed: "Xpassed",
  "": "Run",
  passed: "Passed",
  xfailed: "Xfailed",
  skipped: "Skipped",
};
const OUTCOMES = Object.keys(OUTCOME_WORDS);

/** JSON in lines, without reading its numbers and texts: what was sent is what is shown. */
function indented(text) {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[^\s"[\]{},:]+|[[\]{},:]/g);
  if (tokens === null || !/^[[{]/.test(tokens[0])) return text;
  let depth = 0;
  let shown = "";
  const line = () => `\n${"  ".repeat(depth)}`;
  tokens.forEach((token, place) => {
    const next = tokens[place + 1];
    if (token === "{" || token === "[") {
      depth += 1;
      shown += next === "}" || next === "]" ? token : token + line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      const before = tokens[place - 1];
      shown += before === "{" || before === "[" ? token : line() + token;
    } else if (token === ",") shown += token + line();
    else shown += token === ":" ? ": " : token;
  });
  return shown;
}

/** A button that opens and closes what `make` makes, behind the element that `place` gets it. */
function disclosure(button, place, make) {
  let panel = null;
  const close = () => {
    if (panel === null) return;
    panel.remove();
    panel = null;
    button.setAttribute("aria-expanded", "false");
  };
  const open = () => {
    if (panel !== null) return;
    panel = make();
    panel.id = newId("panel");
    button.setAttribute("aria-expanded", "true");
    button.setAttribute("aria-controls", panel.id);
    place(panel);
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      close();
      button.focus();
    });
  };
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => (panel === null ? open() : close()));
  button.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel !== null) {
      event.preventDefault();
      close();
    }
  });
  return { open, close, isOpen: () => panel !== null };
}

/** Items in an element: the first ones, and a button for more of them, so many at a time. */
function inPortions(list, items, make, first, portion, noun) {
  let shown = 0;
  const more = el("button", { type: "button", class: "more" });
  const grow = (count) => {
    const until = Math.min(items.length, shown + count);
    for (; shown < until; shown += 1) list.append(make(items[shown], shown));
    const left = items.length - shown;
    more.hidden = left === 0;
    more.textContent = `Show ${NUMBERS.format(Math.min(portion, left))} more of ${counted(left, noun)}`;
  };
  more.addEventListener("click", () => {
    const place = shown;
    grow(portion);
    list.children[place]?.querySelector("button")?.focus();
  });
  grow(first);
  return { more, upTo: (place) => { if (place >= shown) grow(place - shown + 1); } };
}

// -- the tip: one for the whole page ---------------------------------------------------------------------------------

function showTip(text, x, y) {
  const tip = byId("tip");
  tip.textContent = text;
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const room = document.documentElement.clientWidth;
  tip.style.left = `${Math.max(4, Math.min(x - width / 2, room - width - 4))}px`;
  tip.style.top = `${y - height - 12 < 4 ? y + 18 : y - height - 12}px`;
}

function hideTip() {
  byId("tip").hidden = true;
}

function say(text) {
  byId("said").textContent = text;
}
