// Sends each change to the server in its order, and brings back the figures that hold.
import type { Step } from "./history";

/** The server's own count under everything that stands, as shares of 0 to 1. */
export interface Confirmed {
  readonly number: number;
  readonly figures: Figures;
}

export interface Figures {
  readonly total: number;
  readonly positive: number;
  readonly share: number | null;
  readonly low: number;
  readonly high: number;
}

type Tell = (state: "saving" | "saved" | "failed", figures: Figures | null, why: string) => void;

/** One change after the other; after a failure nothing more is sent until it is tried again. */
export class Saving {
  private _waiting: (() => Promise<Figures>)[] = [];
  private _busy = false;

  constructor(
    private readonly address: string,
    private readonly run: string,
    private readonly tell: Tell,
  ) {}

  /** A step that was taken. */
  took(step: Step): void {
    this._queue(async () => {
      const answer = await this._send({ run: this.run, ...step.change });
      step.number = answer.number;
      return answer.figures;
    });
  }

  /** A step that was taken back. */
  undid(step: Step): void {
    this._queue(async () => {
      const answer = await this._send({ run: this.run, kind: "undo", value: {}, undoes: step.number });
      return answer.figures;
    });
  }

  again(): void {
    void this._work();
  }

  private _queue(send: () => Promise<Figures>): void {
    this._waiting.push(send);
    void this._work();
  }

  private async _work(): Promise<void> {
    if (this._busy) return;
    this._busy = true;
    this.tell("saving", null, "");
    try {
      let figures: Figures | null = null;
      for (let [send] = this._waiting; send; [send] = this._waiting) {
        figures = await send();
        this._waiting.shift();
      }
      this.tell("saved", figures, "");
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
