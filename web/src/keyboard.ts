// Single keys: g and a letter to a room, j and k along rows, / to search, ? to help.
// WCAG 2.2, 2.1.4: they can be switched off, on the help page.

const SETTING = "countersign-keys";
const PATIENCE = 1200;
/** Where letters are written or choose something; a box that has a key of its own takes none. */
const WRITING =
  "input:not([data-shortcut], [type=range]), textarea, select, [contenteditable]";

/** Listens on the page unless the person switched the keys off on this computer. */
export function keyboard(): void {
  offerChoice();
  let first = "";
  let since = 0;
  document.addEventListener("keydown", (event) => {
    if (!meantForPage(event)) return;
    const sequence = event.timeStamp - since < PATIENCE ? `${first} ${event.key}` : event.key;
    first = event.key;
    since = event.timeStamp;
    if (act(sequence) || act(event.key)) event.preventDefault();
  });
}

function meantForPage(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  if (localStorage.getItem(SETTING) === "off" || document.querySelector("dialog[open]")) return false;
  const at = event.target;
  return !(at instanceof HTMLElement && at.closest(WRITING));
}

function act(keys: string): boolean {
  if (keys === "j" || keys === "k") return step(keys === "j" ? 1 : -1);
  if (keys === "/") return focus(document.querySelector<HTMLElement>("input[type=search]"));
  for (const link of document.querySelectorAll<HTMLElement>("[data-shortcut]")) {
    if (link.dataset["shortcut"] !== keys) continue;
    link.click();
    return true;
  }
  return false;
}

function step(by: number): boolean {
  const links = [...document.querySelectorAll("[data-rows] tbody tr, [data-rows] > li")]
    .map((row) => row.querySelector<HTMLElement>("a, button"))
    .filter((link) => link !== null);
  const now = links.findIndex((link) => link.closest("tr, li")?.contains(document.activeElement));
  const next = now < 0 ? 0 : Math.min(links.length - 1, Math.max(0, now + by));
  return focus(links[next] ?? null);
}

function focus(element: HTMLElement | null): boolean {
  element?.focus();
  element?.scrollIntoView({ block: "nearest" });
  return element !== null;
}

function offerChoice(): void {
  const choice = document.querySelector<HTMLElement>("[data-keyboard-choice]");
  const box = document.querySelector<HTMLInputElement>("[data-keyboard-on]");
  if (!choice || !box) return;
  choice.hidden = false;
  box.checked = localStorage.getItem(SETTING) !== "off";
  box.addEventListener("change", () => localStorage.setItem(SETTING, box.checked ? "on" : "off"));
}
