// Heat maps from the nuclei themselves: how dense the positive ones are, how likely tumour is.
import type { Nuclei } from "./columns";
import type { View } from "./painting";

type Weigh = (i: number) => number;

/** One value for each square of ``square`` level-0 pixels, as a small picture. */
export class Heat {
  private readonly _picture = document.createElement("canvas");

  /** ``weigh`` says what a nucleus adds; ``mean`` divides by how many there are. */
  constructor(
    private readonly square: number,
    width: number,
    height: number,
    nuclei: Nuclei,
    weigh: Weigh,
    mean: boolean,
  ) {
    const across = Math.max(1, Math.ceil(width / square));
    const down = Math.max(1, Math.ceil(height / square));
    const sums = new Float32Array(across * down);
    const counts = new Uint32Array(across * down);
    for (let i = 0; i < nuclei.count; i++) {
      const column = Math.min(across - 1, Math.max(0, (nuclei.x[i]! / square) | 0));
      const row = Math.min(down - 1, Math.max(0, (nuclei.y[i]! / square) | 0));
      const at = row * across + column;
      sums[at]! += weigh(i);
      counts[at]!++;
    }
    let most = 0;
    for (let at = 0; at < sums.length; at++) {
      if (mean && counts[at]) sums[at]! /= counts[at]!;
      most = Math.max(most, sums[at]!);
    }
    this._fill(across, down, sums, mean ? 1 : most);
  }

  draw(context: CanvasRenderingContext2D, view: View): void {
    const { width, height } = this._picture;
    const side = this.square * view.scale;
    context.imageSmoothingEnabled = true;
    context.drawImage(
      this._picture, -view.left * view.scale, -view.top * view.scale, width * side, height * side,
    );
  }

  private _fill(across: number, down: number, values: Float32Array, most: number): void {
    this._picture.width = across;
    this._picture.height = down;
    const context = this._picture.getContext("2d")!;
    const image = context.createImageData(across, down);
    values.forEach((value, at) => {
      const part = most ? Math.min(1, value / most) : 0;
      image.data.set([...warmth(part), part ? 60 + 130 * part : 0], at * 4);
    });
    context.putImageData(image, 0, 0);
  }
}

/** From dark violet over red to yellow: lightness rises all the way, so it is read without hue. */
function warmth(part: number): [number, number, number] {
  const stops = [[59, 15, 112], [183, 55, 121], [252, 137, 97], [252, 253, 191]] as const;
  const at = Math.min(2.999, part * 3);
  const [from, to, rest] = [stops[at | 0]!, stops[(at | 0) + 1]!, at % 1];
  const mix = (n: 0 | 1 | 2): number => from[n] + (to[n] - from[n]) * rest;
  return [mix(0), mix(1), mix(2)];
}
