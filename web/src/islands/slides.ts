// Uploads slides in pieces with progress; a broken line is tried again from where it stopped, and
// a page that was closed meanwhile goes on when the same file is chosen again.
import "../slide/worklist.css";

const PATIENCE = 2000;
const TRIES = 30;

interface Told {
  readonly upload?: string;
  readonly end?: number;
  readonly new?: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}

class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** One file of a form, and the line that says how far it is. */
class Sending {
  private readonly line: HTMLElement;
  private readonly bar: HTMLProgressElement;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly file: File,
  ) {
    const model = form.querySelector<HTMLTemplateElement>("[data-part=one]")!;
    this.line = (model.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
    this.bar = this.line.querySelector("progress")!;
    this.line.querySelector("[data-in=name]")!.textContent = file.name;
    form.querySelector("[data-part=told]")!.append(this.line);
  }

  async send(hints: Record<string, string>): Promise<void> {
    const address = this.form.dataset["upload"] ?? "";
    try {
      this.say("sending");
      const upload = await this.sent(address);
      const done = await post(
        `${address}/${upload}/done`, JSON.stringify({ name: this.file.name, ...hints }),
      );
      localStorage.removeItem(this.key);
      this.bar.value = 1;
      this.say(done.new ? "done" : "known");
    } catch (problem) {
      this.said(problem instanceof Error ? problem.message : "");
      this.line.classList.add("notice-bad");
    }
  }

  /** Where an unfinished upload of this very file is remembered on this computer. */
  private get key(): string {
    return `countersign-upload ${this.file.size} ${this.file.lastModified} ${this.file.name}`;
  }

  /** Sends everything; goes on with what a closed page left, or begins anew where that is gone. */
  private async sent(address: string): Promise<string> {
    const left = localStorage.getItem(this.key);
    if (left) {
      try {
        await this.pieces(`${address}/${left}`);
        return left;
      } catch (problem) {
        if (!(problem instanceof Refused)) throw problem;
        localStorage.removeItem(this.key);
      }
    }
    const { upload } = await post(address, JSON.stringify({ size: this.file.size }));
    localStorage.setItem(this.key, upload ?? "");
    await this.pieces(`${address}/${upload}`);
    return upload ?? "";
  }

  private async pieces(address: string): Promise<void> {
    const size = Number(this.form.dataset["size"]);
    let [at, tries] = [0, 0];
    while (at < this.file.size) {
      try {
        const piece = this.file.slice(at, at + size);
        at = (await post(`${address}?offset=${at}`, piece)).end ?? at;
        tries = 0;
        this.bar.value = at / this.file.size;
        this.say("sending");
      } catch (problem) {
        const offset = problem instanceof Refused ? /\d+/.exec(problem.message) : null;
        if (problem instanceof Refused && problem.code === "slides.upload_broken" && offset) {
          // The server says how far it has come; where it expects just this, it knows no such upload.
          if (Number(offset[0]) === at) throw problem;
          at = Number(offset[0]);
          this.bar.value = at / this.file.size;
          continue;
        } else if (problem instanceof Refused || ++tries > TRIES) throw problem;
        this.say("again");
        await new Promise((done) => setTimeout(done, PATIENCE));
      }
    }
  }

  private say(name: string): void {
    this.said(this.form.querySelector(`[data-words=${name}]`)?.textContent ?? "");
  }

  private said(text: string): void {
    this.line.querySelector("[data-in=said]")!.textContent = text;
  }
}

async function post(address: string, body: BodyInit): Promise<Told> {
  const answer = await fetch(address, {
    method: "POST",
    headers: {
      accept: "application/json",
      "content-type": body instanceof Blob ? "application/octet-stream" : "application/json",
      "X-CSRF-Token": document.body.dataset["csrf"] ?? "",
    },
    body,
  });
  const told = (await answer.json().catch(() => ({}))) as Told;
  if (answer.status >= 400 && answer.status < 600 && told.error) {
    throw new Refused(told.error.code, told.error.message);
  }
  if (!answer.ok) throw new Error(String(answer.status));
  return told;
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-upload]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void uploadAll(form);
  });
}

async function uploadAll(form: HTMLFormElement): Promise<void> {
  const files = form.querySelector<HTMLInputElement>("[data-part=files]");
  const given = (name: string): string =>
    form.querySelector<HTMLInputElement | HTMLSelectElement>(`[data-part=${name}]`)?.value.trim() ?? "";
  const hints = { accession: given("number"), stain: given("stain") };
  const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
  const all = [...(files?.files ?? [])];
  if (!all.length) {
    files?.focus();
    return;
  }
  if (button) button.disabled = true;
  window.addEventListener("beforeunload", warn);
  for (const file of all) await new Sending(form, file).send(hints);
  window.removeEventListener("beforeunload", warn);
  if (button) button.disabled = false;
  if (files) files.value = "";
  document.querySelector<HTMLElement>("#list")?.dispatchEvent(new Event("handed-in"));
}

/** Leaving the page would stop the sending. */
function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
