// The drawer beside a list: takes focus when it opens, gives it back when it closes, and keeps `open` in the address.
let opener = null;

const drawer = () => document.getElementById("drawer");

function remember(id) {
  const url = new URL(location.href);
  if (id) url.searchParams.set("open", id);
  else url.searchParams.delete("open");
  history.replaceState(history.state, "", url);
}

function mark(id) {
  for (const row of document.querySelectorAll("[data-row]")) row.classList.toggle("current", row.dataset.row === id);
}

export function closeDrawer() {
  if (!drawer() || drawer().hidden) return false;
  drawer().hidden = true;
  drawer().replaceChildren();
  remember(null);
  const back = opener?.isConnected ? opener : document.querySelector("[data-row].current [data-open]");
  back?.focus();
  return true;
}

export function startDrawer() {
  document.addEventListener("htmx:before:request", (event) => {
    const link = event.target.closest?.("[data-open]");
    if (link) opener = link;
  });
  document.addEventListener("htmx:after:swap", () => {
    const panel = drawer();
    const content = panel?.querySelector("[data-drawer-of]");
    if (!content || content.dataset.seen) return;
    content.dataset.seen = "yes";
    panel.hidden = false;
    panel.scrollTop = 0;
    panel.focus();
    remember(content.dataset.drawerOf);
    mark(content.dataset.drawerOf);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-drawer]")) closeDrawer();
  });
  const wanted = new URL(location.href).searchParams.get("open");
  if (wanted) {
    const link = document.querySelector(`[data-row="${CSS.escape(wanted)}"] [data-open]`);
    if (link) addEventListener("load", () => setTimeout(() => link.click(), 50));
  }
}
