// Keeps what a person has written in a form until it is sent: over a change of language, a
// reload, an error. It stays in this tab, is another person's never, and goes at sign-out.

interface Kept {
  fields: [name: string, nth: number, value: string | boolean][];
  sent: boolean;
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const PREFIX = "keep:";
const SECRET = new Set(["password", "hidden", "file", "submit", "button", "image", "reset"]);
const untouched = new WeakMap<HTMLFormElement, string>();
let leavingOnPurpose = false;

/** Watches every form marked `data-keep`; warns before a page with unsent work is left. */
export function keepForms(): void {
  sweep();
  for (const kind of ["input", "change"]) document.addEventListener(kind, (event) => save(event));
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sending(event.target as HTMLFormElement);
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("[data-language-switch]");
    if (link) leavingOnPurpose = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leavingOnPurpose && forms(document).some(changed)) event.preventDefault();
  });
}

/** Puts back what was kept for the forms below `root`. */
export function keptAgain(root: ParentNode): void {
  for (const form of forms(root)) {
    untouched.set(form, JSON.stringify(values(form)));
    const kept = read(key(form));
    if (!kept) continue;
    for (const [name, nth, value] of kept.fields) putBack(fieldsOf(form, name)[nth], value);
    if (changed(form)) {
      say(form, "textBack");
      const folded = form.closest("details");
      if (folded) folded.open = true;
    } else sessionStorage.removeItem(key(form));
  }
}

function save(event: Event): void {
  const form = (event.target as Field | null)?.form;
  if (!form?.dataset["keep"]) return;
  if (changed(form)) {
    write(key(form), { fields: values(form), sent: false });
    say(form, "textKept");
  } else {
    sessionStorage.removeItem(key(form));
  }
}

function sending(form: HTMLFormElement): void {
  leavingOnPurpose = true;
  if ("forget" in form.dataset) {
    for (const name of keptKeys()) sessionStorage.removeItem(name);
  } else if (form.dataset["keep"] && changed(form)) {
    write(key(form), { fields: values(form), sent: true });
  }
}

/** Drops what was sent and did not come back as a problem, and whatever is another person's. */
function sweep(): void {
  const problem = document.querySelector("[data-problem], [data-error-summary]") !== null;
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const person = document.body.dataset["person"];
  for (const name of keptKeys()) {
    const kept = read(name);
    if (person && !name.startsWith(`${PREFIX}${person}:`)) sessionStorage.removeItem(name);
    else if (kept?.sent && (problem || visit?.type === "back_forward"))
      write(name, { ...kept, sent: false });
    else if (kept?.sent) sessionStorage.removeItem(name);
  }
}

function forms(root: ParentNode): HTMLFormElement[] {
  return [...root.querySelectorAll<HTMLFormElement>("form[data-keep]")];
}

function changed(form: HTMLFormElement): boolean {
  const before = untouched.get(form);
  return before !== undefined && before !== JSON.stringify(values(form));
}

function values(form: HTMLFormElement): Kept["fields"] {
  const seen = new Map<string, number>();
  return ([...form.elements] as Field[])
    .filter((field) => field.name && !SECRET.has(field.type) && !(field instanceof HTMLButtonElement))
    .map((field) => {
      const nth = seen.get(field.name) ?? 0;
      seen.set(field.name, nth + 1);
      return [field.name, nth, ticks(field) ? field.checked : field.value];
    });
}

function fieldsOf(form: HTMLFormElement, name: string): Field[] {
  return ([...form.elements] as Field[]).filter((field) => field.name === name);
}

function putBack(field: Field | undefined, value: string | boolean): void {
  if (!field) return;
  if (ticks(field)) field.checked = value === true;
  else if (typeof value === "string") field.value = value;
}

function ticks(field: Field): field is HTMLInputElement {
  return field.type === "checkbox" || field.type === "radio";
}

function say(form: HTMLFormElement, what: "textKept" | "textBack"): void {
  const place = form.querySelector<HTMLElement>("[data-kept]");
  const text = place?.dataset[what] ?? "";
  if (place && place.textContent !== text) place.textContent = text;
}

function key(form: HTMLFormElement): string {
  return `${PREFIX}${document.body.dataset["person"] ?? ""}:${form.dataset["keep"] ?? ""}`;
}

function keptKeys(): string[] {
  return Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX));
}

function read(name: string): Kept | null {
  const text = sessionStorage.getItem(name);
  return text ? (JSON.parse(text) as Kept) : null;
}

function write(name: string, kept: Kept): void {
  try {
    sessionStorage.setItem(name, JSON.stringify(kept));
  } catch {
    // The tab's storage is full: the form itself still holds the text.
  }
}
