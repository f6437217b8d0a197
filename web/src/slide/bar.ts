// Lengths on a slide: the bar of a round length, and what a ruler measures.
import type { Point } from "./outline";
import type { View } from "./painting";
import type { Panel } from "./panel";

/** A bar of a round length, as on a microscope's picture. */
export function showBar(panel: Panel, view: View, mpp: number | null): void {
  const bar = panel.one<HTMLElement>("scale");
  if (!bar) return;
  const most = (120 / view.scale) * (mpp ?? 1);
  const ten = 10 ** Math.floor(Math.log10(most));
  const round = [5, 2, 1].map((part) => part * ten).find((length) => length <= most) ?? ten;
  bar.style.width = `${(round / (mpp ?? 1)) * view.scale}px`;
  panel.say("scale", panel.length(round / (mpp ?? 1), mpp));
}

/** How far two places lie apart, in words. */
export function far(panel: Panel, mpp: Point | null, from: Point, to: Point): string {
  const [across, down] = [to[0] - from[0], to[1] - from[1]];
  if (!mpp) return panel.length(Math.hypot(across, down), null);
  return panel.length(Math.hypot(across * mpp[0], down * mpp[1]), 1);
}
