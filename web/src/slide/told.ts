// What the server tells of a slide before any nucleus: its size, its rules, its regions.
import type { Change, Step } from "./history";
import type { Point, Region } from "./outline";
import type { Rules } from "./counting";
import type { Figures, Row } from "./saving";

/** How many pixels of level 0 one of its own stands for, and how it is cut into tiles. */
export interface Floor {
  readonly downsample: number;
  readonly tile_width: number;
  readonly tile_height: number;
  readonly columns: number;
  readonly rows: number;
}

export interface Told {
  readonly width: number;
  readonly height: number;
  /** The floors of the pyramid as the tile route numbers them, the smallest first. */
  readonly levels: readonly Floor[];
  readonly mpp: Point | null;
  readonly tiles: string;
  readonly nuclei: string | null;
  readonly run: string | null;
  readonly analysis: "ki67" | "he" | null;
  readonly rules: Rules;
  readonly regions: readonly Region[];
  readonly corrections: readonly (Change & { readonly number: number })[];
  readonly save: string | null;
  readonly figures: Figures | null;
  readonly rows: readonly Row[];
}

export async function told(address: string): Promise<Told> {
  const answer = await fetch(address, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as Told;
}

/** The corrections that stand, as steps. */
export function stepsOf(given: Told): Step[] {
  return given.corrections.map(({ number, ...change }) => ({ change: change as Change, number }));
}
