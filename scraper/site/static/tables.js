/* Tables that sort by any column: a button in each header, and the rows in another order. */
"use strict";

for (const table of document.querySelectorAll("table.sortable")) {
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sort(table, headers, column));
    header.append(button);
  });
}

for (const text of document.querySelectorAll("[data-needs-script]")) text.hidden = false;
for (const text of document.querySelectorAll("[data-without-script]")) text.hidden = true;

function sort(table, headers, column) {
  const header = headers[column];
  const numeric = header.classList.contains("number");
  const before = header.getAttribute("aria-sort");
  // People want the largest number first, but names from A to Z.
  const descending = before ? before === "ascending" : numeric;
  const body = table.tBodies[0];
  const known = [];
  const unknown = [];
  for (const row of body.rows) {
    const text = row.cells[column].textContent.trim();
    const value = numeric ? Number.parseFloat(text.replaceAll(",", "")) : text;
    (value === "–" || Number.isNaN(value) ? unknown : known).push({ row, value });
  }
  const collator = new Intl.Collator("en-GB", { sensitivity: "base" });
  known.sort((one, other) => {
    const order = numeric ? one.value - other.value : collator.compare(one.value, other.value);
    return descending ? -order : order;
  });
  body.append(...[...known, ...unknown].map(({ row }) => row));
  for (const each of headers) each.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", descending ? "descending" : "ascending");
}
