// Search and filter, kept in the address, so that a link shows what its sender saw.

function filterOf() {
  return { query: byId("query").value.trim().toLowerCase(), fate: byId("fate").value, outcome: byId("outcome").value };
}

function clearFilter() {
  for (const id of ["query", "fate", "outcome"]) byId(id).value = "";
}

function choices(select, values, words) {
  for (const value of values) select.append(el("option", { value }, words[value] ?? value));
}

/** Fills the choices with what occurs, and calls `apply` whenever they change. */
function startFilter(tests, apply) {
  const fates = Object.keys(FATES).filter((fate) => tests.some(({ head }) => head.fates[fate]));
  const outcomes = OUTCOMES.filter((outcome) => outcome && tests.some(({ head }) => head.outcome === outcome));
  choices(byId("fate"), fates, FATES);
  choices(byId("outcome"), outcomes, Object.fromEntries(outcomes.map((outcome) => [outcome, OUTCOME_WORDS[outcome].toLowerCase()])));
  byId("outcome-field").hidden = outcomes.length < 2;
  byId("filter").hidden = tests.length === 0;
  readAddress();
  let isDue = false;
  const soon = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      writeAddress(tests);
      apply();
    });
  };
  for (const id of ["query", "fate", "outcome"]) byId(id).addEventListener("input", soon);
  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  byId("query").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !byId("query").value) return;
    event.preventDefault();
    byId("query").value = "";
    soon();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, select, textarea")) return;
    event.preventDefault();
    byId("query").focus();
    byId("query").select();
  });
  addEventListener("hashchange", () => {
    readAddress();
    apply();
  });
}

function readAddress() {
  const said = new URLSearchParams(location.hash.slice(1));
  byId("query").value = said.get("q") ?? "";
  for (const id of ["fate", "outcome"]) {
    byId(id).value = said.get(id) ?? "";
    if (byId(id).selectedIndex < 0) byId(id).value = "";
  }
}

/** The tests that the address names as open, by their place in the file. */
function openInAddress() {
  const said = new URLSearchParams(location.hash.slice(1)).get("open");
  return said === null ? null : new Set(said.split(".").map(Number));
}

function writeAddress(tests) {
  const said = new URLSearchParams();
  if (byId("query").value) said.set("q", byId("query").value);
  for (const id of ["fate", "outcome"]) if (byId(id).value) said.set(id, byId(id).value);
  const open = tests.filter((test) => test.opener?.isOpen()).map((test) => test.place);
  if (tests.length > 1 && open.length) said.set("open", open.join("."));
  try {
    history.replaceState(null, "", `${location.href.split("#")[0]}${String(said) ? `#${said}` : ""}`);
  } catch {
    // where a CI server shows the page in a frame of its own, its address may be nobody's to change
  }
}
