"use strict";
const field = (id) => document.getElementById(id);
const rows = [...document.querySelectorAll("tbody tr")];
const words = new Map(rows.map((row) => [row, row.firstElementChild.textContent.toLowerCase()]));
const roles = new Map(rows.map((row) => [row, JSON.parse(row.dataset.roles)]));
const apply = () => {
  const wanted = field("search").value.toLowerCase().split(" ");
  const role = field("role").value;
  const kind = field("kind").value;
  let shown = 0;
  for (const row of rows) {
    const fits = wanted.every((word) => words.get(row).includes(word))
      && (kind === "" || row.dataset.kind === kind)
      && (role === "" || row.dataset.kind === "public" || roles.get(row).includes(role));
    row.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  field("count").textContent = `${shown} of ${rows.length}`;
  field("none").hidden = shown > 0;
};
for (const event of ["input", "change"]) field("filter").addEventListener(event, apply);
field("filter").addEventListener("submit", (event) => event.preventDefault());
apply();
