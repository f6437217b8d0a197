// Counts nuclei by the same rules as the server, at once; the server's figure is the one that holds.
import type { Nuclei } from "./columns";
import type { Corrections } from "./history";
import { inside } from "./outline";

/** From which optical density a nucleus is positive, the three grades, and what is a tumour's. */
export interface Rules {
  readonly positive: number;
  readonly grades: readonly [number, number, number];
  readonly tumourFrom: number;
}

export interface Count {
  readonly total: number;
  readonly positive: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly grades: readonly [number, number, number, number];
  readonly hscore: number;
}

/** How a nucleus is painted: the grades 0 to 3 of tumour nuclei, then those that do not count. */
export const OTHER = 4;
export const OUTSIDE = 5;
const Z = 1.959963984540054;

/** Nuclei with what they count as; ``kinds`` holds 0–3, OTHER or OUTSIDE for each. */
export class Counting {
  readonly kinds: Uint8Array;
  private readonly _within: Uint8Array;
  private _regions: Corrections["regions"] | null = null;

  constructor(
    private readonly nuclei: Nuclei,
    private readonly rules: Rules,
  ) {
    this.kinds = new Uint8Array(nuclei.count);
    this._within = new Uint8Array(nuclei.count).fill(1);
  }

  /** Counts everything anew under these corrections and says what each region holds. */
  count(made: Corrections): { whole: Count; regions: Count[] } {
    if (this._regions !== made.regions) this._place(made);
    this._regions = made.regions;
    this._grade(made);
    return {
      whole: tally(this.kinds, null),
      regions: made.regions.map((region) => tally(this.kinds, this._mask(inside(region)))),
    };
  }

  /** The nucleus nearest to a point, not further than ``reach`` pixels; -1 for none. */
  nearest(x: number, y: number, reach: number): number {
    const { count, x: xs, y: ys } = this.nuclei;
    let [found, best] = [-1, reach * reach];
    for (let i = 0; i < count; i++) {
      const across = xs[i]! - x;
      const down = ys[i]! - y;
      const far = across * across + down * down;
      if (far <= best) [found, best] = [i, far];
    }
    return found;
  }

  private _place(made: Corrections): void {
    const tumour = made.regions.filter((one) => one.kind === "tumour").map(inside);
    const excluded = made.regions.filter((one) => one.kind === "excluded").map(inside);
    const { count, x, y } = this.nuclei;
    for (let i = 0; i < count; i++) {
      const [across, down] = [x[i]!, y[i]!];
      const counted = tumour.length === 0 || tumour.some((holds) => holds(across, down));
      this._within[i] = counted && !excluded.some((holds) => holds(across, down)) ? 1 : 0;
    }
  }

  private _grade(made: Corrections): void {
    const { count, stain, tumour } = this.nuclei;
    // In single precision, as the columns are and as the server compares.
    const tumourFrom = Math.fround(this.rules.tumourFrom);
    const from = Math.fround(made.threshold ?? this.rules.positive);
    const [second, third] = [Math.fround(this.rules.grades[1]), Math.fround(this.rules.grades[2])];
    for (let i = 0; i < count; i++) {
      if (!this._within[i]) this.kinds[i] = OUTSIDE;
      else if (tumour[i]! < tumourFrom) this.kinds[i] = OTHER;
      else this.kinds[i] = grade(stain[i]!, from, second, third);
    }
    for (const [i, flip] of made.flips) {
      if (i >= count || !this._within[i]) continue;
      const counts = flip.tumour ?? tumour[i]! >= tumourFrom;
      const measured = grade(stain[i]!, from, second, third);
      const graded =
        flip.positive === null ? measured : flip.positive ? Math.max(1, measured) : 0;
      this.kinds[i] = counts ? graded : OTHER;
    }
  }

  private _mask(holds: (x: number, y: number) => boolean): Uint8Array {
    const { count, x, y } = this.nuclei;
    const mask = new Uint8Array(count);
    for (let i = 0; i < count; i++) mask[i] = holds(x[i]!, y[i]!) ? 1 : 0;
    return mask;
  }
}

function grade(stain: number, positive: number, second: number, third: number): number {
  if (stain < positive) return 0;
  return stain < second ? 1 : stain < third ? 2 : 3;
}

function tally(kinds: Uint8Array, mask: Uint8Array | null): Count {
  const found: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i]!;
    if (kind < 4 && (mask === null || mask[i])) found[kind]!++;
  }
  const total = found[0] + found[1] + found[2] + found[3];
  const positive = total - found[0];
  const [low, high] = wilson(positive, total);
  const hscore = total ? (100 * (found[1] + 2 * found[2] + 3 * found[3])) / total : 0;
  return { total, positive, share: total ? positive / total : 0, low, high, grades: found, hscore };
}

/** The 95 % interval of a share (Wilson 1927). */
export function wilson(positive: number, total: number): [number, number] {
  if (!total) return [0, 1];
  const share = positive / total;
  const below = 1 + (Z * Z) / total;
  const middle = (share + (Z * Z) / (2 * total)) / below;
  const half =
    (Z * Math.sqrt((share * (1 - share)) / total + (Z * Z) / (4 * total * total))) / below;
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
