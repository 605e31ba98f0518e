// A test: a line in the overview, and all about it when it is opened.

const TROUBLE = new Set(["dead_lettered", "discarded", "expired", "pending"]);
const VERDICTS = 3;

class Test {
  constructor(head, source) {
    this.head = head;
    this.source = source; // the element with the JSON, which is parsed when it is needed
    this.parsed = null;
    this.node = null;
  }

  get body() {
    if (this.parsed === null) {
      this.parsed = JSON.parse(this.source.textContent);
      const { records, fates, phrases, texts } = this.parsed;
      for (const phrase of phrases) phrase.splice(0, 2, texts[phrase[0]], texts[phrase[1]]);
      records.fates = records.fates.map((fate) => fates[fate]);
      records.leftOut = new Set(); // of which it is not known what they carry
      records.briefs = records.briefs.map((brief, record) => (brief === null ? (records.leftOut.add(record), "") : brief));
      this.source.textContent = ""; // once is enough of what may be megabytes
    }
    return this.parsed;
  }

  /** What is searched in, of each record. */
  get searchable() {
    const { ids, briefs } = this.body.records;
    this.texts ??= ids.map((id, record) => `${id}\n${briefs[record]}`.toLowerCase());
    return this.texts;
  }

  /** The positions of the records that match; null when the test does not. */
  matching({ query, fate, outcome }) {
    if (outcome && this.head.outcome !== outcome) return null;
    if (fate && !this.head.fates[fate]) return null;
    const isNamed = query && this.head.test.toLowerCase().includes(query);
    if (!query && !fate) return true;
    if (isNamed && !fate) return true;
    const { fates } = this.body.records;
    const found = [];
    this.searchable.forEach((text, record) => {
      if ((!fate || fates[record] === fate) && (!query || isNamed || text.includes(query))) found.push(record);
    });
    return found.length ? found : null;
  }

  countOf(matches) {
    if (matches !== true) return matches.length;
    return Object.values(this.head.fates).reduce((sum, count) => sum + count, 0);
  }

  // -- the overview ----------------------------------------------------------------------------------------------------

  /** The section; `matches` are the records to show, true for all. */
  make(matches) {
    const { head } = this;
    const [file, ...names] = head.test.split("::");
    const title = names.length ? [el("span", { class: "file" }, `${file} ::`), " ", el("span", { class: "name" }, names.join(" :: "))] : [el("span", { class: "name" }, file)];
    const button = el("button", { type: "button", class: "test-head" }, el("span", { class: `badge is-${head.outcome || "run"}` }, OUTCOME_WORDS[head.outcome] ?? head.outcome), el("span", { class: "title" }, title));
    const counts = el("p", { class: "counts" }, this.fateChips());
    this.matches = matches;
    this.node = el("section", { class: "test" }, el("h2", {}, button), counts);
    this.opener = disclosure(button, (panel) => this.node.append(panel), () => this.panel());
    button.addEventListener("click", () => this.onToggle?.());
    return this.node;
  }

  fateChips() {
    const { fates } = this.head;
    const chips = Object.keys(FATES)
      .filter((fate) => fates[fate])
      .map((fate) => el("span", { class: `chip tone-${toneOf(fate)}` }, icon(fate), `${NUMBERS.format(fates[fate])} ${FATES[fate]}`));
    return chips.length ? chips : ["no records"];
  }

  /** Shows other records; what was open of the others is closed. */
  show(matches) {
    this.matches = matches;
    if (this.opener.isOpen()) this.timelinePlace.replaceChildren(...this.timelineParts());
  }

  // -- all about it ----------------------------------------------------------------------------------------------------

  panel() {
    const { head, body } = this;
    this.timelinePlace = el("div", {}, this.timelineParts());
    this.calls = new Calls(this);
    const charts = chartsOf(body, head.elapsed);
    const number = body.calls.length + body.leftOut.calls;
    return el(
      "div",
      { class: "test-body" },
      this.facts(),
      this.verdicts(),
      part("Timeline", this.timelinePlace),
      part("Invocations", number ? this.calls.node : el("p", { class: "empty" }, "The function was never invoked.")),
      body.advice.length ? part("Advice", this.advice()) : null,
      charts.length ? part("Over time", el("div", { class: "charts" }, charts)) : null,
      part(body.mappings.length === 1 ? "Mapping and metrics" : "Mappings and metrics", this.mappings(), this.metrics()),
    );
  }

  facts() {
    const { head } = this;
    const calls = Object.entries(head.calls);
    const total = calls.reduce((sum, [, count]) => sum + count, 0);
    const told = calls.map(([outcome, count]) => `${NUMBERS.format(count)} ${outcome}`).join(", ");
    const facts = [
      ["Invocations", total ? `${NUMBERS.format(total)} (${told})` : "none"],
      [head.live ? "Real time" : "Virtual time", moment(head.elapsed)],
      ["Seed", el("code", {}, String(head.seed))],
    ];
    if (head.again) facts.push(["Run it again", el("code", { class: "whole command" }, head.again)]);
    if (head.trace) facts.push(["JSON trace", el("code", { class: "whole" }, head.trace)]);
    return el("dl", { class: "facts wide" }, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  }

  /** What went wrong, in sentences: one for each way in which it did. */
  verdicts() {
    const { ids, fates, story, hiddenTries } = this.body.records;
    const ways = new Map();
    fates.forEach((fate, record) => {
      if (!TROUBLE.has(fate)) return;
      const steps = stepsOf(this.body, record);
      const key = verdictOf(steps.map((step) => ({ ...step, at: 0 })));
      const way = ways.get(key);
      if (way) way.records.push(record);
      else ways.set(key, { records: [record], steps });
    });
    if (!ways.size) return null;
    const shown = [...ways.values()].slice(0, VERDICTS);
    const cards = shown.map(({ records, steps }) => {
      const [first] = records;
      const others = records.length > 1 ? `, and ${counted(records.length - 1, "more record")} like it` : "";
      return el(
        "li",
        { class: "trouble" },
        el("h4", {}, el("button", { type: "button", class: "link", on: { click: () => this.openRecord(first) } }, icon(fates[first]), el("span", { class: "brief" }, calledOf(this.body, first))), el("span", { class: "id" }, shortId(ids[first]), others)),
        el("p", {}, verdictOf(steps, hiddenTries[story[first]])),
      );
    });
    const rest = ways.size - shown.length;
    const list = el("ul", { class: "troubles" }, cards);
    return part("Records in trouble", list, rest ? el("p", { class: "note" }, `${counted(rest, "more way", "more ways")} in the timeline.`) : null);
  }

  timelineParts() {
    const { fates } = this.body.records;
    const records = this.matches === true ? fates.map((_, record) => record) : this.matches;
    const { records: leftOut, payloads } = this.body.leftOut;
    this.timeline = null;
    if (!records.length) return [el("p", { class: "empty" }, "No records: nothing was put into a source that is mapped to a function.")];
    this.timeline = new Timeline(this, records);
    const some = this.matches !== true && records.length < fates.length ? el("p", { class: "note" }, `${counted(records.length, "record")} of ${NUMBERS.format(fates.length)} match the filter.`) : null;
    const hint = el("p", { class: "note keys" }, "Open a row for its story. Keys: ↑ ↓ rows, ← → marks, Enter opens, Escape closes.");
    return [some, this.timeline.node, hint, leftOut ? el("p", { class: "note" }, `${counted(leftOut, "more record")} are not in this report.`) : null, payloads ? elsewhere(this, `What ${counted(payloads, "record")} ${payloads === 1 ? "carries" : "carry"}`) : null].filter(Boolean);
  }

  openCall(number) {
    this.calls.open(number);
  }

  /** Opens the row of this record, or the story alone where it is in a row with many. */
  openRecord(record) {
    if (record < 0) {
      say("This record is not in this report");
      this.node.querySelector("button").focus();
      return;
    }
    const row = this.timeline?.list.querySelector(`.row[data-position="${record}"]`);
    if (row) {
      row.opener.open();
      row.querySelector("button").focus();
      row.scrollIntoView({ block: "center" });
      return;
    }
    this.single?.remove();
    const close = el("button", { type: "button", class: "quiet", on: { click: () => this.single.remove() } }, "Close");
    this.single = el("div", { class: "single", tabindex: -1 }, storyOf(this, record), close);
    this.timelinePlace.after(this.single);
    this.single.addEventListener("keydown", (event) => event.key === "Escape" && this.single.remove());
    this.single.focus();
    this.single.scrollIntoView({ block: "center" });
  }

  advice() {
    return el(
      "ul",
      { class: "advice" },
      this.body.advice.map(({ code, message, fix }) =>
        el("li", {}, el("h4", {}, el("code", {}, code)), el("p", {}, `${message.replace(/\.?$/, ".")}`), fix ? el("p", { class: "fix" }, el("strong", {}, "Fix: "), fix) : null, el("p", { class: "note" }, `Explained in docs/advice.md under ${code}.`)),
      ),
    );
  }

  mappings() {
    return this.body.mappings.map(({ function: name, source, parameters }) =>
      el(
        "div",
        { class: "mapping" },
        el("h4", {}, `${source} → ${name}`),
        el("dl", { class: "parameters" }, parameters.map(([parameter, value]) => el("div", {}, el("dt", {}, parameter), el("dd", {}, el("code", { class: "whole" }, value))))),
      ),
    );
  }

  metrics() {
    const all = Object.entries(this.body.metrics);
    const counted_ = all.filter(([, value]) => value);
    const none = all.filter(([, value]) => !value).map(([name]) => name);
    if (!all.length) return null;
    return el(
      "div",
      { class: "mapping" },
      el("h4", {}, "Metrics at the end"),
      el("dl", { class: "parameters numbers" }, counted_.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, NUMBERS.format(value))))),
      none.length ? el("p", { class: "note" }, `0: ${none.join(", ")}`) : null,
    );
  }
}

function part(title, ...children) {
  return el("div", { class: "part" }, el("h3", {}, title), children);
}
