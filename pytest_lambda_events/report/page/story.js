// A record and what happened to it, in words.

/** What a record is called: the beginning of what it carries; its id where that is not in this report. */
function calledOf({ records }, record) {
  return records.leftOut.has(record) ? shortId(records.ids[record]) : records.briefs[record] || "(empty)";
}

/** The steps of a record: what its story says, with the numbers of its own invocations. */
function stepsOf(body, record) {
  const { stories, story, numbers } = body.records;
  const flat = stories[story[record]];
  const steps = [];
  let attempt = 0;
  let at = 0;
  for (let place = 0; place < flat.length; place += 3) {
    const [since, phrase, batch] = [flat[place], flat[place + 1], flat[place + 2]];
    at += since;
    if (phrase < 0) {
      steps.push({ at, kind: "folded", mark: "", text: `… ${counted(batch, "step")} in between, not shown here`, number: 0 });
      continue;
    }
    const [kind, mark, text] = body.phrases[phrase];
    const number = kind === "invoked" ? numbers[record][attempt++] : 0;
    steps.push({ at, kind, mark, text, number, batch });
  }
  return steps;
}

/** One step as a sentence. */
function wordsOf(step) {
  if (step.kind !== "invoked") return step.text;
  const batch = step.batch ? ` in a batch of ${NUMBERS.format(step.batch)}` : "";
  return `invocation #${step.number}${batch}: ${step.text}`;
}

/** How it ended: the last thing that happened, and where to. */
function endOf(steps) {
  const ends = steps.filter((step) => step.kind === "left" || step.kind === "stopped");
  const end = ends[ends.length - 1];
  if (!end) return "nothing more happened to it";
  // what belongs together: given up, and its invocation record sent
  const texts = ends.filter((step) => step.at === end.at || step.mark === "delivered").map((step) => endWords(step.text));
  return `at ${moment(end.at)} ${listed([...new Set(texts)])}`;
}

function endWords(text) {
  if (/^(expired|failed|succeeded)/.test(text)) return `it ${text}`;
  if (text.startsWith("checkpoint")) return `the ${text}`;
  return text.startsWith("invocation record") ? text.replace("invocation record", "its invocation record was") : `it was ${text}`;
}

/** Moments in words; the same one several times is said once. */
function momentsOf(steps) {
  const found = [];
  for (const { at } of steps) {
    if (found.length && found[found.length - 1].at === at) found[found.length - 1].times += 1;
    else found.push({ at, times: 1 });
  }
  const told = found.map(({ at, times }) => `${moment(at)}${times > 1 ? ` (${times} times)` : ""}`);
  return listed(told.length > 7 ? [...told.slice(0, 4), "…", ...told.slice(-2)] : told);
}

/** How often a record was tried, when, why it failed and where it ended, in a few sentences. */
function verdictOf(steps, hidden = 0) {
  const tries = steps.filter((step) => step.kind === "invoked");
  const failed = tries.filter((step) => step.mark !== "succeeded" && step.mark !== "open");
  const sentences = [];
  if (!tries.length) sentences.push("It was never invoked");
  else if (hidden) sentences.push(`It was tried ${counted(tries.length + hidden, "time")}, first at ${moment(tries[0].at)} and last at ${moment(tries[tries.length - 1].at)}`);
  else {
    sentences.push(`It was tried ${tries.length === 1 ? "once" : counted(tries.length, "time")}, at ${momentsOf(tries)}`);
  }
  const reasons = new Map();
  for (const step of failed) reasons.set(step.text, (reasons.get(step.text) ?? 0) + 1);
  const listedReasons = [...reasons].slice(0, 3);
  for (const [reason, times] of listedReasons) {
    if (tries.length === 1) sentences[0] += `: ${reason}`;
    else sentences.push(`${times === tries.length ? "Each time" : counted(times, "time")}: ${reason}`);
  }
  if (reasons.size > 3) sentences.push(`${counted(reasons.size - 3, "more reason")} in its story`);
  const refused = steps.filter((step) => step.kind === "refused");
  if (refused.length) sentences.push(refused[refused.length - 1].text.replace(/^./, (letter) => letter.toUpperCase()));
  const throttled = steps.filter((step) => step.kind === "throttled").length;
  if (throttled) sentences.push(`It was throttled ${counted(throttled, "time")}`);
  sentences.push(endOf(steps).replace(/^./, (letter) => letter.toUpperCase()));
  // a number and its unit stay on one line
  return `${sentences.join(". ")}.`.replace(/(\d) (s|min|h|d)\b/g, "$1\u00a0$2");
}

/** What a screen reader hears of a row's drawing. */
function spokenOf(steps) {
  const shown = steps.length > 12 ? [...steps.slice(0, 8), null, ...steps.slice(-3)] : steps;
  return shown.map((step) => (step ? `${moment(step.at)}: ${wordsOf(step)}` : `${steps.length - 11} more steps`)).join("; ");
}

const STEPS_AT_ONCE = 60;

/** The story of a record, as a panel under its row. */
function storyOf(test, record) {
  const { body } = test;
  const { ids, briefs, kinds, fates, sources, destinations, payloads, leftOut, story, hiddenTries } = body.records;
  const steps = stepsOf(body, record);
  const facts = [
    ["Record", el("code", { class: "whole" }, ids[record])],
    ["Fate", el("span", { class: `fate tone-${toneOf(fates[record])}` }, icon(fates[record]), FATES[fates[record]])],
  ];
  if (sources[record] >= 0) facts.push(["Where it was last", body.texts[sources[record]]]);
  if (destinations[record]) facts.push(["Its invocation record", `in ${destinations[record]}`]);
  const rows = el("tbody");
  const { more } = inPortions(rows, steps, (step) => stepRow(test, step), STEPS_AT_ONCE, 5 * STEPS_AT_ONCE, "step");
  const panel = el(
    "div",
    { class: "panel" },
    el("p", { class: "verdict" }, verdictOf(steps, hiddenTries[story[record]])),
    el("dl", { class: "facts" }, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    el(
      "table",
      { class: "steps" },
      el("caption", { class: "unseen" }, `What happened to ${ids[record]}`),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Time"), el("th", { scope: "col" }, "What happened"))),
      rows,
    ),
    more,
  );
  if (payloads[record] >= 0) panel.append(carried(body.texts[kinds[record]], body.texts[payloads[record]]));
  else if (payloads[record] === -2 || leftOut.has(record)) panel.append(elsewhere(test, "What it carries"));
  else if (briefs[record].endsWith("…")) panel.append(elsewhere(test, "The whole of what it carries"));
  return panel;
}

/** What a record carries; of a single text, the text alone. */
function carried(kind, text) {
  let entries = [];
  try {
    entries = Object.entries(JSON.parse(text));
  } catch {
    // not quite JSON, as of a number that is none: shown as it is
  }
  if (entries.length === 1 && typeof entries[0][1] === "string") return codeBlock(`What it carries: ${entries[0][0]}`, indented(entries[0][1]));
  return codeBlock(`What it carries (${kind})`, indented(text));
}

function stepRow(test, step) {
  const number = step.kind === "invoked" && el(
    "button",
    { type: "button", class: "link", "aria-label": `Open invocation ${step.number}`, on: { click: () => test.openCall(step.number) } },
    `#${step.number}`,
  );
  const batch = step.batch ? ` in a batch of ${NUMBERS.format(step.batch)}` : "";
  const text = number ? ["invocation ", number, `${batch}: ${step.text}`] : [step.text];
  return el(
    "tr",
    { class: step.mark ? `tone-${MARKS[step.mark].tone}` : "" },
    el("td", { class: "time" }, step.mark ? moment(step.at) : ""),
    el("td", {}, el("div", { class: "what" }, step.mark ? icon(step.mark) : null, el("span", {}, text))),
  );
}

function codeBlock(title, text) {
  return el("div", { class: "block" }, el("h4", {}, title), el("pre", { tabindex: 0, "aria-label": title, role: "region" }, text));
}

/** Where to find what is not in this page. */
function elsewhere(test, what) {
  const { trace } = test.head;
  const where = trace
    ? ["is not in this report, but in its JSON trace: ", el("code", { class: "whole" }, trace)]
    : ["is not in this report. ", el("code", { class: "option" }, test.head.test.includes("::") ? "--lambda-events-traces=DIR" : "--trace FILE"), " writes traces that have everything."];
  return el("p", { class: "elsewhere" }, `${what} `, where);
}
