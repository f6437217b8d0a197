// Which nuclei lie inside an outline: edges by bands of y, so that a long outline stays quick.

export type Point = readonly [number, number];

/** An area with holes; ``kind`` as the slide's findings name it. Level-0 pixels. */
export interface Region {
  readonly kind: string;
  readonly name: string;
  readonly outline: readonly Point[];
  readonly holes: readonly (readonly Point[])[];
}

const BANDS = 256;

/** Tells of a point whether it lies inside ``region`` (even-odd, so holes come by themselves). */
export function inside(region: Region): (x: number, y: number) => boolean {
  const rings = [region.outline, ...region.holes].filter((ring) => ring.length > 2);
  const all = rings.flat();
  const left = Math.min(...all.map((point) => point[0]));
  const right = Math.max(...all.map((point) => point[0]));
  const top = Math.min(...all.map((point) => point[1]));
  const bottom = Math.max(...all.map((point) => point[1]));
  const high = (bottom - top) / BANDS || 1;
  const bands: number[][] = Array.from({ length: BANDS }, () => []);
  for (const ring of rings) {
    ring.forEach((from, at) => {
      const to = ring[(at + 1) % ring.length]!;
      const first = Math.floor((Math.min(from[1], to[1]) - top) / high);
      const last = Math.floor((Math.max(from[1], to[1]) - top) / high);
      for (let band = first; band <= Math.min(last, BANDS - 1); band++) {
        bands[band]!.push(from[0], from[1], to[0], to[1]);
      }
    });
  }
  return (x, y) => {
    if (x < left || x > right || y < top || y > bottom) return false;
    const edges = bands[Math.min(BANDS - 1, Math.floor((y - top) / high))]!;
    let odd = false;
    for (let i = 0; i < edges.length; i += 4) {
      const y1 = edges[i + 1]!;
      const y2 = edges[i + 3]!;
      if (y1 > y !== y2 > y) {
        const x1 = edges[i]!;
        if (x < ((edges[i + 2]! - x1) * (y - y1)) / (y2 - y1) + x1) odd = !odd;
      }
    }
    return odd;
  };
}

/** Whether an outline lies wholly beside a slide of this size. */
export function beside(outline: readonly Point[], width: number, height: number): boolean {
  const all = (out: (point: Point) => boolean): boolean => outline.every(out);
  return (
    all(([x]) => x <= 0) || all(([x]) => x >= width) ||
    all(([, y]) => y <= 0) || all(([, y]) => y >= height)
  );
}

const LINES = 1024;

/** Square micrometres, or square pixels where ``mpp`` is not known: of what nuclei count in
 * (even-odd), also where an outline crosses itself, along LINES lines. */
export function areaOf(region: Region, mpp: readonly [number, number] | null): number {
  const [across, down] = mpp ?? [1, 1];
  const rings = [region.outline, ...region.holes];
  const heights = rings.flat().map((point) => point[1]);
  const top = heights.reduce((least, one) => Math.min(least, one), Infinity);
  const high = (heights.reduce((most, one) => Math.max(most, one), -Infinity) - top) / LINES;
  if (!(high > 0)) return 0;
  const crossed: number[][] = Array.from({ length: LINES }, () => []);
  for (const ring of rings) {
    ring.forEach(([x1, y1], at) => {
      const [x2, y2] = ring[(at + 1) % ring.length]!;
      const line = (y: number): number => Math.ceil((y - top) / high - 0.5);
      for (let one = line(Math.min(y1, y2)); one < line(Math.max(y1, y2)); one++) {
        crossed[one]?.push(x1 + ((x2 - x1) * (top + (one + 0.5) * high - y1)) / (y2 - y1));
      }
    });
  }
  let within = 0;
  for (const line of crossed) {
    line.sort((one, other) => one - other).forEach((x, at) => { within += at % 2 ? x : -x; });
  }
  // Where it does not cross itself the corners say it exactly, within half a band along each edge.
  const [exact, doubt] = byCorners(rings);
  const counted = within * high;
  return (Math.abs(exact - counted) <= (doubt * high) / 2 ? exact : counted) * across * down;
}

/** The area of the first ring without the others, and how far all edges go across. */
function byCorners(rings: readonly (readonly Point[])[]): [number, number] {
  let [area, far] = [0, 0];
  rings.forEach((ring, number) => {
    let twice = 0;
    ring.forEach(([x1, y1], at) => {
      const [x2, y2] = ring[(at + 1) % ring.length]!;
      twice += x1 * y2 - x2 * y1;
      far += Math.abs(x2 - x1);
    });
    area += (number ? -1 : 1) * Math.abs(twice) / 2;
  });
  return [area, far];
}
