"use strict";
// What the page shows. Findings lie in inert JSON blocks, one or more per control; nothing in them is ever markup.

const HEAD = JSON.parse(document.getElementById("head").textContent);
const TAIL = JSON.parse(document.getElementById("tail").textContent);

const SEVERITIES = ["critical", "high", "medium", "low"];
const VERDICTS = ["fail", "unknown", "excepted", "pass", "not_applicable"];
const STATES = ["not_met", "expired", "unknown", "excepted", "attested", "met", "not_applicable"];

/** All findings, by control: a finding is an object, made once. */
const BY_CONTROL = new Map();
const REGIONS = new Set();

for (const block of document.querySelectorAll("script.findings")) {
  const { control, severity, kind, rows } = JSON.parse(block.textContent);
  block.remove();
  if (!BY_CONTROL.has(control)) BY_CONTROL.set(control, []);
  const list = BY_CONTROL.get(control);
  for (const [id, verdict, arn, name, account, region, reason, values, calls, owner] of rows) {
    REGIONS.add(region);
    list.push({ id, control, severity, kind, verdict: VERDICTS[verdict], arn, name, account, region, reason, values, calls, owner, text: null });
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
const many = HEAD.accounts.length > 1;

/** The states of recommendations: the worst over accounts, or that of one account. */
function stateOf(recommendation, account) {
  const rows = TAIL.standings[recommendation] ?? [];
  const mine = account ? rows.filter((r) => r[0] === account) : rows;
  return mine.reduce((worst, r) => Math.min(worst, r[1]), STATES.length - 1);
}

const number = (n) => n.toLocaleString("en");
const plural = (n, noun) => `${number(n)} ${noun}${n === 1 ? "" : "s"}`;
const percent = (share) => Math.floor(share * 100 + 1e-9);
const words = (id) => id.replaceAll("_", " ");
