// Time along a line. A run has its events in bursts, with minutes or days of nothing between them: such gaps are cut, and
// the cut is drawn. "To scale" shows every second as wide as every other.

const SIDE = 12; // at the left, and some more at the right, where marks of one moment stand side by side
const RIGHT = 34;
const MOST_CUTS = 8;
const BESIDE = 15; // what a mark takes that stands beside another of the same moment
const CROWDED = 0.6; // of the width at most, for such marks
const NICE = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000, 600000, 900000,
  1800000, 3600000, 7200000, 10800000, 21600000, 43200000, 86400000, 172800000, 432000000, 864000000,
];

/** The moments, in order, each once, and no more than a few thousand. */
function distinct(moments) {
  const all = [...new Set(moments)].sort((one, other) => one - other);
  if (all.length <= 3000) return all;
  const grain = all[all.length - 1] / 3000;
  return all.filter((ms, place) => place === 0 || Math.floor(ms / grain) !== Math.floor(all[place - 1] / grain));
}

/** How long a gap may be before it is cut: the longest with which nearly all gaps can be told apart; Infinity for none. */
function longestGap(gaps) {
  const whole = gaps.reduce((sum, gap) => sum + gap, 0);
  const least = Math.min(0.012, 0.4 / Math.max(gaps.length, 1));
  let best = { limit: Infinity, legible: 0 };
  const sizes = [...new Set(gaps)].sort((one, other) => other - one);
  const step = Math.max(1, Math.floor(sizes.length / 60));
  for (let place = 0; place < sizes.length; place += step) {
    const limit = sizes[place];
    let total = 0;
    let cuts = 0;
    for (const gap of gaps) {
      total += Math.min(gap, limit);
      cuts += gap > limit;
    }
    if (cuts > MOST_CUTS) break;
    const legible = gaps.filter((gap) => Math.min(gap, limit) / total >= least).length / gaps.length;
    if (legible > best.legible + 0.02) best = { limit: cuts && whole / total > 1.6 ? limit : Infinity, legible };
  }
  return best.limit;
}

/**
 * `x(ms)`, ticks and cuts for this width. `zoom` is how often as wide, `from` where it begins, as a part of the whole;
 * `crowds` says how many marks stand side by side at a moment, for which there is room.
 */
function makeScale(moments, width, { isToScale = false, zoom = 1, from = 0 } = {}, crowds = new Map()) {
  const at = moments.length && moments[0] === 0 ? moments : [0, ...moments];
  const gaps = at.slice(1).map((ms, place) => ms - at[place]);
  const limit = isToScale ? Infinity : longestGap(gaps);
  const ends = [0];
  for (const gap of gaps) ends.push(ends[ends.length - 1] + Math.min(gap, limit));
  const total = ends[ends.length - 1] || 1;
  const whole = Math.max(width - SIDE - RIGHT, 40);
  const crowded = isToScale ? [] : at.map((ms) => Math.max((crowds.get(ms) ?? 1) - 1, 0));
  const before = [0]; // how many marks stand beside others, up to each moment
  for (const count of crowded) before.push(before[before.length - 1] + count);
  const beside = Math.min(BESIDE, (CROWDED * whole) / Math.max(before[before.length - 1], 1));
  const room = whole - (isToScale ? 0 : before[before.length - 1] * beside);
  const put = (part, place) => SIDE + ((part / total) * room + (isToScale ? 0 : before[place] * beside) - from * whole) * zoom;
  const x = (ms) => {
    let low = 0;
    let high = at.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (at[middle] <= ms) low = middle;
      else high = middle - 1;
    }
    // a moment is where its first mark is; those behind it begin where its last one ends
    if (ms === at[low] || low === at.length - 1) return put(ends[low], low);
    return put(ends[low] + ((ms - at[low]) / gaps[low]) * Math.min(gaps[low], limit), low + 1);
  };
  const cuts = [];
  const pieces = [[0, 0]]; // from moment to moment without a cut
  gaps.forEach((gap, place) => {
    if (gap > limit) {
      cuts.push({ from: at[place], to: at[place + 1], x: (put(ends[place], place + 1) + put(ends[place + 1], place + 1)) / 2 });
      pieces.push([at[place + 1], at[place + 1]]);
    } else pieces[pieces.length - 1][1] = at[place + 1];
  });
  const visible = (place) => place >= SIDE - 1 && place <= width - 4;
  return {
    x,
    width,
    beside: isToScale ? BESIDE : Math.min(BESIDE, beside * zoom),
    bands: crowded.flatMap((count, place) => (count > 1 ? [{ x: put(ends[place], place), width: count * beside * zoom }] : [])),
    cuts: cuts.filter((cut) => visible(cut.x)),
    ticks: ticksOf(pieces, x, width).filter((tick) => visible(tick.x)),
    isCut: cuts.length > 0,
  };
}

/** Labels that do not touch: where each piece begins, then round moments within it. */
function ticksOf(pieces, x, width) {
  const ticks = [];
  const add = (ms, label) => {
    const place = x(ms);
    const half = label.length * 3.4 + 5;
    const left = Math.max(place - half, 0);
    if (place < -1 || place > width || ticks.some((tick) => Math.abs(tick.x - place) < tick.half + half)) return;
    ticks.push({ ms, x: place, label, half, left });
  };
  const told = pieces.map(([from, to]) => {
    const length = x(to) - x(from);
    const step = NICE.find((nice) => (nice / Math.max(to - from, 1)) * length >= 62) ?? (to - from) / 4;
    // days after the beginning, seconds would all have the same label: behind a cut they are counted from there
    const isFine = from + step >= 600000 && brief(from + step) === brief(from + 2 * step);
    const words = (ms) => (!isFine || ms === from ? brief(ms) : from > 0 ? `+${brief(ms - from)}` : moment(ms));
    return { from, to, length, step, words, start: isFine ? from : 0 };
  });
  for (const { from } of told) add(from, brief(from));
  for (const { to, words } of told) add(to, words(to));
  for (const { from, to, length, step, words, start } of told) {
    if (length < 50) continue;
    // closer up, only what is in view
    const first = start + Math.ceil((momentAt(0, x, from, to) - start) / step) * step;
    const count = Math.floor((momentAt(width, x, from, to) - first) / step);
    for (let number = 0; number <= count; number += 1) add(first + number * step, words(Math.round(first + number * step)));
  }
  return ticks.sort((one, other) => one.x - other.x);
}

/** The moment between these that is drawn here, or nearest to it. */
function momentAt(place, x, from, to) {
  let [low, high] = [from, to];
  for (let times = 0; times < 50; times += 1) {
    const middle = (low + high) / 2;
    if (x(middle) < place) low = middle;
    else high = middle;
  }
  return low;
}

/** A moment on the axis, in two units at most. */
function brief(ms) {
  if (ms === 0) return "0 s";
  const units = [["d", 86400000], ["h", 3600000], ["min", 60000], ["s", 1000]];
  const place = units.findIndex(([, length]) => ms >= length);
  if (ms < 600000) return seconds(ms);
  const [unit, length] = units[place];
  const whole = Math.floor(ms / length);
  const [small, smaller] = units[place + 1];
  const rest = Math.round((ms - whole * length) / smaller);
  return rest && rest * smaller < length ? `${whole} ${unit} ${rest} ${small}` : `${whole + (rest ? 1 : 0)} ${unit}`;
}
