// Puts the page together.

function section(id, title, note, ...children) {
  return el("section", { id, "aria-labelledby": `${id}-title` }, el("header", {}, el("h2", { id: `${id}-title` }, title), note), children);
}

function theme() {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const button = el("button", { type: "button", class: "quiet-button", id: "theme" });
  const label = () => { button.textContent = dark() ? "Light" : "Dark"; };
  // A page opened from a file may have no storage.
  try { root.dataset.theme = localStorage.getItem("palisade-theme") ?? ""; } catch { /* nothing kept */ }
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("palisade-theme", root.dataset.theme); } catch { /* nothing kept */ }
    label();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  label();
  return button;
}

document.getElementById("tools").append(...(HEAD.overview ? [el("a", { class: "quiet-button", href: HEAD.overview }, "All accounts")] : []), theme(), el("button", { type: "button", class: "quiet-button", onclick: () => window.print() }, "Print"));

const { nodes, pick } = explorer();
const phased = TAIL.scores.find((s) => phasesOf(s).length > 0);
const heat = phased && heatMap(phased, pick);
const scores = TAIL.scores.length > 0 && scoreTable();

document.getElementById("main").append(...[
  section("figures", "Where it stands", null, figures()),
  section("first", "Do first", el("p", {}, "In the order of maturity phase, then of gain (severity, resources, exposure) against effort"), doFirst()),
  heat && section("maturity", "Maturity", many && !isOverview ? accountSelect("Account of the heat map", heat.draw) : null, heat.node),
  many && phased && section("phases", phaseWords(TAIL.phases[phased.framework]),
    el("p", {}, "Share of recommendations met. A phase is reached when 90 % of its recommendations, and of every lower phase's, are met in every account"), phaseTable(TAIL.phases[phased.framework])),
  isOverview && !phased && section("accounts", "Accounts", null, accountList()),
  many && scores && section("scores", "Frameworks", isOverview ? null : accountSelect("Account of the scores", scores.draw),
    el("div", {}, el("p", { class: "small" }, "Share of recommendations met; unknown counts as not met"), scores.node)),
  section("blind", "What could not be seen", null, notSeen()),
  TAIL.waivers.length > 0 && section("exceptions", "Exceptions to look at", null, exceptions()),
  section("all", "All recommendations", null, nodes),
].filter(Boolean));
document.documentElement.dataset.ready = "yes";
