// Where the index is highest: the fields that the server finds, by the same rule, at once.
import { RUN, type Nuclei } from "./columns";
import { wilson } from "./counting";
import type { Point, Region } from "./outline";

/** Micrometres between the positions tried, and across a field; wider ones only where none of the
 * one before holds FEWEST tumour nuclei. As in domain/hotspot.py. */
const GRID = 50;
const DIAMETERS = [500, 700, 1000, 1400, 2000] as const;
const FEWEST = 500;
const MOST = 3;
const EXACT = 200;
const CORNERS = 48;

export interface Spot {
  readonly region: Region;
  readonly positive: number;
  readonly total: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

interface Field {
  readonly x: number;
  readonly y: number;
  readonly positive: number;
  readonly total: number;
}

/** Up to three fields that do not overlap, the highest index first; ``kinds`` as of Counting. */
export function spots(nuclei: Nuclei, kinds: Uint8Array, mpp: number): Spot[] {
  const raster = new Raster(nuclei, kinds, mpp);
  if (raster.tumour < FEWEST) return [];
  for (const diameter of DIAMETERS) {
    const found = tried(nuclei, kinds, mpp, raster, diameter);
    if (found.length) return found.map((one) => spot(one, diameter / 2 / mpp));
  }
  return [];
}

/** Tumour nuclei and the positive ones of them in squares of GRID, as sums along each line. */
class Raster {
  readonly tumour: number;
  left = Infinity;
  top = Infinity;
  columns = 0;
  lines = 0;
  private _all = new Int32Array(0);
  private _hot = new Int32Array(0);

  constructor(nuclei: Nuclei, kinds: Uint8Array, mpp: number) {
    const { count, x, y } = nuclei;
    let [tumour, right, bottom] = [0, -Infinity, -Infinity];
    for (let i = 0; i < count; i++) {
      if (kinds[i]! > 3) continue;
      tumour++;
      this.left = Math.min(this.left, x[i]!);
      this.top = Math.min(this.top, y[i]!);
      right = Math.max(right, x[i]!);
      bottom = Math.max(bottom, y[i]!);
    }
    this.tumour = tumour;
    if (!tumour) return;
    // In single precision, as the server divides.
    const step = Math.fround(GRID / mpp);
    const cell = (at: number, from: number): number =>
      Math.floor(Math.fround(Math.fround(at - from) / step));
    this.columns = cell(right, this.left) + 1;
    this.lines = cell(bottom, this.top) + 1;
    const wide = this.columns + 1;
    this._all = new Int32Array(wide * this.lines);
    this._hot = new Int32Array(wide * this.lines);
    for (let i = 0; i < count; i++) {
      if (kinds[i]! > 3) continue;
      const at = cell(y[i]!, this.top) * wide + cell(x[i]!, this.left) + 1;
      this._all[at]!++;
      if (kinds[i]! > 0) this._hot[at]!++;
    }
    for (const sums of [this._all, this._hot]) {
      for (let line = 0; line < this.lines; line++) {
        for (let at = line * wide + 1; at < (line + 1) * wide; at++) sums[at]! += sums[at - 1]!;
      }
    }
  }

  /** The middle of a square, in level-0 pixels. */
  middle(at: number, mpp: number): Point {
    const line = Math.floor(at / this.columns);
    const column = at - line * this.columns;
    return [this.left + ((column + 0.5) * GRID) / mpp, this.top + ((line + 0.5) * GRID) / mpp];
  }

  /** All and positive nuclei of a disc around each square, whose halves are ``reach`` squares. */
  discs(reach: number): { all: Int32Array; hot: Int32Array } {
    const { columns, lines } = this;
    const wide = columns + 1;
    const all = new Int32Array(columns * lines);
    const hot = new Int32Array(columns * lines);
    for (let by = -reach; by <= reach; by++) {
      let half = 0;
      while (Math.hypot(half + 1, by) <= reach) half++;
      for (let line = Math.max(0, -by); line < Math.min(lines, lines - by); line++) {
        const from = (line + by) * wide;
        for (let column = 0; column < columns; column++) {
          const low = from + Math.max(0, column - half);
          const high = from + Math.min(columns, column + half + 1);
          const at = line * columns + column;
          all[at]! += this._all[high]! - this._all[low]!;
          hot[at]! += this._hot[high]! - this._hot[low]!;
        }
      }
    }
    return { all, hot };
  }
}

function tried(
  nuclei: Nuclei, kinds: Uint8Array, mpp: number, raster: Raster, diameter: number,
): Field[] {
  const { all, hot } = raster.discs(Math.round(diameter / GRID / 2));
  const share = new Float32Array(all.length);
  for (let at = 0; at < all.length; at++) {
    share[at] = all[at]! >= FEWEST ? hot[at]! / all[at]! : -1;
  }
  const found: Field[] = [];
  for (let exact = 0; exact < EXACT && found.length < MOST; exact++) {
    const best = highest(share, all);
    if (best < 0) break;
    share[best] = -1;
    const [x, y] = raster.middle(best, mpp);
    const one = counted(nuclei, kinds, x, y, diameter / 2 / mpp);
    if (one.total < FEWEST) continue;
    found.push(one);
    // What would overlap it is out.
    for (let at = 0; at < share.length; at++) {
      if (share[at]! < 0) continue;
      const [across, down] = raster.middle(at, mpp);
      if (Math.hypot(across - x, down - y) < diameter / mpp) share[at] = -1;
    }
  }
  return found.sort(
    (one, other) => other.positive / other.total - one.positive / one.total || other.total - one.total,
  );
}

/** The square with the highest share; of equal ones that with more nuclei, then the first. */
function highest(share: Float32Array, all: Int32Array): number {
  let best = -1;
  for (let at = 0; at < share.length; at++) {
    const one = share[at]!;
    if (one < 0) continue;
    if (best < 0 || one > share[best]! || (one === share[best] && all[at]! > all[best]!)) best = at;
  }
  return best;
}

/** A field counted nucleus by nucleus; runs that lie elsewhere are skipped. */
function counted(nuclei: Nuclei, kinds: Uint8Array, x: number, y: number, radius: number): Field {
  const { boxes, count, x: xs, y: ys } = nuclei;
  const [left, top, most] = [Math.fround(x), Math.fround(y), Math.fround(radius)];
  let [positive, total] = [0, 0];
  for (let run = 0; run * 4 < boxes.length; run++) {
    const at = run * 4;
    if (boxes[at]! > x + radius + 1 || boxes[at + 2]! < x - radius - 1) continue;
    if (boxes[at + 1]! > y + radius + 1 || boxes[at + 3]! < y - radius - 1) continue;
    for (let i = run * RUN; i < Math.min(count, (run + 1) * RUN); i++) {
      if (kinds[i]! > 3) continue;
      const across = Math.fround(xs[i]! - left);
      const down = Math.fround(ys[i]! - top);
      if (Math.fround(Math.sqrt(across * across + down * down)) > most) continue;
      total++;
      if (kinds[i]! > 0) positive++;
    }
  }
  return { x, y, positive, total };
}

function spot(one: Field, radius: number): Spot {
  const outline = Array.from({ length: CORNERS }, (_, at): Point => {
    const angle = (2 * Math.PI * at) / CORNERS;
    return [one.x + radius * Math.cos(angle), one.y + radius * Math.sin(angle)];
  });
  const region: Region = { kind: "hotspot", name: "", outline, holes: [] };
  const [low, high] = wilson(one.positive, one.total);
  const { positive, total } = one;
  return { region, positive, total, share: positive / total, low, high };
}
