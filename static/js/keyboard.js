// Shortcuts: / j k x Enter Esc g… ?  Silent inside fields and when the user has switched them off.
import { closeDrawer } from "./drawer.js";
import { closeMenus } from "./forms.js";

let going = false;
let current = -1;

const typing = (element) => element.closest?.("input, textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-row]")];

function move(by) {
  const all = rows();
  if (!all.length) return;
  const marked = all.findIndex((row) => row.contains(document.activeElement));
  current = Math.max(0, Math.min(all.length - 1, (marked >= 0 ? marked : current) + by));
  const link = all[current].querySelector("a");
  link.focus({ preventScroll: true });
  all[current].scrollIntoView({ block: "nearest" });
}

function focused() {
  const all = rows();
  return all.find((row) => row.contains(document.activeElement)) ?? all[current];
}

const keys = {
  "/": () => document.getElementById("search").focus(),
  j: () => move(1),
  k: () => move(-1),
  x: () => focused()?.querySelector("[data-open]")?.click(),
  g: () => { going = true; setTimeout(() => { going = false; }, 1200); },
  "?": () => document.getElementById("keys").showModal(),
};

function go(key) {
  going = false;
  document.querySelector(`.nav-list a[data-key="${CSS.escape(key)}"]`)?.click();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    if (typing(event.target)) event.target.blur();
    else if (!closeMenus()) closeDrawer();
    return;
  }
  if (typing(event.target) || document.body.dataset.shortcuts !== "on" || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter") {
    const page = event.target.closest?.("[data-row]") && event.target.matches("[data-open]") && event.target.href;
    if (page) {
      event.preventDefault();
      event.stopPropagation();
      location.assign(page);
    }
    return;
  }
  const act = going ? () => go(event.key) : keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

export function startKeyboard() {
  document.addEventListener("keydown", onKey, { capture: true });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) document.getElementById("keys").showModal();
  });
}
