"use strict";
(() => {
  const clauses = [...document.querySelectorAll("details.clause")];
  const chapters = [...document.querySelectorAll("section.chapter")];
  const words = clauses.map((one) => one.querySelector("summary").textContent.toLowerCase() + " " + one.dataset.words.toLowerCase());
  const homes = clauses.map((one) => chapters.indexOf(one.parentElement));
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const boxes = [...document.querySelectorAll(".filters input[type=checkbox]")];
  document.querySelectorAll(".filters, .keys").forEach((one) => { one.hidden = false; });

  function filter() {
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = new Set(boxes.filter((one) => one.checked).map((one) => one.value));
    const counts = chapters.map(() => 0);
    clauses.forEach((one, number) => {
      const fits = verdicts.has(one.dataset.verdict) && terms.every((term) => words[number].includes(term));
      if (one.hidden === fits) one.hidden = !fits;
      if (fits) counts[homes[number]] += 1;
    });
    chapters.forEach((one, number) => { one.hidden = !counts[number]; });
    shown.textContent = `${counts.reduce((sum, one) => sum + one, 0)} of ${clauses.length} shown`;
  }

  let waiting = 0;
  const soon = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(filter); };
  search.addEventListener("input", soon);
  boxes.forEach((one) => one.addEventListener("change", soon));
  document.getElementById("every").addEventListener("click", () => {
    boxes.forEach((one) => { one.checked = true; });
    search.value = "";
    filter();
  });

  function follow() {
    let name = "";
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const found = name && document.getElementById(name);
    if (!found) return;
    if (found.hidden) document.getElementById("every").click();
    for (let one = found; one; one = one.parentElement) {
      if (one.tagName === "DETAILS") one.open = true;
    }
    found.scrollIntoView();
    const summary = found.querySelector("summary");
    if (summary) summary.focus({ preventScroll: true });
  }
  addEventListener("hashchange", follow);

  function step(way) {
    const there = clauses.filter((one) => !one.hidden);
    const here = there.indexOf(document.activeElement && document.activeElement.closest("details.clause"));
    const next = there[Math.min(Math.max(here + way, 0), there.length - 1)];
    if (next) next.querySelector("summary").focus();
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && event.target === search) { search.value = ""; filter(); search.blur(); return; }
    if (event.target.matches("input[type=search]")) return;
    if (event.key === "/") { event.preventDefault(); search.focus(); }
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
  });

  async function copy(button) {
    const text = button.parentElement.querySelector("pre");
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      getSelection().selectAllChildren(text);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copies");
    if (button) copy(button);
  });
  document.querySelectorAll("button.copies").forEach((one) => { one.hidden = false; });

  addEventListener("beforeprint", () => {
    for (const one of clauses) {
      if (one.dataset.verdict === "violated" || one.dataset.verdict === "error") one.open = true;
    }
  });
  filter();
  follow();
})();
