// Marks who speaks in a conversation: buttons below it, and Alt with a number.

/** Enlivens every group marked `data-speakers` (the id of its text) below `root`. */
export function speakers(root: ParentNode): void {
  for (const group of root.querySelectorAll<HTMLElement>("[data-speakers]")) {
    const text = document.getElementById(group.dataset["speakers"] ?? "");
    if (!(text instanceof HTMLTextAreaElement) || !group.hidden) continue;
    group.hidden = false;
    const buttons = [...group.querySelectorAll<HTMLButtonElement>("button[data-says]")];
    for (const button of buttons) {
      button.addEventListener("click", () => mark(text, button.dataset["says"] ?? "", buttons));
    }
    text.addEventListener("keydown", (event) => {
      const button = event.altKey ? buttons[Number(event.key) - 1] : undefined;
      if (!button) return;
      event.preventDefault();
      button.click();
    });
  }
}

/** Begins a turn at the caret; at the beginning of a marked line changes who speaks there. */
function mark(text: HTMLTextAreaElement, who: string, buttons: HTMLButtonElement[]): void {
  const caret = text.selectionStart;
  const line = text.value.lastIndexOf("\n", caret - 1) + 1;
  const before = text.value.slice(line, caret);
  const said = text.value.slice(line);
  const old = buttons
    .map((one) => (one.dataset["says"] ?? "").trim())
    .find((one) => one !== "" && said.startsWith(one));
  if (old !== undefined && before.trim().length <= old.length) {
    text.setRangeText(who, line, line + (/^.*?[:：][^\S\n]*/.exec(said)?.[0].length ?? 0), "end");
  } else if (before.trim() === "") {
    text.setRangeText(who, line, caret, "end");
  } else {
    const spaces = /^[^\S\n]*/.exec(text.value.slice(caret))?.[0].length ?? 0;
    text.setRangeText(`\n${who}`, caret, caret + spaces, "end");
  }
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}
