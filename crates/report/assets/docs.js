"use strict";
// The list is in the page; a search only hides what does not have all words of it.
const field = document.getElementById("find");
const told = document.getElementById("told");
const parts = [...document.querySelectorAll("details")].map((part) => ({
  part,
  open: part.open,
  rows: [...part.querySelectorAll("li")].map((row) => ({
    row,
    text: (row.textContent + " " + (row.dataset.also || "")).toLowerCase(),
  })),
}));
function find() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { part, open, rows } of parts) {
    let here = 0;
    for (const { row, text } of rows) {
      const fits = words.every((word) => text.includes(word));
      row.hidden = !fits;
      here += fits ? 1 : 0;
    }
    part.hidden = words.length > 0 && here === 0;
    part.open = words.length > 0 ? here > 0 : open;
    found += here;
  }
  told.textContent = words.length > 0 ? found + " found" : "";
}
document.getElementById("search").hidden = false;
field.addEventListener("input", find);
find();
