// What makes the pages handier. Every page works without it.
"use strict";

const live = document.createElement("p");
live.className = "toast";
live.setAttribute("role", "status");
document.body.append(live);

/** Says something to eyes and to screen readers. */
function say(text) {
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text; live.classList.add("shown"); });
  clearTimeout(say.timer);
  say.timer = setTimeout(() => live.classList.remove("shown"), 2500);
}

/** Copy buttons: `<button data-copy="id of the field">`, hidden until there is a script. */
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  if (!field) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy");
    }
    button.focus();
    say("Copied");
  });
}

/** Select the whole of a value to copy when it gets the focus. */
for (const field of document.querySelectorAll(".copy input[readonly]")) {
  field.addEventListener("focus", () => field.select());
}

/** Lists to tick: search and select all, each for what is shown. */
for (const list of document.querySelectorAll("[data-ticks]")) {
  const rows = [...list.querySelectorAll(".ticks li")];
  const boxes = rows.map((row) => row.querySelector("input"));
  const search = list.querySelector("[data-search]");
  const all = list.querySelector("[data-all]");
  const count = list.querySelector("[data-count]");
  const shown = () => boxes.filter((box, i) => !rows[i].hidden && !box.disabled);
  const update = () => {
    const visible = shown();
    const ticked = visible.filter((box) => box.checked).length;
    if (all) {
      all.checked = visible.length > 0 && ticked === visible.length;
      all.indeterminate = ticked > 0 && ticked < visible.length;
    }
    if (count) count.textContent = `${boxes.filter((box) => box.checked).length} of ${boxes.length} selected`;
  };
  for (const part of list.querySelectorAll("[data-scripted]")) part.hidden = false;
  search?.addEventListener("input", () => {
    const wanted = search.value.trim().toLocaleLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
    update();
  });
  search?.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  all?.addEventListener("change", () => { for (const box of shown()) box.checked = all.checked; update(); });
  list.addEventListener("change", update);
  update();
}

/** A file that is chosen goes into the field beside it, so that one can see it. */
for (const file of document.querySelectorAll("input[type=file][data-into]")) {
  const field = document.getElementById(file.dataset.into);
  file.addEventListener("change", async () => {
    if (field && file.files[0] && file.files[0].size < 4 << 20) field.value = await file.files[0].text();
  });
}

/** Forms that go on by themselves: messages to an identity provider. */
document.querySelector("form[data-auto]")?.submit();

/** A page about work that goes on replaces its middle, where without a script it would load anew. */
const progress = document.querySelector("[data-poll]");
if (progress) {
  const poll = async () => {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.querySelector("[data-poll], [data-polled]");
      const here = document.querySelector("[data-poll]");
      if (!now || !here) return;
      here.replaceWith(now);
      if (now.matches("[data-polled]")) return;
    } catch { /* The next try may succeed */ }
    setTimeout(poll, 1000);
  };
  setTimeout(poll, 700);
}
