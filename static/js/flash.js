// Remarks in the corner: each can be closed; all but errors leave by themselves, unless somebody is just reading them.
const STAY_MS = 7000;

const held = (line) => line.matches(":hover") || line.contains(document.activeElement);

function leave(line) {
  if (held(line)) setTimeout(leave, 1500, line);
  else line.remove();
}

function attend() {
  for (const line of document.querySelectorAll("#flash > .flash:not([data-seen])")) {
    line.dataset.seen = "yes";
    if (!line.matches(".error")) setTimeout(leave, STAY_MS, line);
  }
}

export function say(text) {
  const line = document.createElement("div");
  line.className = "flash";
  line.textContent = text;
  document.getElementById("flash").replaceChildren(line);
}

export function startFlash() {
  document.addEventListener("click", (event) => event.target.closest("[data-close-flash]")?.closest(".flash").remove());
  new MutationObserver(attend).observe(document.getElementById("flash"), { childList: true });
  attend();
}
