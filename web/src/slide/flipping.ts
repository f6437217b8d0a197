// What a click on a nucleus says of it, and what kinds of cells stand once people said so.
import type { Nuclei } from "./columns";
import type { Corrections, Flipped } from "./history";
import type { Tool } from "./tools";

/** Types of nuclei on H&E, as the server numbers them. */
const TUMOUR = 1;
export const INFLAMMATORY = 2;
const OTHER = 5;

/** The change of a nucleus that is painted as ``kind`` now; on H&E (``typed``) kinds are types. */
export function flipOf(tool: Tool, kind: number, typed: boolean): Omit<Flipped, "indices"> {
  if (typed) {
    const wanted = tool === "tumour" ? TUMOUR : INFLAMMATORY;
    return { type: kind === wanted ? OTHER : wanted };
  }
  if (tool === "tumour") return { tumour: kind > 3 };
  return kind > 3 ? { positive: true, tumour: true } : { positive: kind === 0 };
}

/** Writes the types that stand under these corrections into ``types``. */
export function retype(types: Uint8Array, nuclei: Nuclei, made: Corrections): void {
  types.set(nuclei.type);
  for (const [nucleus, flip] of made.flips) {
    if (nucleus < types.length && flip.type !== null) types[nucleus] = flip.type;
  }
}
