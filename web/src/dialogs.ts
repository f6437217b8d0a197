// Dialogs that are opened by a button, or that ask before a form is sent.

/** Wires every dialog of the page, also those that arrive later. */
export function asksFirst(): void {
  document.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element ? event.target.closest("button") : null;
    if (!pressed) return;
    if (pressed.dataset["opens"]) find(pressed.dataset["opens"])?.showModal();
    if ("dialogNo" in pressed.dataset) pressed.closest("dialog")?.close();
    if ("dialogYes" in pressed.dataset) pressed.closest("dialog")?.close("yes");
  });
  document.addEventListener("submit", ask);
}

function ask(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  const dialog = form.dataset["confirm"] ? find(form.dataset["confirm"]) : null;
  if (!dialog || form.dataset["confirmed"]) return;
  if (event.submitter && "noConfirm" in event.submitter.dataset) return;
  event.preventDefault();
  dialog.returnValue = "";
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset["confirmed"] = "yes";
      form.requestSubmit(event.submitter);
      delete form.dataset["confirmed"];
    },
    { once: true },
  );
  dialog.showModal();
}

function find(id: string): HTMLDialogElement | null {
  const found = document.getElementById(id);
  return found instanceof HTMLDialogElement ? found : null;
}
