// The menu of rooms on a narrow screen, the person's menu, and buttons that print.

/** Folds the rooms away where space is scarce; closes menus with Escape or a press elsewhere. */
export function menus(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-toggles]")) {
    const list = document.getElementById(button.dataset["toggles"] ?? "");
    if (!list) continue;
    button.hidden = false;
    fold(button, list, true);
    button.addEventListener("click", () => fold(button, list, !("closed" in list.dataset)));
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  document.addEventListener("click", (event) => closeMenus(event.target as Node));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus(null);
  });
}

function fold(button: HTMLButtonElement, list: HTMLElement, closed: boolean): void {
  if (closed) list.dataset["closed"] = "";
  else delete list.dataset["closed"];
  button.setAttribute("aria-expanded", String(!closed));
}

function closeMenus(unless: Node | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
    if (unless && menu.contains(unless)) continue;
    if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
    menu.open = false;
  }
}
