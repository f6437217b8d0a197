// Completes what is typed in a text marked `data-phrases`: buttons below it, and Alt with a number.

const MOST = 8;
const PAUSE = 250;

/** Gives every marked text below `root` its row of phrases. */
export function phrases(root: ParentNode): void {
  for (const text of root.querySelectorAll<HTMLTextAreaElement>("textarea[data-phrases]")) {
    if (text.dataset["completing"]) continue;
    text.dataset["completing"] = "yes";
    const row = document.createElement("p");
    row.className = "row phrases";
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", text.dataset["phrasesLabel"] ?? "");
    row.hidden = true;
    text.after(row);
    let waiting = 0;
    text.addEventListener("input", () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(() => void offer(text, row), PAUSE);
    });
    text.addEventListener("keydown", (event) => {
      if (event.key === "Escape") row.hidden = true;
      const button = event.altKey ? row.children[Number(event.key) - 1] : undefined;
      if (row.hidden || !(button instanceof HTMLButtonElement)) return;
      event.preventDefault();
      button.click();
    });
  }
}

/** What was typed since the last stop before the caret. */
function typed(text: HTMLTextAreaElement): string {
  const before = text.value.slice(0, text.selectionStart);
  return /[^。，；、：,;.\n\s]*$/.exec(before)?.[0] ?? "";
}

async function offer(text: HTMLTextAreaElement, row: HTMLElement): Promise<void> {
  const begun = typed(text);
  row.hidden = true;
  if (!begun || !text.dataset["phrases"]) return;
  const address = `${text.dataset["phrases"]}?typed=${encodeURIComponent(begun)}`;
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok || typed(text) !== begun) return;
  const page = new DOMParser().parseFromString(`<select>${await answer.text()}</select>`, "text/html");
  const found = [...page.querySelectorAll("option")].map((one) => one.value).slice(0, MOST);
  row.replaceChildren(...found.map((phrase, place) => button(text, row, begun, phrase, place + 1)));
  row.hidden = found.length === 0;
}

function button(
  text: HTMLTextAreaElement,
  row: HTMLElement,
  begun: string,
  phrase: string,
  place: number,
): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "plain";
  made.textContent = `${place} ${phrase}`;
  made.addEventListener("click", () => {
    const caret = text.selectionStart;
    text.setRangeText(phrase, caret - begun.length, caret, "end");
    row.hidden = true;
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return made;
}
