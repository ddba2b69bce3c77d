// Small comforts of forms and menus: nothing here is needed to read or to send.
function closeOthers(kept) {
  for (const open of document.querySelectorAll("details[data-menu][open], details[data-facet][open]")) {
    if (open !== kept) open.open = false;
  }
}

export function closeMenus() {
  const open = document.querySelector("details[data-menu][open], details[data-facet][open]");
  closeOthers(null);
  open?.querySelector("summary").focus();
  return Boolean(open);
}

function clean(event) {
  // Empty fields stay out of the address.
  for (const [name, value] of [...event.formData.entries()]) if (value === "") event.formData.delete(name);
}

export function startForms() {
  document.addEventListener("click", (event) => closeOthers(event.target.closest("details[data-menu], details[data-facet]")));
  document.addEventListener("formdata", (event) => {
    if (event.target.method === "get") clean(event);
  });
  document.addEventListener("htmx:config:request", (event) => {
    const body = event.detail.ctx?.request?.body;
    if (!(body instanceof FormData) || !event.target.matches?.("form[method=get]")) return;
    for (const [name, value] of [...body.entries()]) if (value === "") body.delete(name);
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const results = document.getElementById("results");
    if (results && event.target.contains?.(results)) announce(results);
    // The filter form stands outside the results: its boxes follow the address when a chip is removed.
    const form = document.querySelector("form[data-filters]");
    if (!form || event.target.closest?.("form[data-filters]")) return;
    const query = new URL(location.href).searchParams;
    for (const box of form.querySelectorAll("input[type=checkbox]")) box.checked = query.getAll(box.name).includes(box.value);
    for (const field of form.querySelectorAll("input[type=search], select")) field.value = query.get(field.name) ?? "";
    countFacets(form);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-filters]");
    if (form) countFacets(form);
  });
}

function announce(target) {
  // The count is said aloud, and a focus that was swapped away lands on the new results.
  const count = document.getElementById("status");
  if (count) document.getElementById("announce").textContent = count.textContent.trim();
  if (document.activeElement === document.body) target.focus({ preventScroll: true });
}

function countFacets(form) {
  for (const facet of form.querySelectorAll("details[data-facet]")) {
    facet.classList.toggle("active", Boolean(facet.querySelector("input:checked")));
    const number = facet.querySelector("summary .num");
    const count = facet.querySelectorAll("input:checked").length;
    if (number) number.textContent = count || "";
  }
}
