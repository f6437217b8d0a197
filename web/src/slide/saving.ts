// Sends each change to the server in its order, and brings back the figures that hold.
import type { Step } from "./history";
import type { Region } from "./outline";

/** What the server says once a change is kept: its own count under everything that stands, the
 * figures as they are reported, and on H&E the outlines that followed. */
export interface Confirmed {
  readonly number: number;
  readonly figures: Figures | null;
  readonly rows: readonly Row[];
  readonly regions: readonly Region[] | null;
  readonly limits: readonly string[];
}

/** A reported figure in the words of the page. */
export interface Row {
  readonly code: string;
  readonly title: string;
  readonly value: string;
}

export interface Figures {
  readonly total: number;
  readonly positive: number;
  readonly share: number | null;
  readonly low: number;
  readonly high: number;
}

export type Kept = "saving" | "saved" | "failed";
type Tell = (state: Kept, answer: Confirmed | null, why: string) => void;

/** One change after the other; after a failure nothing more is sent until it is tried again. */
export class Saving {
  private _waiting: ((again: boolean) => Promise<Confirmed>)[] = [];
  private _busy = false;
  /** Whether the first of those that wait was sent before, so that the server may have it. */
  private _sent = false;

  constructor(
    private readonly address: string,
    private readonly run: string,
    private readonly tell: Tell,
  ) {}

  /** Whether something waits to be kept, or could not be. */
  get pending(): boolean {
    return this._waiting.length > 0;
  }

  /** A step that was taken. */
  took(step: Step): void {
    this._queue(async (again) => {
      const answer = await this._send({ run: this.run, ...step.change, again });
      step.number = answer.number;
      return answer;
    });
  }

  /** A step that was taken back. */
  undid(step: Step): void {
    this._queue((again) =>
      this._send({ run: this.run, kind: "undo", value: {}, undoes: step.number, again }),
    );
  }

  again(): void {
    void this._work();
  }

  private _queue(send: (again: boolean) => Promise<Confirmed>): void {
    this._waiting.push(send);
    void this._work();
  }

  private async _work(): Promise<void> {
    if (this._busy) return;
    this._busy = true;
    this.tell("saving", null, "");
    try {
      let answer: Confirmed | null = null;
      for (let [send] = this._waiting; send; [send] = this._waiting) {
        const again = this._sent;
        this._sent = true;
        answer = await send(again);
        this._sent = false;
        this._waiting.shift();
      }
      this.tell("saved", answer, "");
    } catch (problem) {
      this.tell("failed", null, problem instanceof Error ? problem.message : "");
    } finally {
      this._busy = false;
    }
  }

  private async _send(body: object): Promise<Confirmed> {
    const answer = await fetch(this.address, {
      method: "POST",
      headers: {
        accept: "application/json",
        "content-type": "application/json",
        "X-CSRF-Token": document.body.dataset["csrf"] ?? "",
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) {
      const said = (await answer.json().catch(() => ({}))) as {
        error?: { message?: string };
      };
      throw new Error(said.error?.message ?? String(answer.status));
    }
    return (await answer.json()) as Confirmed;
  }
}
