// Draws regions, notes, the ruler and what is being drawn, over the slide.
import type { Point, Region } from "./outline";
import type { View } from "./painting";
import type { Place } from "./place";

/** Stroke, fill and dashes of each kind of region; the same as in slide.css. */
const STYLES: Readonly<Record<string, readonly [string, string, readonly number[]]>> = {
  tissue: ["#0a5a66", "", [10, 5]],
  tumour: ["#a3131f", "rgba(163,19,31,0.08)", []],
  stroma: ["#17643a", "rgba(23,100,58,0.08)", [4, 3]],
  gland: ["#563a96", "", []],
  necrosis: ["#3d3d3d", "rgba(0,0,0,0.15)", [2, 2]],
  front: ["#8a3800", "rgba(138,56,0,0.10)", [8, 4]],
  hotspot: ["#c026d3", "", []],
  fold: ["#111111", "rgba(255,210,0,0.25)", [3, 3]],
  pen: ["#111111", "rgba(0,120,255,0.25)", [3, 3]],
  blur: ["#111111", "rgba(255,255,255,0.35)", [3, 3]],
  drawn: ["#0a5a66", "rgba(10,90,102,0.10)", []],
  excluded: ["#111111", "rgba(0,0,0,0.30)", [6, 4]],
};
const OTHERWISE = ["#111111", "", []] as const;

/** One outline with its name. ``bold`` for what a person drew. */
export function drawRegion(
  context: CanvasRenderingContext2D, view: View, region: Region, bold: boolean, label = "",
): void {
  const [stroke, fill, dashes] = STYLES[region.kind] ?? OTHERWISE;
  context.save();
  context.beginPath();
  for (const ring of [region.outline, ...region.holes]) trace(context, view, ring, true);
  if (fill) {
    context.fillStyle = fill;
    context.fill("evenodd");
  }
  line(context, stroke, bold ? 3 : 2, dashes);
  const first = region.outline[0];
  if (label && first) tag(context, at(view, first), label, stroke);
  context.restore();
}

/** Keeps what is drawn next within these regions; anywhere, where there are none. */
export function clipTo(
  context: CanvasRenderingContext2D, view: View, regions: readonly Region[],
): void {
  if (!regions.length) return;
  context.beginPath();
  for (const region of regions) {
    for (const ring of [region.outline, ...region.holes]) trace(context, view, ring, true);
  }
  context.clip("evenodd");
}

/** The corners of a region before it is closed, and where the next would be. */
export function drawSketch(
  context: CanvasRenderingContext2D, view: View, corners: readonly Point[], next: Point | null,
): void {
  if (!corners.length) return;
  context.save();
  context.beginPath();
  trace(context, view, next ? [...corners, next] : corners, false);
  line(context, "#0a5a66", 2, []);
  for (const corner of corners.length < 400 ? corners : []) {
    const [x, y] = at(view, corner);
    context.fillStyle = "#ffffff";
    context.fillRect(x - 3, y - 3, 6, 6);
    context.strokeRect(x - 3, y - 3, 6, 6);
  }
  context.restore();
}

/** A measured distance with its length in words. */
export function drawRuler(
  context: CanvasRenderingContext2D, view: View, from: Point, to: Point, said: string,
): void {
  context.save();
  context.beginPath();
  trace(context, view, [from, to], false);
  line(context, "#111111", 2, []);
  const [x1, y1] = at(view, from);
  const [x2, y2] = at(view, to);
  const along = Math.atan2(y2 - y1, x2 - x1) + Math.PI / 2;
  for (const [x, y] of [[x1, y1], [x2, y2]] as const) {
    context.beginPath();
    context.moveTo(x - 6 * Math.cos(along), y - 6 * Math.sin(along));
    context.lineTo(x + 6 * Math.cos(along), y + 6 * Math.sin(along));
    line(context, "#111111", 2, []);
  }
  tag(context, [(x1 + x2) / 2, (y1 + y2) / 2], said, "#111111");
  context.restore();
}

/** A note's number where it was put. */
export function drawNote(
  context: CanvasRenderingContext2D, view: View, place: Point, text: string,
): void {
  context.save();
  tag(context, at(view, place), text, "#563a96");
  context.restore();
}

/** A frame around the place that a link named. */
export function drawFrame(context: CanvasRenderingContext2D, view: View, place: Place): void {
  const [left, top] = at(view, [place.left, place.top]);
  context.save();
  context.beginPath();
  context.rect(left, top, place.width * view.scale, place.height * view.scale);
  line(context, "#0a5a66", 3, [12, 4]);
  context.restore();
}

/** Where the keys act: the middle of the view. */
export function drawCross(context: CanvasRenderingContext2D, view: View): void {
  const [x, y] = [view.width / 2, view.height / 2];
  context.save();
  context.beginPath();
  context.moveTo(x - 10, y);
  context.lineTo(x + 10, y);
  context.moveTo(x, y - 10);
  context.lineTo(x, y + 10);
  line(context, "#111111", 1, []);
  context.restore();
}

function at(view: View, point: Point): [number, number] {
  return [(point[0] - view.left) * view.scale, (point[1] - view.top) * view.scale];
}

function trace(
  context: CanvasRenderingContext2D, view: View, ring: readonly Point[], closed: boolean,
): void {
  ring.forEach((point, index) => {
    const [x, y] = at(view, point);
    if (index) context.lineTo(x, y);
    else context.moveTo(x, y);
  });
  if (closed) context.closePath();
}

/** A white edge below every line, so that it is seen on dark and on light tissue. */
function line(
  context: CanvasRenderingContext2D, colour: string, width: number, dashes: readonly number[],
): void {
  context.lineJoin = "round";
  context.setLineDash([]);
  context.strokeStyle = "rgba(255,255,255,0.85)";
  context.lineWidth = width + 2;
  context.stroke();
  context.setLineDash([...dashes]);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function tag(
  context: CanvasRenderingContext2D, place: readonly [number, number], text: string, colour: string,
): void {
  context.font = "600 13px system-ui, sans-serif";
  const width = context.measureText(text).width + 10;
  context.setLineDash([]);
  context.fillStyle = "rgba(255,255,255,0.92)";
  context.fillRect(place[0] + 4, place[1] - 22, width, 20);
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.strokeRect(place[0] + 4, place[1] - 22, width, 20);
  context.fillStyle = colour;
  context.fillText(text, place[0] + 9, place[1] - 8);
}
