// Uploads slides in pieces with progress; a broken line is tried again from where it stopped, and
// a page that was closed meanwhile goes on when the same files are chosen again.
import "../slide/worklist.css";
import { bundled } from "../slide/bundles";
import { Sending } from "../slide/sending";

/** The form with what was chosen, which is shown before anything is sent. */
class Upload {
  private lines: Sending[] = [];
  private busy = false;

  constructor(private readonly form: HTMLFormElement) {
    for (const field of this.fields) field.addEventListener("change", () => void this.chosen(field));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    this.part("stop").addEventListener("click", () => {
      for (const line of this.lines) line.stop();
    });
  }

  private get fields(): HTMLInputElement[] {
    return ["files", "folder"].map((name) => this.part<HTMLInputElement>(name));
  }

  private part<T extends HTMLElement>(name: string): T {
    return this.form.querySelector<T>(`[data-part=${name}]`)!;
  }

  /** Shows what will be sent; the last choice counts. */
  private async chosen(field: HTMLInputElement): Promise<void> {
    for (const other of this.fields) if (other !== field) other.value = "";
    const endings = new Set((this.form.dataset["endings"] ?? "").split(" "));
    const { slides, others } = await bundled([...(field.files ?? [])], endings);
    this.lines = this.lines.filter((line) => line.began || !line.drop());
    const told = this.part("told");
    this.lines.push(...slides.map((one) => new Sending(this.form, told, one)));
    this.say("found", slides.length);
    this.say("others", others);
    this.part("nothing").hidden = slides.length > 0 || !field.files?.length;
  }

  private say(name: string, many: number): void {
    const place = this.part(name);
    place.hidden = many === 0;
    place.querySelector("b")!.textContent = many.toLocaleString(document.documentElement.lang);
  }

  private async send(): Promise<void> {
    const waiting = this.lines.filter((line) => line.waits);
    if (this.busy) return;
    if (!waiting.length) {
      this.fields[0]!.focus();
      return;
    }
    this.working(true);
    const given = (name: string): string =>
      this.part<HTMLInputElement | HTMLSelectElement>(name).value.trim();
    const hints = { accession: given("number"), stain: given("stain") };
    for (const line of waiting) await line.send(hints);
    this.working(false);
    for (const field of this.fields) field.value = "";
    this.say("found", 0);
    this.say("others", 0);
    document.querySelector<HTMLElement>("#list")?.dispatchEvent(new Event("handed-in"));
  }

  private working(yes: boolean): void {
    this.busy = yes;
    this.form.querySelector<HTMLButtonElement>("button[type=submit]")!.disabled = yes;
    for (const field of this.fields) field.disabled = yes;
    this.part("stop").hidden = !yes;
    if (yes) window.addEventListener("beforeunload", warn);
    else window.removeEventListener("beforeunload", warn);
  }
}

/** Leaving the page would stop the sending. */
function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-upload]")) new Upload(form);
