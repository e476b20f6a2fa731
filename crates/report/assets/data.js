"use strict";
// What the page shows. Findings lie in inert JSON blocks, one or more per control; nothing in them is ever markup.

const HEAD = JSON.parse(document.getElementById("head").textContent);
const TAIL = JSON.parse(document.getElementById("tail").textContent);

const SEVERITIES = ["critical", "high", "medium", "low"];
const VERDICTS = ["fail", "unknown", "excepted", "pass", "not_applicable"];
const STATES = ["not_met", "expired", "unknown", "excepted", "attested", "met", "not_applicable"];

/** All findings, by control: a finding is an object, made once. An overview has none: its accounts' pages have them. */
const BY_CONTROL = new Map(Object.keys(TAIL.by_control ?? {}).map((control) => [control, []]));
const REGIONS = new Set();
const isOverview = Boolean(HEAD.pages);

const CALLS = [];

for (const block of document.querySelectorAll("script.findings")) {
  const rows = JSON.parse(block.textContent);
  block.remove();
  for (const [head, id, verdict, arn, name, account, region, reason, values, calls, accepted] of rows) {
    const { control, severity, kind } = TAIL.heads[head];
    if (!BY_CONTROL.has(control)) BY_CONTROL.set(control, []);
    REGIONS.add(region);
    for (const call of calls) if (Array.isArray(call)) CALLS.push(call);
    BY_CONTROL.get(control).push({ id, control, severity, kind, verdict: VERDICTS[verdict], arn, name, account, region, reason, values: values ?? {}, calls, accepted, text: null });
  }
}

/** What the search looks through, made when first asked. */
function haystack(finding) {
  if (finding.text === null) {
    finding.text = [finding.arn, finding.name, finding.kind, finding.control, controlOf(finding.control).title,
      controlOf(finding.control).also.join(" "), finding.account, accountName(finding.account), finding.region,
      finding.reason, finding.id].join("\n").toLowerCase();
  }
  return finding.text;
}

const controlOf = (id) => TAIL.controls[id] ?? { title: id, severity: "low", why: "", also: [], repair: {}, recommendations: [] };
const recommendationOf = (id) => TAIL.recommendations[id] ?? { title: id };
const NAMES = new Map(HEAD.accounts.map((a) => [a.id, a.name]));
const accountName = (id) => NAMES.get(id) ?? "";
const accountLabel = (id) => (accountName(id) ? `${accountName(id)} (${id})` : id);
const PLACES = new Map(HEAD.accounts.map((a, at) => [a.id, at]));
const many = HEAD.accounts.length > 1;

/** The states of a recommendation: account, state, why. An overview tells a digit for each account. */
function standingsOf(recommendation) {
  const rows = TAIL.standings[recommendation] ?? [];
  return typeof rows === "string" ? HEAD.accounts.map((a, at) => [a.id, Number(rows[at]), ""]) : rows;
}

/** The worst state over accounts, or that of one account. */
function stateOf(recommendation, account) {
  const rows = TAIL.standings[recommendation] ?? [];
  if (typeof rows === "string" && !account) {
    const worst = STATES.findIndex((_, state) => rows.includes(String(state)));
    return worst < 0 ? STATES.length - 1 : worst;
  }
  if (typeof rows === "string") return Number(rows[PLACES.get(account)] ?? STATES.length - 1);
  const mine = account ? standingsOf(recommendation).filter((r) => r[0] === account) : rows;
  return mine.reduce((worst, r) => Math.min(worst, r[1]), STATES.length - 1);
}

/** An account, with the way to its page where it has one. */
function accountNode(id) {
  return isOverview ? el("a", { href: `${encodeURIComponent(HEAD.pages)}/${encodeURIComponent(id)}.html` }, accountLabel(id)) : accountLabel(id);
}

const number = (n) => n.toLocaleString("en");
const plural = (n, noun) => `${number(n)} ${noun}${n === 1 ? "" : "s"}`;
const percent = (share) => Math.floor(share * 100 + 1e-9);
const words = (id) => id.replaceAll("_", " ");
