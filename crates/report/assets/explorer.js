// The lower half: recommendation → control → finding, with filters and search.

const PAGE = 50;
const filter = { text: "", verdict: "", severity: "", account: "", region: "", only: null };

function matches(finding) {
  return (!filter.verdict || finding.verdict === filter.verdict)
    && (!filter.severity || finding.severity === filter.severity)
    && (!filter.account || finding.account === filter.account)
    && (!filter.region || finding.region === filter.region)
    && (!filter.text || filter.text.split(/\s+/).every((word) => haystack(finding).includes(word)));
}

const isNarrowed = () => filter.text || filter.verdict || filter.severity || filter.account || filter.region;

/** The counts of a control's findings: those that the page holds, and under no filter those that it does not. */
function countsOf(control, findings) {
  const counts = isNarrowed() ? {} : { ...(TAIL.by_control?.[control] ?? TAIL.left[control] ?? {}) };
  for (const finding of findings) counts[finding.verdict] = (counts[finding.verdict] ?? 0) + 1;
  return counts;
}

function countsNode(counts) {
  const parts = VERDICTS.filter((v) => counts[v] && v !== "not_applicable").map((v) => el("span", { class: v }, el("b", {}, number(counts[v])), ` ${words(v)}`));
  return el("span", { class: "counts" }, parts.flatMap((p, at) => (at ? [" · ", p] : [p])));
}

function findingNode(finding) {
  const title = finding.name || finding.arn;
  const summary = el("summary", { class: "row" }, chip(finding.verdict), el("span", { class: "title" }, title),
    el("span", { class: "counts" }, `${many ? accountName(finding.account) || finding.account : ""} ${finding.region}`));
  return lazy(summary, () => {
    const pairs = [["Resource", finding.arn], ["Table", finding.kind], ["Account", accountLabel(finding.account)], ["Region", finding.region]];
    if (finding.accepted) {
      const { owner, reason, expires } = finding.accepted;
      pairs.push(["Accepted by", owner], ["Because", reason], ["Until", expires ?? "no end"]);
    }
    const values = Object.entries(finding.values);
    return el("div", { class: "inside" },
      el("p", { class: "wrap" }, finding.reason),
      el("dl", { class: "pairs" }, pairs.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)]), el("dt", {}, "Finding"), el("dd", {}, el("code", {}, finding.id))),
      values.length > 0 && el("h3", {}, "Values seen"),
      values.length > 0 && el("dl", { class: "pairs" }, values.flatMap(([k, v]) => [el("dt", {}, k), el("dd", { class: "value" }, typeof v === "string" ? v : JSON.stringify(v, null, 1))])),
      el("h3", {}, "Calls behind it"),
      el("ul", { class: "small" }, finding.calls.map((call) => (Array.isArray(call) ? call : CALLS[call])).map(([id, operation, outcome, code]) => el("li", { class: "wrap" }, chip(outcome), ` ${operation} `, code && el("span", { class: "soft" }, code, " "), el("code", { class: "soft" }, id)))));
  }, { class: "finding" });
}

function repairNodes(repair) {
  const parts = [];
  if (repair.text) parts.push(el("p", { class: "wrap" }, el("b", {}, "Repair: "), repair.text));
  for (const code of [repair.cli, repair.terraform]) {
    if (code) parts.push(el("pre", { tabindex: "0" }, code));
  }
  return parts;
}

function addedUp(all) {
  const sum = {};
  for (const counts of all) for (const verdict of VERDICTS) sum[verdict] = (sum[verdict] ?? 0) + (counts[verdict] ?? 0);
  return sum;
}

/** What the page does not hold of a control. */
function leftNode(id) {
  const left = Object.values(TAIL.left[id] ?? {}).reduce((sum, n) => sum + n, 0);
  if (isOverview) return el("p", { class: "small soft" }, "Its findings are on the pages of the accounts.");
  return left > 0 && el("p", { class: "small soft" }, `${plural(left, "more finding")} of this control would make the page too large: --format csv, json or parquet has them all.`);
}

function controlNode(id, findings) {
  const control = controlOf(id);
  const summary = el("summary", { class: "row" }, chip(control.severity), el("span", { class: "title" }, control.title), countsNode(countsOf(id, findings)));
  return lazy(summary, () => {
    const sorted = [...findings].sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
    const box = el("div", { class: "findings" });
    return el("div", { class: "inside" },
      el("p", { class: "wrap" }, control.why),
      control.repair && repairNodes(control.repair),
      el("p", { class: "small soft wrap" }, id, control.also.length ? ` · also ${control.also.join(", ")}` : ""),
      box, pager(box, sorted, findingNode, PAGE), leftNode(id));
  });
}

function standingsNode(id) {
  const rows = filter.account && isOverview ? [[filter.account, stateOf(id, filter.account), ""]]
    : standingsOf(id).filter((r) => !filter.account || r[0] === filter.account);
  if (!many) return rows.length ? el("p", { class: "small wrap" }, rows[0][2]) : null;
  const worstFirst = [...rows].sort((a, b) => a[1] - b[1]);
  if (isOverview) return table([["Account", ""], ["State", ""]], worstFirst.map(([account, state]) => () => [accountNode(account), chip(STATES[state])]));
  return table([["Account", ""], ["State", ""], ["Why", ""]], worstFirst.map(([account, state, why]) => [accountLabel(account), chip(STATES[state]), why]));
}

function recommendationNode(entry) {
  const known = recommendationOf(entry.id);
  const state = STATES[entry.state];
  const summary = el("summary", { class: "row" }, chip(state), el("span", { class: "title" }, known.title), countsNode(addedUp(entry.controls.map(([control, findings]) => countsOf(control, findings)))));
  return lazy(summary, () => el("div", { class: "inside" },
    standingsNode(entry.id),
    known.remedy && el("p", { class: "small wrap" }, el("b", {}, "What to do: "), known.remedy),
    known.evidence && el("p", { class: "small wrap" }, el("b", {}, "What shows that it holds: "), known.evidence),
    entry.controls.map(([id, findings]) => controlNode(id, findings)),
    el("p", { class: "small soft" }, entry.id)), { "data-id": entry.id });
}

/** What is left of the estate under the filter: recommendations with their controls and findings. */
function select() {
  const found = new Map();
  let total = 0;
  for (const [control, findings] of BY_CONTROL) {
    const left = isNarrowed() ? findings.filter(matches) : findings;
    const count = isNarrowed() ? left.length : Object.values(countsOf(control, left)).reduce((sum, n) => sum + n, 0);
    if (count > 0) found.set(control, left);
    total += count;
  }
  const asked = new Map();
  for (const id of Object.keys(TAIL.standings)) asked.set(id, []);
  const other = [];
  for (const [control, findings] of found) {
    const answers = controlOf(control).recommendations.filter((id) => asked.has(id));
    if (!answers.length) other.push([control, findings]);
    for (const id of answers) asked.get(id).push([control, findings]);
  }
  const order = new Map(TAIL.roadmap.map((s, at) => [s.recommendation, at]));
  const entries = [...asked]
    .filter(([id, controls]) => (!filter.only || filter.only.ids.has(id)) && (controls.length > 0 || !isNarrowed()
      || (filter.account && !filter.text && !filter.verdict && !filter.severity && !filter.region)
      || (filter.text && !filter.verdict && !filter.severity && !filter.region && recommendationOf(id).title.toLowerCase().includes(filter.text))))
    .map(([id, controls]) => ({ id, controls, state: stateOf(id, filter.account) }))
    .sort((a, b) => a.state - b.state || (order.get(a.id) ?? 1e9) - (order.get(b.id) ?? 1e9) || (a.id < b.id ? -1 : 1));
  return { entries, other: filter.only ? [] : other, total };
}

function explorer() {
  const list = el("div", { class: "card list" });
  const found = el("p", { class: "found", role: "status", "aria-live": "polite" });
  const clear = el("button", { type: "button", class: "quiet-button", hidden: true }, "Clear");
  const search = el("input", { type: "search", id: "search", placeholder: isOverview ? "Search recommendations   ( / )" : "Search resources, controls, reasons   ( / )", "aria-label": "Search findings", autocomplete: "off", spellcheck: "false" });
  const choice = (key, all, options) => {
    const node = choices(el("select", { id: `filter-${key}`, "aria-label": all }, el("option", { value: "" }, all)), options);
    node.addEventListener("change", () => { filter[key] = node.value; draw(); });
    return node;
  };
  const selects = isOverview ? [choice("account", "Every account", HEAD.accounts.map((a) => [a.id, accountLabel(a.id)]))] : [
    choice("verdict", "Every verdict", VERDICTS.map((v) => [v, words(v)])),
    choice("severity", "Every severity", SEVERITIES.map((s) => [s, s])),
    choice("account", "Every account", HEAD.accounts.map((a) => [a.id, accountLabel(a.id)])),
    choice("region", "Every region", [...REGIONS].sort().map((r) => [r, r])),
  ];

  function draw() {
    const open = new Set([...list.querySelectorAll(":scope > details[open]")].map((d) => d.dataset.id));
    const { entries, other, total } = select();
    list.replaceChildren();
    if (!entries.length && !other.length) list.append(el("p", { class: "empty" }, "Nothing matches."));
    for (const entry of entries) {
      const node = recommendationNode(entry);
      list.append(node);
      if (open.has(entry.id)) node.open = true;
    }
    if (other.length) list.append(el("div", { class: "inside" }, el("h3", {}, "Controls that answer no recommendation"), other.map(([id, f]) => controlNode(id, f))));
    const place = filter.only ? ` in ${filter.only.label}` : "";
    found.textContent = `${plural(entries.length, "recommendation")}, ${plural(filter.only ? entries.reduce((s, e) => s + e.controls.reduce((t, c) => t + c[1].length, 0), 0) : total, "finding")}${place}`;
    clear.hidden = !isNarrowed() && !filter.only;
  }

  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { filter.text = search.value.trim().toLowerCase(); draw(); }, 120);
  });
  clear.addEventListener("click", () => {
    Object.assign(filter, { text: "", verdict: "", severity: "", account: "", region: "", only: null });
    search.value = "";
    for (const node of selects) node.value = "";
    for (const cell of document.querySelectorAll(".cell[aria-pressed=true]")) cell.setAttribute("aria-pressed", "false");
    draw();
    search.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      search.focus();
    }
  });

  /** Narrows to the recommendations of a cell, or widens again when it was pressed before. */
  function pick(label, ids, button) {
    const pressed = button.getAttribute("aria-pressed") === "true";
    for (const cell of document.querySelectorAll(".cell[aria-pressed=true]")) cell.setAttribute("aria-pressed", "false");
    filter.only = pressed ? null : { label, ids: new Set(ids) };
    button.setAttribute("aria-pressed", String(!pressed));
    draw();
    if (!pressed) document.getElementById("all").scrollIntoView();
  }

  draw();
  return { nodes: [el("div", { class: "filters", role: "search" }, search, selects, clear), found, list], pick };
}
