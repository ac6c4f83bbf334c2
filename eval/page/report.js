// Filters of the case list; a cell of the matrix sets them and opens the list.
"use strict";
const form = document.querySelector(".filters");
const cases = [...document.querySelectorAll("details.case")];

function fits(item, wanted) {
  const words = wanted.get("words").trim().toLowerCase();
  return ["slice", "expected", "shown", "result"].every(
    (name) => !wanted.get(name) || item.dataset[name] === wanted.get(name))
    && (!wanted.get("scorer") || item.dataset.scorers.split(" ").includes(wanted.get("scorer")))
    && (!words || item.textContent.toLowerCase().includes(words));
}

function apply() {
  const wanted = new FormData(form);
  let shown = 0;
  for (const item of cases) {
    item.hidden = !fits(item, wanted);
    shown += !item.hidden;
  }
  form.querySelector("output").textContent = `${shown} of ${cases.length} cases`;
}

function open() {
  const item = location.hash && document.getElementById(location.hash.slice(1));
  if (item && item.matches("details.case")) {
    item.hidden = false;
    item.open = true;
    item.scrollIntoView();
  }
}

form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
for (const cell of document.querySelectorAll(".matrix a")) {
  cell.addEventListener("click", () => {
    form.reset();
    form.elements.expected.value = cell.dataset.expected;
    form.elements.shown.value = cell.dataset.shown;
    apply();
  });
}
addEventListener("hashchange", open);
apply();
open();
