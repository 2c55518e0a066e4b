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
      if (now !== turn) return; // a later search has replaced this one
      table.tBodies[0].replaceChildren(...found.slice(0, SHOWN).map((row) => line(row, pages)));
      for (const header of table.tHead.rows[0].cells) header.removeAttribute("aria-sort");
      const { since, until } = form.elements;
      const odd = until.value && since.value > until.value ? ": the first day is after the last" : "";
      const more = found.length > SHOWN ? `; the latest ${SHOWN} are shown` : "";
      status.textContent = `${found.length.toLocaleString("en-GB")} of ${Number(status.dataset.all).toLocaleString("en-GB")}${odd}${more}.`;
    } catch (reason) {
      console.error(reason);
      rows = undefined;
      status.textContent = "The search could not load its data. The CSV above has everything.";
    }
  }

  form.addEventListener("input", ({ target }) => {
    agree(form.elements, target);
    answer();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer();
  });
  const asked = new URLSearchParams(location.search);
  for (const [name, value] of asked) if (form.elements[name] && value) form.elements[name].value = value;
  if (!asked.size) return;
  agree(form.elements, asked.has("missed") ? form.elements.missed : form.elements.since);
  answer();
}

/* The list of months and the two days say the same: whichever was changed last counts. */
function agree({ missed, since, until }, changed) {
  if (![missed, since, until].includes(changed)) return;
  if (changed === missed && missed.value !== "other") [since.value, until.value] = days(missed.value);
  const given = [since.value, until.value].join();
  const same = [...missed.options].find(({ value }) => value !== "other" && days(value).join() === given);
  missed.value = same?.value ?? "other";
}

/* The first and the last day of a year, or of a month of one. */
function days(period) {
  const [year, month] = period.split("-").map(Number);
  if (!year) return ["", ""];
  const last = new Date(Date.UTC(year, month || 12, 0)).toISOString().slice(0, 10);
  return [`${year}-${String(month || 1).padStart(2, "0")}-01`, last];
}

function read(response) {
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  return response.json();
}

function select(rows, { words, organisation, since, until, whereabouts }) {
  const wanted = words.value.toLocaleLowerCase("en-GB").split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if (organisation.value && row.organisation !== organisation.value) return false;
    const missed = row.missing_at.slice(0, 10);
    if (missed < since.value || (until.value && missed > until.value)) return false;
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
    missing_at: row.missing_at.slice(0, 10),
    believed:
      row.vanished_at.slice(0, 10) === row.missing_at.slice(0, 10) ? "" : ` confirmed ${row.vanished_at.slice(0, 10)}`,
    last_observed_at: row.last_observed_at?.slice(0, 10),
    first_observed_at: row.first_observed_at?.slice(0, 10),
    license: row.license ?? "–",
    language: row.language ?? "–",
    stargazers_count: row.stargazers_count?.toLocaleString("en-GB") ?? "unknown",
    whereabouts: row.became,
    looked_up: row.whereabouts_at ? ` looked up ${row.whereabouts_at.slice(0, 10)}` : "",
    archive_label: ` of ${row.full_name} at Software Heritage`,
  };
  for (const part of made.querySelectorAll("[data-if]")) if (!shown[part.dataset.if]) part.remove();
  for (const part of made.querySelectorAll("[data-field]")) part.textContent = shown[part.dataset.field] ?? "";
  for (const part of made.querySelectorAll("[data-link]"))
    if (shown[part.dataset.link]) part.href = shown[part.dataset.link];
  for (const part of made.querySelectorAll("small:empty")) part.remove();
  return made;
}
