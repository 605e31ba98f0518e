// What happens when the page is opened.

const THEMES = { "": "as the system", light: "light", dark: "dark" };

function startTheme() {
  const button = byId("theme");
  let theme = "";
  try {
    theme = localStorage.getItem("pytest-lambda-events-theme") ?? "";
  } catch {
    // a browser that keeps nothing for files
  }
  const use = (name) => {
    theme = name in THEMES ? name : "";
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    button.textContent = `Theme: ${THEMES[theme]}`;
  };
  use(theme);
  button.hidden = false;
  button.addEventListener("click", () => {
    const names = Object.keys(THEMES);
    use(names[(names.indexOf(theme) + 1) % names.length]);
    try {
      localStorage.setItem("pytest-lambda-events-theme", theme);
    } catch {
      // the choice holds until the page is closed
    }
  });
}

/** The tests in the file, those that failed first. */
function readTests() {
  const heads = [...document.querySelectorAll('script[data-kind="head"]')];
  const tests = heads.map((head, place) => {
    const test = new Test(JSON.parse(head.textContent), head.nextElementSibling);
    test.place = place;
    return test;
  });
  return tests.sort((one, other) => OUTCOMES.indexOf(one.head.outcome) - OUTCOMES.indexOf(other.head.outcome) || one.place - other.place);
}

/** What the parts of this page are called: runs that are of no test have no outcome. */
function nounOf(tests) {
  return tests.every(({ head }) => !head.outcome) ? "run" : "test";
}

function summaryOf(tests) {
  if (!tests.length) return "No test in this report had a mapping that ran.";
  const records = tests.reduce((sum, test) => sum + test.countOf(true), 0);
  const outcomes = OUTCOMES.filter((outcome) => outcome).map((outcome) => [outcome, tests.filter(({ head }) => head.outcome === outcome).length]);
  const told = outcomes.filter(([, count]) => count).map(([outcome, count]) => `${NUMBERS.format(count)} ${outcome === "error" ? "with an error" : outcome}`);
  return `${counted(tests.length, nounOf(tests))}${told.length ? ` (${told.join(", ")})` : ""}, ${counted(records, "record")}`;
}

function start() {
  startTheme();
  const tests = readTests();
  const main = byId("main");
  byId("summary").textContent = summaryOf(tests);
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault(); // the part of the address behind the # is the filter's
    main.focus();
  });
  const nothing = el("p", { class: "empty" }, "Nothing matches. Escape in the search field clears it.");
  nothing.hidden = true;
  /** Opens a record in its run; of a filter that would hide it, it is cleared. */
  const openIn = (test, id) => {
    const record = test.body.records.ids.indexOf(id);
    if (test.node.hidden || (test.matches !== true && !test.matches.includes(record))) {
      clearFilter();
      apply();
    }
    test.opener.open();
    writeAddress(tests);
    test.openRecord(record);
  };
  const comparisons = [...document.querySelectorAll('script[data-kind="comparison"]')].map((source) => new Comparison(JSON.parse(source.textContent), tests, openIn));
  for (const comparison of comparisons) main.append(comparison.make());
  const apply = () => {
    const filter = filterOf();
    const isFiltering = Boolean(filter.query || filter.fate || filter.outcome);
    let shown = 0;
    let records = 0;
    for (const test of tests) {
      const matches = test.matching(filter);
      test.node.hidden = matches === null;
      if (matches === null) continue;
      shown += 1;
      records += test.countOf(matches);
      if (matches !== true || test.matches !== true) test.show(matches);
    }
    for (const comparison of comparisons) comparison.show(filter);
    nothing.hidden = shown > 0 || tests.length === 0;
    const told = isFiltering ? `${counted(records, "record")} in ${counted(shown, nounOf(tests))} ${records === 1 ? "matches" : "match"}` : "";
    if (told !== byId("matches").textContent) say(told || "All records are shown");
    byId("matches").textContent = told;
  };
  for (const test of tests) {
    main.append(test.make(true));
    test.onToggle = () => writeAddress(tests);
  }
  main.append(nothing);
  new ResizeObserver(() => document.documentElement.style.setProperty("--above", `${byId("filter").offsetHeight}px`)).observe(byId("filter"));
  startFilter(tests, apply);
  apply();
  const open = openInAddress();
  for (const test of tests) {
    if (open ? open.has(test.place) : tests.length === 1) test.opener.open();
  }
  addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
  addEventListener("scroll", hideTip, { passive: true });
  document.documentElement.dataset.ready = "true";
}

start();
