/** An element. Text goes in as text: there is no innerHTML in this page. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) node.style.setProperty(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

const chip = (word, label = words(word)) => el("span", { class: `chip ${word}` }, label);

/** A `details` whose inside is made when it is first opened. */
function lazy(summary, inside, attributes = {}) {
  const node = el("details", attributes, summary);
  let made = false;
  const make = () => {
    if (node.open && !made) {
      made = true;
      node.append(inside());
    }
  };
  node.addEventListener("toggle", make);
  make();
  return node;
}

/** Choices of a select: where they are many, they are made when somebody turns to it. */
function choices(select, options) {
  let made = false;
  const make = () => {
    if (!made) select.append(...options.map(([value, label]) => el("option", { value }, label)));
    made = true;
  };
  if (options.length <= 500) make();
  for (const event of ["pointerdown", "focus"]) select.addEventListener(event, make);
  return select;
}

/** Puts the first items into the box; the button that is given back puts in more. */
function pager(box, items, render, size) {
  const button = el("button", { class: "quiet-button more-button", type: "button" });
  let shown = 0;
  const more = () => {
    box.append(...items.slice(shown, shown + size).map(render));
    shown = Math.min(shown + size, items.length);
    button.hidden = shown >= items.length;
    button.textContent = `Show ${number(Math.min(size, items.length - shown))} more of ${number(items.length - shown)}`;
  };
  button.addEventListener("click", more);
  more();
  return button;
}

/** A table, 50 rows at a time; on a phone each cell stands below the name of its column. A row may be a function that
 * makes its cells when it is shown. */
function table(heads, rows) {
  const body = el("tbody");
  const row = (cells) => el("tr", {}, (typeof cells === "function" ? cells() : cells).map((cell, at) => el("td", { class: heads[at][1], "data-label": heads[at][0] }, cell)));
  const node = el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, heads.map(([head, cls]) => el("th", { class: cls, scope: "col" }, head)))), body);
  return [node, pager(body, rows, row, 50)];
}
