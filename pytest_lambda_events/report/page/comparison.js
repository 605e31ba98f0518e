// Two runs side by side: what changed from one to the other. Records lead to their rows in both runs.

// path, tone, and how it is drawn, as of marks
const KINDS = {
  worse: { d: "M-2.6-7H2.6V-.5H6.6L0 7L-6.6-.5H-2.6Z", tone: "bad", how: "filled" },
  better: { d: "M-2.6 7H2.6V.5H6.6L0-7L-6.6 .5H-2.6Z", tone: "good", how: "filled" },
  ending: { d: "M-6-2.6H6M-6 2.6H6M3-6.6L-3 6.6", tone: "warn", how: "lined" },
  course: { d: "M-7 2.5C-4.5-6-2-6 0 0S4.5 6 7-2.5", tone: "info", how: "lined open" },
  payload: { d: "M-5-7H2L5-4V7H-5ZM-2.4-1.6H2.4M-2.4 2.4H2.4", tone: "odd", how: "lined" },
  timing: { d: "M-7 0H7M-3.8-3.2L-7 0L-3.8 3.2M3.8-3.2L7 0L3.8 3.2", tone: "calm", how: "lined open" },
  same: { d: "M-6-2.6H6M-6 2.6H6", tone: "good", how: "lined wide" },
};

const CHANGES_AT_ONCE = 12;
const PAIRS_AT_ONCE = 10;

function kindIcon(kind) {
  const { d, tone, how } = KINDS[kind] ?? KINDS.ending;
  return svg("svg", { width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true", class: "icon", "data-kind": kind }, svg("g", { class: `tone-${tone}` }, svg("path", { d, class: `mark ${how}` })));
}

function capital(text) {
  return text.replace(/^./, (letter) => letter.toUpperCase());
}

/** A long name of several words in one, which may be broken between them. */
function breakable(name) {
  return name.split(/(?=[A-Z][a-z])/).flatMap((word, place) => (place ? [el("wbr"), word] : [word]));
}

/** Of a text that may be long its first lines; a pointer is told the rest. */
function clamped(text) {
  return el("span", { class: "clamped", title: text.length > 30 ? text : null }, text);
}

class Comparison {
  /** `open(test, id)` shows a record in its run. */
  constructor(told, tests, open) {
    this.told = told;
    this.open = open;
    const { names } = told;
    // two files of one name, which is one file: the first and the second entry of that name
    this.runs = names.map((name, side) => tests.filter(({ head }) => head.test === name).sort((one, other) => one.place - other.place)[names[0] === names[1] ? side : 0]);
  }

  make() {
    const { headline, same, sections } = this.told;
    const title = el("h2", { id: newId("comparison"), class: "headline" }, same ? kindIcon("same") : null, headline);
    const node = el("section", { class: "test comparison", "aria-labelledby": title.id }, title);
    if (same) return node;
    this.records = el("div");
    node.append(this.records);
    if (sections.length) node.append(part("Other changes", el("div", { class: "sections" }, sections.map(({ title: what, rows }) => this.table(capital(what), rows)))));
    this.show({ query: "", fate: "" });
    return node;
  }

  // -- records ---------------------------------------------------------------------------------------------------------

  /** Shows the records that match; what was open is closed. */
  show({ query, fate }) {
    const key = `${fate} ${query}`;
    if (this.told.same || this.shown === key) return;
    this.shown = key;
    const isFound = (texts) => !query || texts.some((text) => text.toLowerCase().includes(query));
    const isAll = !query && !fate;
    const groups = this.told.groups
      .map((group) => ({ ...group, pairs: !fate || group.fates.includes(fate) ? group.pairs.filter(isFound) : [] }))
      .filter(({ pairs }) => pairs.length);
    const only = this.told.only.map(({ count, records }) => ({ count, records: records.filter((record) => (!fate || record[1] === fate) && isFound(record)) }));
    const parts = [];
    if (groups.length) parts.push(this.changes(groups, isAll));
    only.forEach(({ count, records }, side) => {
      if (!records.length) return;
      const head = `Only in ${this.told.names[side]}: ${isAll ? counted(count, "record") : `${NUMBERS.format(records.length)} of ${counted(count, "record")}`}`;
      parts.push(part(head, this.alone(side, records, isAll ? count - records.length : 0)));
    });
    const hasRecords = this.told.groups.length || this.told.only.some(({ count }) => count);
    if (hasRecords && !parts.length) parts.push(el("p", { class: "note" }, "None of the changed records that are listed here matches."));
    this.records.replaceChildren(...parts);
  }

  changes(groups, isAll) {
    const { names, left_out: leftOut } = this.told;
    const list = el("ol", { class: "changes" });
    const { more } = inPortions(list, groups, (group) => this.change(group, isAll), CHANGES_AT_ONCE, CHANGES_AT_ONCE, "way");
    const heads = el("div", { class: "change-line heads", "aria-hidden": "true" }, el("span"), el("span", {}, names[0]), el("span", {}, names[1]));
    const rest = isAll && leftOut[0] ? el("p", { class: "note" }, `${counted(leftOut[1], "more record")} changed in ${counted(leftOut[0], "other way")}, which ${leftOut[0] === 1 ? "is" : "are"} not listed here.`) : null;
    return part("Records that changed", heads, list, more, rest);
  }

  change(group, isAll) {
    const { kind, title, count, pairs, before, after, differs } = group;
    const number = isAll ? counted(count, "record") : `${NUMBERS.format(pairs.length)} of ${counted(count, "record")}`;
    // where both ways read the same, what differs is told instead
    const what = before === after ? `in ${listed(differs)}` : differs.includes("payload") ? "which carries something else, too" : "";
    const inWhat = what ? [" ", el("span", { class: "in-what" }, what)] : null;
    const button = el(
      "button",
      { type: "button", class: "change-line change-head" },
      el("span", { class: "which" }, el("span", { class: `kind tone-${KINDS[kind]?.tone ?? "calm"}` }, kindIcon(kind), el("span", {}, el("strong", {}, capital(title)), " ", el("span", { class: "number-of" }, number))), " ", el("span", { class: "brief" }, pairs[0][2] || "(empty)"), inWhat),
      " ",
      this.side(group, 0),
      " ",
      this.side(group, 1),
    );
    const item = el("li", { class: "change" }, el("h4", {}, button));
    disclosure(button, (panel) => item.append(panel), () => this.details(group, isAll));
    return item;
  }

  /** What became of these records in one run. */
  side({ fates, before, after }, side) {
    const text = [before, after][side];
    const fate = fates[side];
    const rest = text.startsWith(fate) ? text.slice(fate.length) : ` ${text}`;
    const arrow = side ? el("span", { class: "arrow", "aria-hidden": "true" }, "→") : null;
    return el("span", { class: "side" }, arrow, el("span", { class: "side-name" }, `${this.told.names[side]}: `), el("span", { class: "way" }, icon(fate), el("span", {}, el("span", { class: `fate tone-${toneOf(fate)}` }, FATES[fate]), rest)));
  }

  details({ count, pairs, rows }, isAll) {
    const whose = count > 1 ? `What differs of the first, ${pairs[0][2].slice(0, 80) || shortId(pairs[0][0])}` : "What differs";
    const left = isAll ? count - pairs.length : 0;
    return el("div", { class: "panel" }, rows.length && isAll ? this.table(whose, rows) : null, this.pairs(pairs, left));
  }

  /** The records, each with a way to its row in both runs. */
  pairs(pairs, left) {
    const row = ([before, after, brief]) =>
      el("tr", {}, el("th", { scope: "row" }, clamped(brief || "(empty)")), [before, after].map((id, side) => el("td", {}, this.link(side, id, brief))));
    return this.list(el("caption", {}, "Records, and their rows in both runs"), ["Record", ...this.told.names], pairs, row, left);
  }

  /** Records that one run alone has. */
  alone(side, records, left) {
    const row = ([id, fate, brief]) =>
      el("tr", {}, el("th", { scope: "row" }, clamped(brief || "(empty)")), el("td", {}, el("span", { class: `fate tone-${toneOf(fate)}` }, icon(fate), FATES[fate])), el("td", {}, this.link(side, id, brief)));
    return this.list(el("caption", { class: "unseen" }, `Records that only ${this.told.names[side]} has`), ["Record", "Fate", this.told.names[side]], records, row, left);
  }

  list(caption, heads, items, make, left) {
    const rows = el("tbody");
    const { more } = inPortions(rows, items, make, PAIRS_AT_ONCE, 5 * PAIRS_AT_ONCE, "record");
    const note = left ? el("p", { class: "note" }, `and ${NUMBERS.format(left)} more, which are in the runs below.`) : null;
    const table = el("table", { class: "three pairs" }, caption, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, clamped(head))))), rows);
    return el("div", { class: "block" }, table, more, note);
  }

  link(side, id, brief) {
    const run = this.runs[side];
    if (!run) return el("code", { title: id }, shortId(id));
    return el("button", { type: "button", class: "link id", title: id, "aria-label": `${brief.slice(0, 60)} ${shortId(id)} in ${this.told.names[side]}`.trim(), on: { click: () => this.open(run, id) } }, shortId(id));
  }

  // -- what else changed -----------------------------------------------------------------------------------------------

  table(title, rows) {
    const cell = (text) => el("td", { class: text === "none" ? "none" : "" }, text);
    return el(
      "table",
      { class: "three" },
      el("caption", {}, title),
      el("thead", {}, el("tr", {}, ["", ...this.told.names].map((name) => (name ? el("th", { scope: "col" }, clamped(name)) : el("td", {}))))),
      el("tbody", {}, rows.map(([what, before, after]) => el("tr", {}, el("th", { scope: "row" }, breakable(what)), cell(before), cell(after)))),
    );
  }
}
