// Sends the files of one slide piece by piece, and says on a line of its own how far it is.
import { pathOf, type Bundle } from "./bundles";

const PATIENCE = 2000;
const TRIES = 30;

interface Told {
  readonly upload?: string;
  readonly end?: number;
  readonly slide?: string;
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

class Stopped extends Error {}

type State = "chosen" | "sending" | "done" | "failed";

/** One slide of a form. After a failure or a stop it can be sent again, and goes on. */
export class Sending {
  private readonly line: HTMLElement;
  private readonly bar: HTMLProgressElement;
  private readonly again: HTMLButtonElement;
  private readonly content: Blob;
  private state: State = "chosen";
  private stopped = false;

  constructor(
    private readonly form: HTMLFormElement,
    told: HTMLElement,
    private readonly slide: Bundle,
  ) {
    const model = form.querySelector<HTMLTemplateElement>("[data-part=one]")!;
    this.line = (model.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
    this.bar = this.line.querySelector("progress")!;
    this.again = this.line.querySelector("button")!;
    // The browser reads the pieces from the disk as they are asked for.
    this.content = slide.files.length > 1 ? new Blob([...slide.files]) : slide.files[0]!;
    this.put("name", slide.name);
    this.put("size", sized(slide.size));
    if (slide.files.length > 1) {
      this.put("files", `${this.words("files")} ${slide.files.length.toLocaleString(language())}`);
    }
    this.again.addEventListener("click", () => {
      this.state = "chosen";
      this.again.hidden = true;
      form.requestSubmit();
    });
    told.append(this.line);
    this.say("chosen");
  }

  /** Whether it is to be sent. */
  get waits(): boolean {
    return this.state === "chosen";
  }

  get began(): boolean {
    return this.state !== "chosen";
  }

  /** Takes it off the page; true, for it is gone. */
  drop(): boolean {
    this.line.remove();
    return true;
  }

  stop(): void {
    this.stopped = true;
  }

  async send(hints: Record<string, string>): Promise<void> {
    const address = this.form.dataset["upload"] ?? "";
    this.state = "sending";
    this.line.classList.remove("notice-bad");
    try {
      if (this.stopped) throw new Stopped();
      this.say("sending");
      const upload = await this.sent(address);
      this.say("checking");
      const parts = this.slide.files.map((file) => [pathOf(file), file.size]);
      const given = { name: this.slide.name, parts: parts.length > 1 ? parts : [], ...hints };
      const done = await post(`${address}/${upload}/done`, JSON.stringify(given));
      localStorage.removeItem(this.key);
      this.finished(done);
    } catch (problem) {
      this.failed(problem);
    }
  }

  private finished(done: Told): void {
    this.state = "done";
    this.bar.value = 1;
    this.say(done.new ? "done" : "known");
    const link = this.line.querySelector("a")!;
    link.href = `${this.form.dataset["slides"] ?? ""}/${done.slide ?? ""}`;
    link.hidden = !done.slide;
  }

  private failed(problem: unknown): void {
    this.state = "failed";
    this.again.hidden = false;
    if (problem instanceof Stopped) this.say("stopped");
    else {
      if (problem instanceof Refused) this.put("said", problem.message);
      else this.say("lost");
      this.line.classList.add("notice-bad");
    }
    this.stopped = false;
  }

  /** Where an unfinished upload of these very files is remembered on this computer. */
  private get key(): string {
    const last = Math.max(...this.slide.files.map((file) => file.lastModified));
    return `countersign-upload ${this.slide.size} ${last} ${pathOf(this.slide.files[0]!)}`;
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
    const { upload } = await post(address, JSON.stringify({ size: this.slide.size }));
    localStorage.setItem(this.key, upload ?? "");
    await this.pieces(`${address}/${upload}`);
    return upload ?? "";
  }

  private async pieces(address: string): Promise<void> {
    const [whole, size] = [this.slide.size, Number(this.form.dataset["size"])];
    let [at, tries] = [0, 0];
    while (at < whole) {
      if (this.stopped) throw new Stopped();
      try {
        at = (await post(`${address}?offset=${at}`, this.content.slice(at, at + size))).end ?? at;
        tries = 0;
        this.bar.value = at / whole;
        this.say("sending");
      } catch (problem) {
        const offset = problem instanceof Refused ? /\d+/.exec(problem.message) : null;
        if (problem instanceof Refused && problem.code === "slides.upload_broken" && offset) {
          // The server says how far it has come; where it expects just this, it knows no such upload.
          if (Number(offset[0]) === at) throw problem;
          at = Number(offset[0]);
          this.bar.value = at / whole;
          continue;
        } else if (problem instanceof Refused || ++tries > TRIES) throw problem;
        this.say("again");
        await new Promise((done) => setTimeout(done, PATIENCE));
      }
    }
  }

  private say(name: string): void {
    this.put("said", this.words(name));
  }

  private words(name: string): string {
    return this.form.querySelector(`[data-words=${name}]`)?.textContent ?? "";
  }

  private put(name: string, text: string): void {
    this.line.querySelector(`[data-in=${name}]`)!.textContent = text;
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

function sized(bytes: number): string {
  const [unit, least] = ([["GB", 1e9], ["MB", 1e6]] as const).find(([, one]) => bytes >= one) ?? ["KB", 1e3];
  const shown = Math.max(bytes / least, 1);
  return `${shown.toLocaleString(language(), { maximumFractionDigits: shown < 10 ? 1 : 0 })} ${unit}`;
}

function language(): string {
  return document.documentElement.lang;
}
