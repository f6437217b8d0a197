// Two ways of drawing every nucleus, and which of them is quick on this machine.
import type { Nuclei } from "./columns";
import { RasterPainter } from "./raster";
import { WebglPainter } from "./webgl";

/** Which part of the slide is seen: picture = (level-0 pixel - left or top) × scale. */
export interface View {
  readonly left: number;
  readonly top: number;
  readonly scale: number;
  readonly width: number;
  readonly height: number;
}

export interface Painter {
  readonly canvas: HTMLCanvasElement;
  readonly way: "webgl" | "canvas";
  /** Takes new kinds (0–5, one for each nucleus). */
  recolour(kinds: Uint8Array): void;
  /** Draws; ``size`` is a nucleus's breadth in pixels of the picture. */
  paint(view: View, size: number): void;
  clear(): void;
}

/** Red, green, blue and opacity of each kind; the same as in slide.css. */
export const COLOURS: readonly (readonly [number, number, number, number])[] = [
  [43, 108, 196, 255],
  [214, 168, 0, 255],
  [224, 96, 0, 255],
  [163, 19, 31, 255],
  [84, 112, 98, 220],
  [120, 128, 134, 90],
];

/** The same for nuclei of an H&E slide, by type: untyped, tumour, inflammatory, stromal, … */
export const TYPES: readonly (readonly [number, number, number, number])[] = [
  [120, 128, 134, 200],
  [163, 19, 31, 255],
  [43, 108, 196, 255],
  [23, 100, 58, 255],
  [224, 96, 0, 255],
  [86, 58, 150, 255],
];

const SLOW = 25;

export interface Chosen {
  readonly painter: Painter;
  /** Why it is not the graphics card: none here, or slower than the processor; null where it is. */
  readonly without: "none" | "slow" | null;
}

/** The graphics card where it draws a picture within SLOW ms, else the processor. ``wanted`` decides
 * for measurements. */
export function choosePainter(
  nuclei: Nuclei, kinds: Uint8Array, colours: typeof COLOURS, wanted: string,
): Chosen {
  const raster = (): Painter => new RasterPainter(nuclei, kinds, colours);
  if (wanted === "canvas") return { painter: raster(), without: "none" };
  const webgl = WebglPainter.open(nuclei, kinds, colours);
  if (!webgl) return { painter: raster(), without: "none" };
  if (wanted === "webgl" || webgl.milliseconds() <= SLOW) return { painter: webgl, without: null };
  webgl.close();
  return { painter: raster(), without: "slow" };
}
