// The upper half: figures, heat map, scores, what to do first, what was not seen.

const scored = (cells) => cells.reduce((sum, c) => ({
  met: sum.met + c.met, scored: sum.scored + c.scored, unknown: sum.unknown + c.unknown, not_met: sum.not_met + c.not_met,
}), { met: 0, scored: 0, unknown: 0, not_met: 0 });

/** Mean and worst account of a framework, all of it or one phase. */
function shares(score, phase) {
  const [, mean, worst] = score.shares.find((s) => s[0] === phase) ?? [phase, 0, null];
  return { mean, worst: worst && { id: worst[0], share: worst[1] } };
}

const phasesOf = (score) => [...new Set(score.cells.map((c) => c.phase))].filter((p) => p !== null).sort();

function figure(label, share, unit, more) {
  return el("div", { class: "card figure" },
    el("div", { class: "label" }, label),
    el("div", { class: "value" }, String(percent(share)), el("small", {}, unit)),
    el("div", { class: "meter", "--share": String(share) }, el("i")),
    el("div", { class: "more" }, more));
}

function figures() {
  const box = el("div", { class: "figures" });
  const scores = [...TAIL.scores].sort((a, b) => phasesOf(b).length - phasesOf(a).length).slice(0, 2);
  for (const score of scores) {
    const phase = phasesOf(score)[0] ?? null;
    const { mean, worst } = shares(score, phase);
    const title = TAIL.frameworks[score.framework]?.title ?? score.framework;
    const more = worst === null ? "nothing to score" : many ? `worst ${percent(worst.share)} %: ${accountLabel(worst.id)}` : accountLabel(worst.id);
    box.append(figure(title, mean, phase === null ? "% met" : `% of phase ${phase} met`, more));
  }
  const missed = Object.entries(TAIL.collection.outcomes).filter(([o]) => o !== "ok" && o !== "absent").reduce((s, [, n]) => s + n, 0);
  const [unsent] = TAIL.collection.not_sent ?? [0];
  const calls = `${plural(TAIL.collection.calls, "call")}, ${number(missed)} without an answer${unsent ? `; ${number(unsent)} not sent` : ""}`;
  box.append(figure("Coverage", TAIL.coverage, "% decided", TAIL.collection.calls || unsent ? calls : ""));
  box.append(el("div", { class: "card figure" },
    el("div", { class: "label" }, "Failing"),
    el("div", { class: "tally" },
      SEVERITIES.flatMap((s) => {
        const n = TAIL.by_severity[s].fail;
        return [el("b", { class: n ? "" : "none" }, number(n)), el("span", {}, chip(s))];
      }),
      el("b", { class: TAIL.counts.unknown ? "" : "none" }, number(TAIL.counts.unknown)), el("span", {}, chip("unknown")))));
  return box;
}

function heatClass(sum) {
  if (sum.met === 0 && sum.not_met === 0) return "blind";
  const share = sum.met / sum.scored;
  return share === 1 ? "full" : share >= 0.75 ? "h3" : share >= 0.5 ? "h2" : share > 0 ? "h1" : "h0";
}

/** Recommendations met, by phases and categories; a press on a cell narrows the list below to the recommendations behind it. */
function heatMap(score, pick) {
  const box = el("div");
  const phases = phasesOf(score);
  const groups = [...new Set(score.cells.map((c) => c.group))];
  const draw = (account) => {
    const cells = account ? score.accounts.find((a) => a.account_id === account)?.cells ?? [] : score.cells;
    const rows = groups.map((group) => el("tr", {},
      el("th", { scope: "row" }, group ?? "Other"),
      phases.map((phase) => {
        const mine = cells.filter((c) => c.group === group && c.phase === phase);
        const sum = scored(mine);
        if (sum.scored === 0) return el("td", { class: "none" }, "·");
        const ids = [...new Set(mine.flatMap((c) => c.recommendations))];
        const label = `${group ?? "Other"}, phase ${phase}`;
        const button = el("button", { type: "button", class: `cell ${heatClass(sum)}`, "aria-pressed": "false",
          "aria-label": `${label}: ${sum.met} of ${plural(sum.scored, "recommendation")} met, ${sum.unknown} unknown`, title: `${plural(sum.scored, "recommendation")}: ${sum.met} met, ${sum.not_met} not met, ${sum.unknown} unknown` },
          el("b", {}, `${sum.met}/${sum.scored}`), el("span", {}, sum.unknown ? `${sum.unknown} unknown` : ""));
        button.addEventListener("click", () => pick(label, ids, button));
        return el("td", {}, button);
      })));
    box.replaceChildren(el("table", { class: "heat" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, el("span", { class: "soft" }, "Category")), phases.map((p) => el("th", { scope: "col" }, `Phase ${p}`)))),
      el("tbody", {}, rows)));
  };
  draw("");
  const legend = el("div", { class: "legend" },
    [["h0", "none met"], ["h1", "below half"], ["h2", "half or more"], ["h3", "three quarters"], ["full", "all met"], ["blind", "nothing known"]]
      .map(([cls, label]) => el("span", {}, el("i", { class: `cell ${cls}` }), label)));
  return { node: el("div", { class: "card" }, box, legend), draw };
}

/** Where the phases stand: one is reached when it and every lower one hold in every account. */
function phaseWords({ phases }) {
  const enough = 0.9;
  const at = phases.findIndex((p) => p.all.minimum < enough);
  const reached = phases[(at < 0 ? phases.length : at) - 1];
  const working = phases[at];
  return [
    reached && `Phase ${reached.phase} reached`,
    working && `${reached ? "w" : "W"}orking on phase ${working.phase}: ${percent(working.all.minimum)} % of its recommendations met in the worst account, ${percent(enough)} % needed`,
  ].filter(Boolean).join("; ");
}

/** Phases by organizational units and accounts: the minimum and its account beside the mean. */
function phaseTable(matrix) {
  const { phases } = matrix;
  const units = [...new Set(phases.flatMap((p) => Object.keys(p.units)))].sort();
  const spread = (s) => (!s ? "-" : s.accounts > 1 ? `${percent(s.mean)} %, least ${percent(s.minimum)} %: ${accountLabel(s.worst)}` : `${percent(s.mean)} %`);
  const least = (id) => Math.min(...phases.map((p) => p.accounts[id] ?? 2));
  const worstFirst = [...HEAD.accounts].sort((a, b) => least(a.id) - least(b.id));
  const row = (a) => [accountNode(a.id), ...phases.map((p) => (a.id in p.accounts ? `${percent(p.accounts[a.id])} %` : "-"))];
  return accountTable([["", ""], ...phases.map((p) => [`Phase ${p.phase}`, ""])], [
    ["All accounts", ...phases.map((p) => spread(p.all))],
    ...units.map((unit) => [`Unit ${unit}`, ...phases.map((p) => spread(p.units[unit]))]),
  ], worstFirst, row);
}

/** A row for each account below those of all of them; an overview has a search, by name, id and unit. */
function accountTable(heads, above, accounts, row) {
  const box = el("div");
  const draw = (text) => {
    const parts = text.trim().toLowerCase().split(/\s+/);
    const found = accounts.filter((a) => parts.every((part) => `${a.name}\n${a.id}\n${a.unit ?? ""}`.toLowerCase().includes(part)));
    box.replaceChildren(...table(heads, [...(text.trim() ? [] : above), ...found.map((a) => () => row(a))]));
    if (!found.length) box.append(el("p", { class: "empty" }, "No account matches."));
  };
  draw("");
  const search = isOverview && el("input", { type: "search", id: "find-account", placeholder: "Find an account by name, id or unit", "aria-label": "Find an account",
    autocomplete: "off", spellcheck: "false", oninput: (event) => draw(event.target.value) });
  return el("div", { class: "card" }, search && el("div", { class: "find", role: "search" }, search), box);
}

/** The accounts with the ways to their pages, where no phases tell of them. */
function accountList() {
  return accountTable([["Account", ""], ["Unit", ""]], [], HEAD.accounts, (a) => [accountNode(a.id), a.unit || "-"]);
}

function accountSelect(label, onchange) {
  const select = el("select", { "aria-label": label, class: "quiet-button" },
    el("option", { value: "" }, "All accounts"), HEAD.accounts.map((a) => el("option", { value: a.id }, accountLabel(a.id))));
  select.addEventListener("change", () => onchange(select.value));
  return select;
}

/** The share of each framework: the mean, the worst account, and the account that is chosen. */
function scoreTable() {
  const box = el("div", { class: "card" });
  const part = (framework) => {
    const known = TAIL.frameworks[framework];
    return known?.open ? `${number(known.requirements - known.open)} of ${number(known.requirements)}` : "all";
  };
  const draw = (id) => {
    const rows = TAIL.scores.map((score) => {
      const { mean, worst } = shares(score, null);
      const chosen = id && score.accounts.find((a) => a.account_id === id);
      return [
        TAIL.frameworks[score.framework]?.title ?? score.framework, part(score.framework), `${percent(mean)} %`,
        worst ? `${percent(worst.share)} %: ${accountLabel(worst.id)}` : "-",
        ...(id ? [chosen?.scored ? `${percent(chosen.share)} %: ${number(chosen.met)} of ${plural(chosen.scored, "recommendation")}` : "-"] : []),
      ];
    });
    const heads = [["Framework", ""], ["Requirements answered", ""], ["Met, mean", ""], ["Worst account", ""], ...(id ? [[accountLabel(id), ""]] : [])];
    box.replaceChildren(el("div", {}, table(heads, rows)));
  };
  draw("");
  return { node: box, draw };
}

function step(one) {
  const more = one.failing - 1;
  return el("li", {},
    el("div", { class: "body" },
      el("div", { class: "title wrap" }, one.title),
      el("div", { class: "small wrap" }, one.why),
      one.example && el("div", { class: "example" }, one.example, more > 0 ? ` and ${number(more)} more` : "")),
    el("div", { class: "facts" },
      chip(one.severity ?? "expired"), el("br"),
      [one.severity && one.effort, many && plural(one.accounts, "account")].filter(Boolean).join(" · ")));
}

function doFirst() {
  const [first, rest] = [TAIL.roadmap.slice(0, 5), TAIL.roadmap.slice(5)];
  if (!first.length) return el("div", { class: "card empty" }, "Nothing is open.");
  const list = el("ol", { class: "steps" }, first.map(step));
  const button = rest.length > 0 && el("button", { type: "button", class: "quiet-button more-button", onclick: () => {
    list.append(...rest.map(step));
    button.remove();
  } }, `Show all ${number(TAIL.roadmap.length)} steps`);
  return el("div", { class: "card" }, list, button);
}

function notSeen() {
  const lost = HEAD.accounts.filter((a) => a.not_reached);
  const { not_seen, unanswered, missing_actions, not_sent } = TAIL.collection;
  if (!lost.length && !not_seen.length && !unanswered.length && !not_sent) return el("div", { class: "card" }, "Everything that was asked for was seen.");
  const rows = [
    ...lost.map((a) => [accountLabel(a.id), a.not_reached, "everything"]),
    ...not_seen.map((b) => [b.operation, chip(b.outcome.replaceAll(" ", "_")), number(b.findings)]),
    ...unanswered.map(([why, findings]) => [why, chip("unknown"), number(findings)]),
  ];
  const actions = missing_actions.length > 0 && [
    el("p", { class: "small gap" }, "These IAM actions would make it seen:"),
    el("pre", { tabindex: "0" }, missing_actions.join("\n"))];
  return el("div", { class: "card" }, not_sent && el("p", { class: "small" }, `${not_sent[1]}.`), table([["Operation, account or reason", ""], ["Outcome", ""], ["Findings hidden", "number"]], rows), actions);
}

function exceptions() {
  const rows = TAIL.waivers.map((w) => [w.control, w.resource, w.owner, w.problem]);
  return el("div", { class: "card" }, table([["Control", ""], ["Resource", ""], ["Owner", ""], ["Problem", ""]], rows));
}
