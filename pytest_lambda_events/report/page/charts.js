// Small charts of numbers over time, and of how often. Each says in words what it shows.

const CHART_HEIGHT = 120;
const CHART_PAD = { left: 44, right: 12, top: 10, bottom: 22 };

/** A figure whose drawing follows its width. */
function figure(title, summary, draw) {
  const box = el("div", { class: "chart" });
  const node = el("figure", {}, el("figcaption", {}, el("strong", {}, title), el("span", {}, summary)), box);
  onWidth(box, (width) => box.replaceChildren(draw(Math.max(width, 160))));
  return node;
}

function frame(width, title, summary, ...children) {
  const titleId = newId("chart-title");
  const descId = newId("chart-desc");
  return svg(
    "svg",
    { width, height: CHART_HEIGHT, viewBox: `0 0 ${width} ${CHART_HEIGHT}`, role: "img", "aria-labelledby": `${titleId} ${descId}` },
    svg("title", { id: titleId }, title),
    svg("desc", { id: descId }, summary),
    children,
  );
}

/** The vertical axis: nothing, and the highest value. */
function valueAxis(width, highest, words) {
  const bottom = CHART_HEIGHT - CHART_PAD.bottom;
  return [[highest, CHART_PAD.top], [0, bottom]].map(([value, y]) => [
    svg("line", { x1: CHART_PAD.left, x2: width - CHART_PAD.right, y1: y, y2: y, class: "grid" }),
    svg("text", { x: CHART_PAD.left - 6, y: y + 4, class: "tick", "text-anchor": "end" }, words(value)),
  ]);
}

function timeAxis(x, width, end) {
  const ticks = ticksOf([[0, end]], x, width - CHART_PAD.right);
  return ticks.map((tick, place) =>
    svg("text", { x: tick.x, y: CHART_HEIGHT - 6, class: "tick", "text-anchor": place === 0 ? "start" : tick.x > width - 40 ? "end" : "middle" }, tick.label),
  );
}

/** Values over time: steps for a count, lines for what is measured now and then. */
function timeChart(title, points, end, words, { isStep }) {
  const highest = Math.max(...points.map(([, value]) => value), 1);
  const peak = points.find(([, value]) => value === highest) ?? points[0];
  const last = points[points.length - 1];
  const summary = `at most ${words(highest)}, at ${moment(peak[0])}; in the end ${words(last[1])}`;
  return figure(title, summary, (width) => {
    const bottom = CHART_HEIGHT - CHART_PAD.bottom;
    const room = width - CHART_PAD.left - CHART_PAD.right;
    const x = (ms) => CHART_PAD.left + (end ? ms / end : 0) * room;
    const y = (value) => bottom - (value / highest) * (bottom - CHART_PAD.top);
    const steps = points.map(([ms, value], place) => {
      const to = `${x(ms).toFixed(1)} ${y(value).toFixed(1)}`;
      if (place === 0) return `M${to}`;
      return isStep ? `H${x(ms).toFixed(1)}V${y(value).toFixed(1)}` : `L${to}`;
    });
    const path = steps.join("") + (isStep ? `H${x(end).toFixed(1)}` : "");
    const dots = !isStep && points.length <= 60 ? points.map(([ms, value]) => svg("circle", { cx: x(ms), cy: y(value), r: 2.5, class: "dot" })) : [];
    const drawing = frame(width, title, summary, valueAxis(width, highest, words), timeAxis(x, width, end), svg("path", { d: path, class: "curve" }), dots);
    drawing.addEventListener("pointermove", (event) => {
      const at = event.clientX - drawing.getBoundingClientRect().left;
      const before = points.filter(([ms]) => x(ms) <= at + 3);
      const [ms, value] = before[before.length - 1] ?? points[0];
      showTip(`${words(value)} at ${moment(ms)}`, event.clientX, event.clientY);
    });
    drawing.addEventListener("pointerleave", hideTip);
    return drawing;
  });
}

/** How many records were received, or tried, so often. */
function countChart(title, pairs, { verb }) {
  const shown = pairs.length <= 24 ? pairs.map(([count, records]) => [String(count), records]) : inClasses(pairs);
  const highest = Math.max(...shown.map(([, records]) => records), 1);
  const [most] = pairs[pairs.length - 1];
  const summary = `${verb} at most ${counted(most, "time")}`;
  return figure(title, summary, (width) => {
    const bottom = CHART_HEIGHT - CHART_PAD.bottom;
    const room = width - CHART_PAD.left - CHART_PAD.right;
    const each = Math.min(room / shown.length, 72);
    const bars = shown.map(([label, records], place) => {
      const height = Math.max((records / highest) * (bottom - CHART_PAD.top - 14), 1);
      const middle = CHART_PAD.left + (place + 0.5) * each;
      const isLabelled = shown.length <= 12 || each > 34 || place % Math.ceil(34 / each) === 0;
      return [
        svg("rect", { x: middle - each * 0.32, width: each * 0.64, y: bottom - height, height, class: "bar", rx: 1.5 }),
        each > 26 ? svg("text", { x: middle, y: bottom - height - 4, class: "tick", "text-anchor": "middle" }, NUMBERS.format(records)) : null,
        isLabelled ? svg("text", { x: middle, y: CHART_HEIGHT - 6, class: "tick", "text-anchor": "middle" }, `${label}×`) : null,
      ];
    });
    const words = shown.map(([label, records]) => `${label} times: ${counted(records, "record")}`).join("; ");
    const base = svg("line", { x1: CHART_PAD.left, x2: width - CHART_PAD.right, y1: bottom, y2: bottom, class: "grid" });
    return frame(width, title, words, base, bars.flat());
  });
}

function inClasses(pairs) {
  const width = Math.ceil((pairs[pairs.length - 1][0] + 1) / 20);
  const classes = new Map();
  for (const [count, records] of pairs) {
    const first = Math.floor(count / width) * width;
    classes.set(first, (classes.get(first) ?? 0) + records);
  }
  return [...classes].map(([first, records]) => [`${first}–${first + width - 1}`, records]);
}

function chartsOf(body, end) {
  const { iteratorAge, inFlight, receives, areReceives } = body.series;
  const charts = [];
  if (iteratorAge.length) charts.push(timeChart("Iterator age", iteratorAge, end, brief, { isStep: false }));
  if (inFlight.length) charts.push(timeChart("Records in flight", inFlight, end, (count) => NUMBERS.format(count), { isStep: true }));
  if (receives.length) {
    const title = areReceives ? "Receives per record" : "Attempts per record";
    charts.push(countChart(title, receives, { verb: areReceives ? "received" : "tried" }));
  }
  return charts;
}

// -- widths ----------------------------------------------------------------------------------------------------------

const followers = new WeakMap();
const widths = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    const follower = followers.get(target);
    const width = Math.round(contentRect.width);
    if (follower && width && width !== follower.width) {
      follower.width = width;
      follower.draw(width);
    }
  }
});

/** Calls `draw` with the width of this box, now and whenever it changes. */
function onWidth(box, draw) {
  followers.set(box, { draw, width: 0 });
  widths.observe(box);
}
