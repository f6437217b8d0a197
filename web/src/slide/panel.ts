// The panel beside the slide: figures, threshold, layers, tools and what was changed, as they stand.
import type { Count } from "./counting";
import type { Corrections } from "./history";
import type { Spot } from "./hotspot";
import type { Figures, Kept, Row } from "./saving";

/** Finds the pieces of the page that the viewer fills in and listens to. */
export class Panel {
  private readonly _language = document.documentElement.lang;

  constructor(private readonly root: HTMLElement) {}

  /** A sentence of the page, which knows both languages. */
  words(name: string): string {
    return this.root.querySelector(`[data-words="${name}"]`)?.textContent?.trim() ?? "";
  }

  say(name: string, text: string): void {
    for (const place of this.root.querySelectorAll(`[data-say="${name}"]`)) {
      if (place.textContent !== text) place.textContent = text;
    }
  }

  one<T extends HTMLElement>(name: string): T | null {
    return this.root.querySelector<T>(`[data-part="${name}"]`);
  }

  all<T extends HTMLElement>(name: string): T[] {
    return [...this.root.querySelectorAll<T>(`[data-part="${name}"]`)];
  }

  shown(name: string, yes: boolean): void {
    for (const place of this.all(name)) place.hidden = !yes;
  }

  number(value: number, digits = 0): string {
    return value.toLocaleString(this._language, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  }

  percent(share: number): string {
    return `${this.number(100 * share, 1)} %`;
  }

  /** A length given in micrometres; in pixels where the slide does not say how large they are. */
  length(pixels: number, mpp: number | null): string {
    if (mpp === null) return `${this.number(pixels)} px`;
    const micrometres = pixels * mpp;
    return micrometres < 1000
      ? `${this.number(micrometres, micrometres < 100 ? 1 : 0)} µm`
      : `${this.number(micrometres / 1000, 2)} mm`;
  }

  figures(count: Count): void {
    this.say("share", count.total ? this.percent(count.share) : "–");
    this.say("interval", count.total ? `${this.percent(count.low)} – ${this.percent(count.high)}` : "–");
    this.say("positive", this.number(count.positive));
    this.say("total", this.number(count.total));
    this.say("hscore", count.total ? this.number(count.hscore) : "–");
    count.grades.forEach((many, grade) => {
      this.say(`grade-${grade}`, this.number(many));
      const part = this.one<HTMLElement>(`bar-${grade}`);
      part?.style.setProperty("--part", String(count.total ? many / count.total : 0));
    });
    this.shown("few", count.total < 500);
  }

  /** The hottest field, or that there is none. */
  hotspot(spot: Spot | null): void {
    this.say("hot-share", spot?.total ? this.percent(spot.share) : "–");
    this.say("hot-interval", spot?.total ? `${this.percent(spot.low)} – ${this.percent(spot.high)}` : "–");
    this.say("hot-count", spot ? `${this.number(spot.positive)} / ${this.number(spot.total)}` : "–");
    this.shown("hot-none", spot === null);
    this.shown("hot-few", spot !== null && spot.total < 500);
    this.shown("hot-show", spot !== null);
  }

  /** The reported figures, in the viewer and in the list below it; a dash where one is not. */
  rows(rows: readonly Row[]): void {
    const values = new Map(rows.map((row) => [`row-${row.code}`, row.value]));
    for (const place of this.root.querySelectorAll<HTMLElement>('[data-say^="row-"]')) {
      place.textContent = values.get(place.dataset.say ?? "") ?? "–";
    }
    for (const list of document.querySelectorAll("[data-figures]")) {
      list.replaceChildren(
        ...rows.map((row) => {
          const item = document.createElement("div");
          for (const [tag, text] of [["dt", row.title], ["dd", row.value]] as const) {
            item.appendChild(document.createElement(tag)).textContent = text;
          }
          return item;
        }),
      );
    }
  }

  limits(limits: readonly string[]): void {
    for (const list of document.querySelectorAll("[data-limits]")) {
      list.replaceChildren(
        ...limits.map((limit) => {
          const item = document.createElement("li");
          item.textContent = limit;
          return item;
        }),
      );
    }
  }

  /** Whether what was changed is kept; on H&E there is nothing to compare. */
  kept(state: Kept, why: string): void {
    this.shown("saving", state === "saving");
    this.shown("failed", state === "failed");
    this.shown("confirmed", state === "saved");
    if (why) this.say("why", why);
  }

  /** Whether the server counts the same. */
  confirmed(state: Kept, figures: Figures | null, here: Count, why: string): void {
    const same = figures?.total === here.total && figures.positive === here.positive;
    this.shown("saving", state === "saving");
    this.shown("failed", state === "failed");
    this.shown("confirmed", state === "saved" && same);
    this.shown("differs", state === "saved" && figures !== null && !same);
    if (why) this.say("why", why);
    // The server's interval allows for neighbours being alike; it is wider than that of counting.
    if (state === "saved" && figures?.total) {
      this.say("interval", `${this.percent(figures.low)} – ${this.percent(figures.high)}`);
    }
    if (figures && !same) {
      this.say("server-share", figures.share === null ? "–" : this.percent(figures.share));
      this.say("server-total", this.number(figures.total));
    }
  }

  changes(made: Corrections, steps: number): void {
    this.say("changes", this.number(steps));
    this.shown("changed", steps > 0);
    this.say("flipped", this.number(made.flips.size));
  }
}
