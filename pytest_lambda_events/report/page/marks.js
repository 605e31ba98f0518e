// What each mark looks like, and what it means. Shapes tell them apart; colour only says it again.

// path, class of its colour, and how it is drawn: f filled, s with strokes; then what is drawn over it in the colour of the page
const MARKS = {
  sent: { words: "sent, put or written", d: "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0", tone: "calm", how: "s", lane: 0 },
  received: { words: "received", d: "M-3-4.5L4.5 0L-3 4.5Z", tone: "calm", how: "f", lane: 0 },
  again: { words: "visible again, or back in its queue", d: "M3-4.5L-4.5 0L3 4.5Z", tone: "calm", how: "s", lane: 0 },
  succeeded: { words: "invoked: success", d: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0", tone: "good", how: "f", lane: 1 },
  failed: { words: "invoked: failed", d: "M-4.5-4.5L4.5 4.5M4.5-4.5L-4.5 4.5", tone: "bad", how: "s", lane: 1, wide: true },
  behind: { words: "invoked: behind one that was reported", d: "M0-6L6 0L0 6L-6 0Z", tone: "warn", how: "s", lane: 1 },
  open: { words: "invoked: no outcome yet", d: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0M-1.2 0a1.2 1.2 0 1 0 2.4 0a1.2 1.2 0 1 0-2.4 0", tone: "calm", how: "s", lane: 1 },
  throttled: { words: "throttled", d: "M-4.5-5.5h3.2v11h-3.2zM1.3-5.5h3.2v11h-3.2z", tone: "warn", how: "f", lane: 1 },
  refused: { words: "not invoked", d: "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0M-3.9 3.9L3.9-3.9", tone: "bad", how: "s", lane: 1 },
  split: { words: "batch split in two", d: "M-6 0H-1L5-5M-1 0L5 5", tone: "odd", how: "s", lane: 1 },
  fault: { words: "fault that was asked for", d: "M1.5-7L-4.5 1.2H-.8L-1.5 7L4.5-1.2H.8Z", tone: "odd", how: "f", lane: 1 },
  delivered: { words: "invocation record sent", d: "M-6.5-4.5h13v9h-13zM-6.5-4.5L0 1L6.5-4.5", tone: "info", how: "s", lane: 1 },
  moved: { words: "sent back by a message move task", d: "M5.5 5V1a3.5 3.5 0 0 0-3.5-3.5H-5M-2-6L-5.5-2.5L-2 1", tone: "info", how: "s", lane: 1 },
  processed: { words: "processed", d: "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0", tone: "good", how: "f", lane: 1, over: "M-3.4.2L-.9 2.8L3.6-2.6", isEnd: true },
  filtered: { words: "filtered", d: "M-6.5-5.5H6.5L1.7.5V6L-1.7 4V.5Z", tone: "calm", how: "s", lane: 1, isEnd: true },
  dead_lettered: { words: "dead-lettered", d: "M-7-7h14v14h-14z", tone: "bad", how: "f", lane: 1, over: "M0-4.6V1.6M-2.8-1L0 1.8L2.8-1M-4 4.6H4", isEnd: true },
  discarded: { words: "discarded", d: "M-3-7H3L7-3V3L3 7H-3L-7 3V-3Z", tone: "bad", how: "f", lane: 1, over: "M-3.6 0H3.6", isEnd: true },
  expired: { words: "expired", d: "M-5.5-7H5.5L-5.5 7H5.5Z", tone: "bad", how: "f", lane: 1, isEnd: true },
  pending: { words: "still there when the run stopped", d: "M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0M0-3.8V0H2.8", tone: "info", how: "s", lane: 1, isEnd: true },
};

/** How a fate is coloured. */
function toneOf(fate) {
  return MARKS[fate]?.tone ?? "calm";
}

/** The mark with its middle at this place, as a group without a name: what it says is said by its row. */
function drawn(mark, x, y) {
  const { d, tone, how, over, wide } = MARKS[mark];
  const paths = [svg("path", { d, class: `mark ${how === "f" ? "filled" : "lined"}${wide ? " wide" : ""}` })];
  if (over) paths.push(svg("path", { d: over, class: "over" }));
  return svg("g", { transform: `translate(${x.toFixed(1)} ${y})`, class: `tone-${tone}`, "data-mark": mark }, paths);
}

/** The mark alone, beside a word that says the same. */
function icon(mark) {
  return svg("svg", { width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true", class: "icon" }, drawn(mark, 0, 0));
}

/** What the marks that occur mean. */
function legendOf(marks) {
  return el(
    "ul",
    { class: "legend", "aria-label": "What the marks mean" },
    Object.keys(MARKS)
      .filter((mark) => marks.has(mark))
      .map((mark) => el("li", {}, icon(mark), MARKS[mark].words)),
  );
}
