// Reads the nuclei of a slide: one binary answer, a column for each quantity, no object a nucleus.

/** Everything that is known of each nucleus, by its number; positions are level-0 pixels. */
export interface Nuclei {
  readonly count: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly stain: Float32Array;
  readonly tumour: Float32Array;
  readonly area: Float32Array;
  readonly type: Uint8Array;
  /** Smallest and largest x and y of each run of ``RUN`` nuclei, four numbers each. */
  readonly boxes: Float32Array;
}

export const RUN = 1024;
const MAGIC = "CSN1";
const FLOATS = ["x", "y", "stain", "tumour", "area"] as const;

/** Takes the answer apart without copying it. Throws where it is no such answer. */
export function readColumns(answer: ArrayBuffer): Nuclei {
  const head = new Uint8Array(answer, 0, 8);
  if (String.fromCharCode(...head.subarray(0, 4)) !== MAGIC) throw new Error("no nuclei");
  const length = new DataView(answer).getUint32(4, true);
  const { count } = JSON.parse(new TextDecoder().decode(new Uint8Array(answer, 8, length))) as {
    count: number;
  };
  let at = 8 + length;
  const floats = new Map<string, Float32Array>();
  for (const name of FLOATS) {
    floats.set(name, new Float32Array(answer, at, count));
    at += count * 4;
  }
  const column = (name: (typeof FLOATS)[number]): Float32Array => floats.get(name)!;
  const [x, y] = [column("x"), column("y")];
  return {
    count, x, y,
    stain: column("stain"),
    tumour: column("tumour"),
    area: column("area"),
    type: new Uint8Array(answer, at, count),
    boxes: boxes(x, y),
  };
}

/** Nuclei come tile by tile, so that a run of them lies close together and is skipped as one. */
function boxes(x: Float32Array, y: Float32Array): Float32Array {
  const runs = Math.ceil(x.length / RUN);
  const found = new Float32Array(runs * 4);
  for (let run = 0; run < runs; run++) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    const end = Math.min(x.length, (run + 1) * RUN);
    for (let i = run * RUN; i < end; i++) {
      left = Math.min(left, x[i]!);
      right = Math.max(right, x[i]!);
      top = Math.min(top, y[i]!);
      bottom = Math.max(bottom, y[i]!);
    }
    found.set([left, top, right, bottom], run * 4);
  }
  return found;
}
