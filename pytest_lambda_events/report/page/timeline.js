// The timeline: a row for each record, or for many that went the same way; time from left to right.

const ROW = 40;
const LANES = [10, 25];
const FOLD_FROM = 24; // with fewer records each has a row of its own
const FEWEST_FOLDED = 4;
const MOST_CROWDS = 120; // with more moments or stories than this, marks of one moment overlap
const ROWS_AT_ONCE = 100;
const MEMBERS_AT_ONCE = 50;
const ATTEMPTS = new Set(["succeeded", "failed", "behind", "open", "throttled", "refused"]); // what bars count
const BIN = 5; // the width of a bar, where a row is of many
const APART = 3; // the same mark nearer than this is not drawn twice ...
const APART_OF_MANY = 9; // ... nor nearer than this in a row with hundreds of them
const WORTH = Object.fromEntries(Object.keys(MARKS).map((mark, place) => [mark, place]));

/** The marks of a story, each with its moment; those of one story are computed once. */
function marksOf(body, story) {
  body.marks ??= new Map();
  let found = body.marks.get(story);
  if (!found) {
    found = [];
    const flat = body.records.stories[story];
    let at = 0;
    for (let place = 0; place < flat.length; place += 3) {
      at += flat[place];
      if (flat[place + 1] >= 0) found.push({ at, mark: body.phrases[flat[place + 1]][1], step: place / 3 });
    }
    body.marks.set(story, found);
  }
  return found;
}

/** Rows: records that went the same way stand together where there are many. Their order is that of the records. */
function rowsOf(body, records) {
  const single = (record) => ({ records: [record] });
  if (records.length <= FOLD_FROM) return records.map(single);
  const groups = new Map();
  const shapes = new Map();
  for (const record of records) {
    const story = body.records.story[record];
    let shape = shapes.get(story);
    if (shape === undefined) {
      const marks = marksOf(body, story).map(({ mark }) => WORTH[mark]);
      shape = `${body.records.fates[record]} ${marks.join(" ")}`;
      shapes.set(story, shape);
    }
    const group = groups.get(shape);
    if (group) group.push(record);
    else groups.set(shape, [record]);
  }
  return [...groups.values()].flatMap((group) => (group.length < FEWEST_FOLDED ? group.map(single) : [{ records: group }]));
}

class Timeline {
  constructor(test, records) {
    this.test = test;
    this.body = test.body;
    this.records = records;
    this.options = { isToScale: false, zoom: 1, from: 0 };
    this.drawings = new Set(); // of the rows that are there, to be drawn anew when the scale changes
    this.stories = new Set(records.map((record) => this.body.records.story[record]));
    this.weights = new Map(); // of each story, how many records have it
    for (const record of records) {
      const story = this.body.records.story[record];
      this.weights.set(story, (this.weights.get(story) ?? 0) + 1);
    }
    const moments = [test.head.elapsed];
    for (const story of this.stories) for (const { at } of marksOf(this.body, story)) moments.push(at);
    this.moments = distinct(moments);
    this.crowds = this.moments.length <= MOST_CROWDS && this.stories.size <= MOST_CROWDS ? this.crowdsOf() : new Map();
    this.node = this.make();
  }

  /** How many marks of one record stand side by side, moment by moment. */
  crowdsOf() {
    const crowds = new Map();
    for (const story of this.stories) {
      const here = new Map();
      for (const { at, mark } of marksOf(this.body, story)) {
        const key = `${at} ${MARKS[mark].lane}`;
        here.set(key, (here.get(key) ?? 0) + 1);
        crowds.set(at, Math.max(crowds.get(at) ?? 0, here.get(key)));
      }
    }
    return crowds;
  }

  make() {
    this.axis = el("div", { class: "axis", "aria-hidden": "true" });
    this.list = el("ol", { class: "rows", "aria-label": "Records", on: { keydown: (event) => this.onKey(event) } });
    const rows = rowsOf(this.body, this.records);
    const { more } = inPortions(this.list, rows, (row) => this.row(row), ROWS_AT_ONCE, ROWS_AT_ONCE, "row");
    this.list.dataset.rows = rows.length;
    onWidth(this.axis, (width) => {
      this.width = width;
      this.draw();
    });
    const marks = new Set();
    for (const story of this.stories) for (const { mark } of marksOf(this.body, story)) marks.add(mark);
    return el("div", { class: "timeline" }, this.controls(), el("div", { class: "axis-line" }, el("span"), this.axis), this.list, more, legendOf(marks), rows.some(({ records }) => records.length > 1) ? el("p", { class: "note" }, "A row of many that were tried at different moments has bars: how many records, upwards where it succeeded, downwards where it did not.") : null);
  }

  controls() {
    this.scaleNote = el("span", { class: "note" });
    const scale = el("button", { type: "button", class: "quiet", "aria-pressed": "false" }, "To scale");
    scale.addEventListener("click", () => {
      this.options.isToScale = !this.options.isToScale;
      scale.setAttribute("aria-pressed", String(this.options.isToScale));
      this.draw();
    });
    const zoom = (factor) => {
      const { options } = this;
      const middle = options.from + 0.5 / options.zoom;
      options.zoom = Math.min(Math.max(options.zoom * factor, 1), 4096);
      this.moveTo(middle - 0.5 / options.zoom);
    };
    const shift = (part) => this.moveTo(this.options.from + part / this.options.zoom);
    const button = (label, text, listener) => el("button", { type: "button", class: "quiet square", "aria-label": label, title: label, on: { click: listener } }, text);
    this.movers = [button("Earlier", "←", () => shift(-0.5)), button("Later", "→", () => shift(0.5))];
    this.zoomOut = button("Zoom out", "−", () => zoom(0.5));
    this.scaleButton = scale;
    return el("div", { class: "controls" }, scale, el("span", { class: "group" }, this.zoomOut, button("Zoom in", "+", () => zoom(2)), this.movers), this.scaleNote);
  }

  moveTo(from) {
    this.options.from = Math.min(Math.max(from, 0), 1 - 1 / this.options.zoom);
    this.draw();
  }

  draw() {
    if (!this.width) return;
    this.scale = makeScale(this.moments, this.width, this.options, this.crowds);
    const { ticks, cuts, bands, isCut } = this.scale;
    const height = 26;
    const labels = ticks.map((tick) => [
      svg("line", { x1: tick.x, x2: tick.x, y1: height - 6, y2: height, class: "tick-line" }),
      svg("text", { x: Math.max(tick.x, tick.half - 4), y: 14, class: "tick", "text-anchor": "middle" }, tick.label),
    ]);
    const broken = cuts.map((cut) => svg("path", { d: `M${cut.x - 4} ${height}l3-9M${cut.x + 1} ${height}l3-9`, class: "cut" }));
    this.axis.replaceChildren(svg("svg", { width: this.width, height }, svg("line", { x1: 0, x2: this.width, y1: height - 0.5, y2: height - 0.5, class: "tick-line" }), labels.flat(), broken));
    const { zoom } = this.options;
    this.scaleNote.textContent = isCut ? "Where the axis is broken, time is cut short." : "";
    this.canScale ||= isCut || bands.length > 0;
    this.scaleButton.hidden = !this.canScale;
    for (const mover of this.movers) mover.hidden = zoom === 1;
    this.zoomOut.disabled = zoom === 1;
    for (const drawing of this.drawings) drawing();
  }

  // -- rows ------------------------------------------------------------------------------------------------------------

  row(row) {
    return row.records.length === 1 ? this.recordRow(row.records[0]) : this.groupRow(row.records);
  }

  recordRow(record) {
    const { ids, fates, story, leftOut } = this.body.records;
    const fate = fates[record];
    const id = leftOut.has(record) ? null : [el("span", { class: "id", title: ids[record] }, shortId(ids[record])), " "];
    const button = el(
      "button",
      { type: "button", class: "row-head", "data-record": ids[record] },
      el("span", { class: "brief" }, calledOf(this.body, record)),
      " ",
      el("span", { class: "about" }, id, el("span", { class: `fate tone-${toneOf(fate)}` }, FATES[fate])),
    );
    const steps = () => stepsOf(this.body, record);
    return this.rowWith(button, [story[record]], { record, steps, make: () => storyOf(this.test, record) });
  }

  groupRow(records) {
    const { fates, story } = this.body.records;
    const fate = fates[records[0]];
    const tries = marksOf(this.body, story[records[0]]).filter(({ mark }) => ["failed", "behind", "succeeded"].includes(mark)).length;
    const tried = tries ? `, ${tries === 1 ? "tried once" : `tried ${tries} times`} each` : "";
    const button = el(
      "button",
      { type: "button", class: "row-head is-group" },
      el("span", { class: "brief" }, `${counted(records.length, "record")}`, el("span", { class: "tried" }, tried)),
      " ",
      el("span", { class: "about" }, el("span", { class: "id" }, calledOf(this.body, records[0]), " …"), " ", el("span", { class: `fate tone-${toneOf(fate)}` }, FATES[fate])),
    );
    const stories = [...new Set(records.map((record) => story[record]))];
    const make = () => {
      const list = el("ol", { class: "rows members", "aria-label": `${records.length} records that went the same way` });
      const { more } = inPortions(list, records, (record) => this.recordRow(record), MEMBERS_AT_ONCE, MEMBERS_AT_ONCE, "record");
      return el("div", { class: "panel is-list" }, list, more);
    };
    return this.rowWith(button, stories, { count: records.length, steps: () => stepsOf(this.body, records[0]), make });
  }

  /** A row: what it is about, and its drawing. A click opens what `make` makes. */
  rowWith(button, stories, { record = null, count = 1, steps, make }) {
    const lane = el("div", { class: "lane" });
    const item = el("li", { class: "row" }, button, lane);
    if (record !== null) item.dataset.position = record;
    const marks = stories.length === 1 ? marksOf(this.body, stories[0]) : this.together(stories);
    const label = newId("row");
    button.setAttribute("aria-describedby", label);
    const opener = disclosure(button, (panel) => item.append(panel), make);
    item.opener = opener;
    const text = (mark) => {
      if (stories.length > 1) return `${mark.isSpread ? "around " : ""}${moment(mark.at)}: ${counted(mark.weight, "record")} ${MARKS[mark.mark].words}`;
      const words = wordsOf(steps()[mark.step]);
      return `${moment(mark.at)}: ${count > 1 ? words.replace(/#\d+/, "(one for each batch)") : words}`;
    };
    const draw = () => {
      if (!this.scale) return;
      const drawing = this.drawing(marks, { isThin: stories.length > 1, count });
      drawing.setAttribute("role", "img");
      drawing.id = label;
      drawing.setAttribute("aria-label", count > 1 ? `What happened to these ${count} records` : spokenOf(steps()));
      lane.replaceChildren(drawing);
      item.places = drawing.places;
    };
    this.drawings.add(draw);
    draw();
    const nearest = (event) => {
      const box = lane.getBoundingClientRect();
      const at = { x: event.clientX - box.left, y: event.clientY - box.top };
      let best = null;
      for (const place of item.places ?? []) {
        const far = Math.hypot(place.x - at.x, (place.y - at.y) / 2);
        if (far < 16 && (!best || far < best.far)) best = { far, ...place };
      }
      return best;
    };
    lane.addEventListener("pointermove", (event) => {
      const best = nearest(event);
      if (best) showTip(text(best), event.clientX, lane.getBoundingClientRect().top + best.y);
      else hideTip();
    });
    lane.addEventListener("pointerleave", hideTip);
    lane.addEventListener("click", () => button.click());
    item.walk = (by) => this.walk(item, lane, text, by);
    button.addEventListener("blur", () => {
      item.cursor = undefined;
      hideTip();
      lane.querySelector(".cursor")?.remove();
    });
    return item;
  }

  /** The marks of many stories, the same at the same moment once. */
  together(stories) {
    const found = new Map();
    for (const story of stories) {
      for (const mark of marksOf(this.body, story)) {
        const key = `${mark.mark} ${mark.at}`;
        const known = found.get(key) ?? { ...mark, weight: 0 };
        known.weight += this.weights.get(story);
        found.set(key, known);
      }
    }
    return [...found.values()].sort((one, other) => one.at - other.at || WORTH[one.mark] - WORTH[other.mark]);
  }

  /** A row's drawing; `places` of it are its marks with where they are. */
  drawing(marks, { isThin }) {
    const { x, width, ticks, cuts, bands, beside } = this.scale;
    const back = [
      ...bands.map((band) => svg("rect", { x: band.x - 9, width: band.width + 18, y: 0, height: ROW, class: "band" })),
      ...ticks.map((tick) => svg("line", { x1: tick.x, x2: tick.x, y1: 0, y2: ROW, class: "grid" })),
      ...cuts.map((cut) => svg("rect", { x: cut.x - 3, width: 6, y: 0, height: ROW, class: "gap" })),
    ];
    if (isThin) return this.density(marks, back);
    const spans = this.spans(marks);
    const last = new Map();
    const edges = [{}, {}];
    const apart = marks.length > 200 ? APART_OF_MANY : APART;
    const places = [];
    for (const mark of marks) {
      const { lane } = MARKS[mark.mark];
      const at = x(mark.at);
      if (at < -20 || at > width + 20) continue;
      const before = last.get(mark.mark);
      if (before !== undefined && at - before < apart && at !== before) continue;
      last.set(mark.mark, at);
      // what happened at one moment stands side by side; what is only near is drawn where it is
      const isBeside = edges[lane].at === mark.at && edges[lane].x - at < Math.max(beside, 8) * 40;
      const place = isBeside ? edges[lane].x + (lane ? beside : Math.min(beside, 10)) : at;
      edges[lane] = { at: mark.at, x: place };
      places.push({ ...mark, x: Math.min(place, width - 8), y: LANES[lane] });
    }
    const drawing = svg("svg", { width, height: ROW, viewBox: `0 0 ${width} ${ROW}` }, back, spans, places.map((place) => drawn(place.mark, place.x, place.y)));
    drawing.places = places;
    return drawing;
  }

  /** Of many stories, how many records at each moment: upwards what went well, downwards what did not. */
  density(marks, back) {
    const { x, width } = this.scale;
    const bins = new Map();
    let end = null;
    for (const mark of marks) {
      const { tone, isEnd } = MARKS[mark.mark];
      const at = x(mark.at);
      if (isEnd) end = mark;
      if (!ATTEMPTS.has(mark.mark) || at < 0 || at > width) continue;
      const key = `${Math.floor(at / BIN)} ${tone === "good" ? 1 : -1}`;
      const bin = bins.get(key) ?? { at: mark.at, first: mark.at, mark: mark.mark, weight: 0, x: (Math.floor(at / BIN) + 0.5) * BIN, up: tone === "good" };
      bin.weight += mark.weight;
      bin.isSpread = bin.first !== mark.at;
      bins.set(key, bin);
    }
    const all = [...bins.values()];
    const highest = Math.max(...all.map(({ weight }) => weight), 1);
    const middle = ROW / 2;
    const bars = all.map((bin) => {
      const height = Math.max(Math.sqrt(bin.weight / highest) * (middle - 3), 2);
      return svg("rect", { x: bin.x - BIN / 2, width: BIN, y: bin.up ? middle - height : middle, height, class: `density tone-${MARKS[bin.mark].tone}` });
    });
    const places = all.map((bin) => ({ ...bin, y: middle + (bin.up ? -6 : 6) })).sort((one, other) => one.x - other.x);
    const drawing = svg("svg", { width, height: ROW, viewBox: `0 0 ${width} ${ROW}` }, back, svg("line", { x1: 0, x2: width, y1: middle, y2: middle, class: "grid" }), bars);
    if (end && x(end.at) < width) drawing.append(drawn(end.mark, Math.min(x(end.at) + 14, width - 9), middle));
    drawing.places = places;
    return drawing;
  }

  /** From when to when the record was out: received and neither gone nor back. */
  spans(marks) {
    const { x, width } = this.scale;
    const found = [];
    let since = null;
    for (const { at, mark } of marks) {
      if (mark === "received") since ??= at;
      else if (since !== null && (mark === "again" || mark === "moved" || MARKS[mark].isEnd)) {
        const [from, to] = [Math.max(x(since), 0), Math.min(x(at), width)];
        if (to > from) found.push(svg("rect", { x: from, width: to - from, y: LANES[1] - 3, height: 6, class: "span", rx: 2 }));
        since = null;
      }
    }
    return found;
  }

  // -- keys ------------------------------------------------------------------------------------------------------------

  onKey(event) {
    const button = event.target.closest?.(".row-head");
    if (!button || event.altKey || event.ctrlKey || event.metaKey) return;
    const heads = [...this.list.querySelectorAll(".row-head")];
    const place = heads.indexOf(button);
    const moves = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: heads.length - 1 };
    if (event.key in moves) {
      event.preventDefault();
      heads[moves[event.key]]?.focus();
    } else if (event.key === "Escape" && !byId("tip").hidden && !event.defaultPrevented) {
      event.preventDefault(); // the tip first; what is around it when it is pressed again
      hideTip();
    } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      event.preventDefault();
      button.closest(".row").walk(event.key === "ArrowRight" ? 1 : -1);
    }
  }

  /** From mark to mark of a row, each said in words. */
  walk(item, lane, text, by) {
    const { places } = item;
    if (!places?.length) return;
    item.cursor = Math.min(Math.max((item.cursor ?? (by > 0 ? -1 : places.length)) + by, 0), places.length - 1);
    const place = places[item.cursor];
    lane.querySelector(".cursor")?.remove();
    lane.firstChild.append(svg("circle", { cx: place.x, cy: place.y, r: 11, class: "cursor" }));
    const box = lane.getBoundingClientRect();
    showTip(text(place), box.left + place.x, box.top + place.y);
    say(text(place));
  }
}
