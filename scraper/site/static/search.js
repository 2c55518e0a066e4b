/* Search in rows that are fetched at the first question; without a script the page has the newest of them. */
"use strict";

const SHOWN = 200;

for (const form of document.querySelectorAll("form.search")) prepare(form);

function prepare(form) {
  const table = document.getElementById(form.dataset.table);
  const status = document.getElementById("found");
  const pages = new Map([...form.elements.organisation.options].map(({ value, dataset }) => [value, dataset.page]));
  let rows;
  let turn = 0;

  async function answer() {
    const now = ++turn;
    try {
      rows ??= fetch(form.dataset.rows).then(read);
      const found = select(await rows, form.elements);
      if (now !== turn) return; // a later question has been asked meanwhile
      table.tBodies[0].replaceChildren(...found.slice(0, SHOWN).map((row) => line(row, pages)));
      for (const header of table.tHead.rows[0].cells) header.removeAttribute("aria-sort");
      const first = found.length > SHOWN ? `; the ${SHOWN} that went last are shown` : "";
      status.textContent = `${found.length.toLocaleString("en-GB")} of ${Number(status.dataset.all).toLocaleString("en-GB")}${first}.`;
    } catch (reason) {
      console.error(reason);
      rows = undefined;
      status.textContent = "The search could not load its data. The CSV above has everything.";
    }
  }

  form.addEventListener("input", answer);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer();
  });
  const asked = new URLSearchParams(location.search);
  for (const [name, value] of asked) if (form.elements[name] && value) form.elements[name].value = value;
  if (asked.size) answer();
}

function read(response) {
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  return response.json();
}

function select(rows, { words, organisation, year, whereabouts }) {
  const wanted = words.value.toLocaleLowerCase("en-GB").split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if (organisation.value && row.organisation !== organisation.value) return false;
    if (year.value && !row.missing_at.startsWith(year.value)) return false;
    if (whereabouts.value && row.whereabouts !== whereabouts.value) return false;
    const text = `${row.full_name} ${row.organisation} ${row.description ?? ""}`.toLocaleLowerCase("en-GB");
    return wanted.every((word) => text.includes(word));
  });
}

function line(row, pages) {
  const made = document.getElementById("gone-row").content.cloneNode(true);
  const shown = {
    ...row,
    name: row.full_name.split("/").at(-1),
    page: pages.get(row.organisation),
    last_observed_at: row.last_observed_at?.slice(0, 10),
    first_observed_at: row.first_observed_at?.slice(0, 10),
    license: row.license ?? "–",
    language: row.language ?? "–",
    stargazers_count: row.stargazers_count?.toLocaleString("en-GB") ?? "unknown",
    whereabouts: row.became,
    looked_up: row.whereabouts_at ? ` looked up ${row.whereabouts_at.slice(0, 10)}` : "",
    archive_label: ` for ${row.full_name} in the Software Heritage archive`,
  };
  for (const part of made.querySelectorAll("[data-if]")) if (!shown[part.dataset.if]) part.remove();
  for (const part of made.querySelectorAll("[data-field]")) part.textContent = shown[part.dataset.field] ?? "";
  for (const part of made.querySelectorAll("[data-link]"))
    if (shown[part.dataset.link]) part.href = shown[part.dataset.link];
  for (const part of made.querySelectorAll("small:empty")) part.remove();
  return made;
}
