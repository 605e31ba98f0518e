// Invocations: a table, and what each was given and answered.

const CALLS_AT_ONCE = 25;
const OUTCOME_TONES = { success: "good", partial: "warn", throttled: "warn" };

/** The columns of an invocation, by name. */
function callOf(columns, texts) {
  const [number, at, duration, outcome, mapping, records, failed, requestId, event, response, problem, traceback, error] = columns;
  return { number, at, duration, outcome: texts[outcome], mapping, records, failed, requestId, event, response, problem, traceback, error: texts[error] };
}

function isTrouble(call) {
  return call.outcome !== "success";
}

class Calls {
  constructor(test) {
    this.test = test;
    this.body = test.body;
    this.all = this.body.calls.map((columns) => callOf(columns, this.body.texts));
    this.shown = this.all;
    this.rows = el("tbody");
    this.more = el("div");
    this.node = this.make();
  }

  make() {
    const trouble = this.all.filter(isTrouble).length;
    const choose = el("button", { type: "button", class: "quiet", "aria-pressed": "false" }, `Only the ${trouble === 1 ? "one" : NUMBERS.format(trouble)} that did not succeed`);
    choose.hidden = trouble === 0 || trouble === this.all.length;
    this.choose = (isOnly) => {
      choose.setAttribute("aria-pressed", String(isOnly));
      this.shown = isOnly ? this.all.filter(isTrouble) : this.all;
      this.fill();
    };
    choose.addEventListener("click", () => this.choose(choose.getAttribute("aria-pressed") === "false"));
    this.choose(!choose.hidden && this.all.length > CALLS_AT_ONCE);
    const heads = [["#", "number"], ["At", "number"], ["Duration", "number wide-only"], ["Records", "number"], ["Outcome", ""], ["Failed", "wide-only"], ["Why", ""]];
    const table = el(
      "table",
      { class: "calls" },
      el("caption", { class: "unseen" }, "Invocations in the order in which they ended"),
      el("thead", {}, el("tr", {}, heads.map(([name, kind]) => el("th", { scope: "col", class: kind }, name)))),
      this.rows,
    );
    const leftOut = this.body.leftOut.calls;
    return el(
      "div",
      {},
      el("div", { class: "controls" }, choose),
      el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Invocations" }, table),
      this.more,
      leftOut ? elsewhere(this.test, `${counted(leftOut, "more invocation")}: what they were given`) : null,
    );
  }

  fill() {
    this.rows.replaceChildren();
    const { more, upTo } = inPortions(this.rows, this.shown, (call) => this.row(call), CALLS_AT_ONCE, 4 * CALLS_AT_ONCE, "invocation");
    this.upTo = upTo;
    this.more.replaceChildren(more);
  }

  row(call) {
    const button = el("button", { type: "button", class: "link", "aria-label": call.number === null ? "Batch that was not invoked" : `Invocation ${call.number}` }, call.number === null ? "—" : `#${call.number}`);
    const failed = call.failed.filter((record) => record >= 0);
    const names = failed.slice(0, 2).map((record) => shortId(this.body.records.ids[record])).join(", ");
    const others = call.failed.length > 2 ? ` +${NUMBERS.format(call.failed.length - 2)}` : "";
    const all = call.failed.length === call.records.length && call.records.length > 2;
    const problem = call.problem >= 0 ? this.body.texts[call.problem] : call.error;
    const row = el(
      "tr",
      { class: `call tone-${OUTCOME_TONES[call.outcome] ?? "bad"}` },
      el("th", { scope: "row", class: "number" }, button),
      el("td", { class: "number" }, moment(call.at)),
      el("td", { class: "number wide-only" }, call.duration ? moment(call.duration) : "0 s"),
      el("td", { class: "number" }, NUMBERS.format(call.records.length)),
      el("td", {}, el("span", { class: "outcome" }, call.outcome)),
      el("td", { class: "ids wide-only" }, all ? `all ${NUMBERS.format(call.failed.length)}` : `${names}${others}`),
      el("td", { class: "why" }, (problem || (call.outcome === "partial" ? "reported in batchItemFailures" : "")).split("\n")[0].slice(0, 160)),
    );
    const place = (panel) => row.after(panel);
    row.opener = disclosure(button, place, () => el("tr", { class: "opened" }, el("td", { colspan: 7 }, this.panel(call))));
    row.addEventListener("click", (event) => {
      if (!event.target.closest("button") && !String(getSelection())) button.click();
    });
    return row;
  }

  panel(call) {
    const { texts, mappings, records } = this.body;
    const ids = call.records.filter((record) => record >= 0);
    const failed = new Set(call.failed);
    const list = el("ul", { class: "batch" });
    const { more } = inPortions(
      list,
      ids,
      (record) =>
        el(
          "li",
          { class: failed.has(record) ? "tone-bad" : "" },
          el("button", { type: "button", class: "link", on: { click: () => this.test.openRecord(record) } }, shortId(records.ids[record])),
          ` ${records.briefs[record].slice(0, 60)}`,
          failed.has(record) ? el("strong", {}, " failed") : null,
        ),
      20,
      100,
      "record",
    );
    const mapping = mappings[call.mapping];
    const facts = [["Duration", moment(call.duration)]];
    if (call.requestId) facts.push(["Request id", el("code", { class: "whole" }, call.requestId)]);
    if (mapping) facts.push(["Mapping", `${mapping.source} → ${mapping.function}`]);
    const panel = el("div", { class: "panel" }, el("dl", { class: "facts" }, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
    if (call.problem >= 0) panel.append(el("p", { class: "problem" }, texts[call.problem]));
    if (call.traceback >= 0) panel.append(codeBlock("Traceback", texts[call.traceback]));
    else if (call.traceback === -2) panel.append(elsewhere(this.test, "The traceback"));
    if (call.response >= 0) panel.append(codeBlock("Response", indented(texts[call.response])));
    if (ids.length) panel.append(el("h4", {}, counted(call.records.length, "record")), list, more);
    if (call.event >= 0) panel.append(codeBlock("Event", indented(texts[call.event])));
    else panel.append(elsewhere(this.test, "The event"));
    return panel;
  }

  open(number) {
    let place = this.shown.findIndex((call) => call.number === number);
    if (place < 0) {
      this.choose(false);
      place = this.shown.findIndex((call) => call.number === number);
    }
    if (place < 0) {
      say(`Invocation ${number} is not in this report`);
      return;
    }
    this.upTo(place);
    const row = this.rows.querySelectorAll("tr.call")[place];
    row.opener.open();
    row.querySelector("button").focus();
    row.scrollIntoView({ block: "center" });
  }
}
