// What a pathologist changed, step by step, and the way back and forth until it is signed.
import type { Region } from "./outline";

/** A changed nucleus: true and false for positive and negative, tumour and not; ``type`` of cell on
 * H&E; null as measured. */
export interface Flip {
  readonly positive: boolean | null;
  readonly tumour: boolean | null;
  readonly type: number | null;
}

/** Everything that differs from what was measured. */
export interface Corrections {
  readonly threshold: number | null;
  readonly regions: readonly Region[];
  readonly flips: ReadonlyMap<number, Flip>;
}

/** One change; the same shape goes to the server and comes back from it. */
export type Change =
  | { readonly kind: "threshold"; readonly value: { readonly value: number } }
  | { readonly kind: "region"; readonly value: Region }
  | { readonly kind: "nuclei"; readonly value: Flipped };

export interface Flipped {
  readonly indices: readonly number[];
  readonly positive?: boolean;
  readonly tumour?: boolean;
  readonly type?: number;
}

/** A change that stands, and its number on the server once it has one. */
export interface Step {
  readonly change: Change;
  number: number | null;
}

export const NOTHING: Corrections = { threshold: null, regions: [], flips: new Map() };

/** Steps that stand and steps that were taken back. */
export class History {
  private _steps: Step[];
  private _undone: Step[] = [];
  /** Whether the last act was to take away one region: to undo it brings that region back. */
  private _removed = false;
  private _now: Corrections;

  constructor(steps: readonly Step[]) {
    this._steps = [...steps];
    this._now = folded(this._steps);
  }

  get now(): Corrections {
    return this._now;
  }

  get steps(): readonly Step[] {
    return this._steps;
  }

  get canUndo(): boolean {
    return this._removed || this._steps.length > 0;
  }

  get canRedo(): boolean {
    return this._undone.length > 0;
  }

  /** Takes a new step; what was undone is gone. */
  change(change: Change): Step {
    this._undone = [];
    return this._push(change);
  }

  /** Whether undoing means to bring back the region that was just taken away. */
  get bringsBack(): boolean {
    return this._removed;
  }

  /** Takes back the last step, or the one that drew this region; returns it, or null for none. */
  undo(region?: Region): Step | null {
    const at = region
      ? this._steps.findIndex((one) => one.change.kind === "region" && one.change.value === region)
      : this._steps.length - 1;
    this._removed = region !== undefined && at >= 0;
    const [step] = at < 0 ? [] : this._steps.splice(at, 1);
    if (!step) return null;
    this._undone.push(step);
    this._now = folded(this._steps);
    return step;
  }

  /** Takes the last undone step again, as a new one; null for none. */
  redo(): Step | null {
    const step = this._undone.pop();
    return step ? this._push(step.change) : null;
  }

  private _push(change: Change): Step {
    const step: Step = { change, number: null };
    this._removed = false;
    this._steps.push(step);
    this._now = folded(this._steps);
    return step;
  }
}

function folded(steps: readonly Step[]): Corrections {
  let threshold: number | null = null;
  const regions: Region[] = [];
  const flips = new Map<number, Flip>();
  for (const { change } of steps) {
    if (change.kind === "threshold") threshold = change.value.value;
    else if (change.kind === "region") regions.push(change.value);
    else {
      for (const nucleus of change.value.indices) {
        const before = flips.get(nucleus);
        flips.set(nucleus, {
          positive: change.value.positive ?? before?.positive ?? null,
          tumour: change.value.tumour ?? before?.tumour ?? null,
          type: change.value.type ?? before?.type ?? null,
        });
      }
    }
  }
  return { threshold, regions, flips };
}
