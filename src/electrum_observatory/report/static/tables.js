// Sorting and filtering of tables. Everything can be read without it.
"use strict";

const COLLATOR = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function cellValue(row, column) {
  const cell = row.cells[column];
  const value = cell.dataset.sort ?? cell.textContent.trim();
  return value === "—" ? "" : value;
}

function sortBy(table, column, header) {
  const descending = header.getAttribute("aria-sort") === "ascending";
  const sign = descending ? -1 : 1;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [cellValue(row, column), row]);
  rows.sort(([a], [b]) => (a === "") - (b === "") || sign * COLLATOR.compare(a, b));
  body.append(...rows.map(([, row]) => row));
}

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sortBy(table, column, header));
    header.append(button);
  });
}

function makeFilterable(table) {
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = table.dataset.filter;
  input.setAttribute("aria-label", table.dataset.filter);
  const count = document.createElement("output");
  const bar = document.createElement("div");
  bar.className = "filter";
  bar.append(input, count);
  table.before(bar);
  const rows = [...table.tBodies[0].rows].map((row) => [row.textContent.toLowerCase(), row]);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const [text, row] of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      shown += !row.hidden;
    }
    count.textContent = input.value ? `${shown} of ${rows.length}` : "";
  });
}

for (const table of document.querySelectorAll("table[data-sortable]")) makeSortable(table);
for (const table of document.querySelectorAll("table[data-filter]")) makeFilterable(table);
