// What the pointer and the keys do over the slide: draw, measure, name a place, flip a nucleus.
import type { Point } from "./outline";

export type Tool = "pan" | "polygon" | "freehand" | "ruler" | "note" | "flip" | "tumour";
export const TOOLS: readonly Tool[] = [
  "pan", "polygon", "freehand", "ruler", "note", "flip", "tumour",
];

/** What tools tell the viewer. */
export interface Asked {
  /** A place of the picture as a place of the slide. */
  place(event: { offsetX: number; offsetY: number }): Point;
  /** The middle of what is seen. */
  middle(): Point;
  /** Pixels of the slide that one pixel of the picture stands for. */
  grain(): number;
  zoom(factor: number, at: { offsetX: number; offsetY: number }): void;
  drawn(outline: readonly Point[]): void;
  picked(at: Point, tool: Tool): void;
  redraw(): void;
}

const NEAR = 8;

/** Keeps what is being drawn; one tool at a time. */
export class Tools {
  tool: Tool = "pan";
  corners: Point[] = [];
  next: Point | null = null;
  ruler: readonly [Point, Point] | null = null;
  /** Whether the keys were used last, so that the middle is marked. */
  keys = false;
  private _dragging = false;

  constructor(
    private readonly layer: HTMLElement,
    private readonly asked: Asked,
  ) {
    // The picture below must not take the pointer as well, or it would be dragged along.
    const own = (name: "pointerdown" | "pointermove" | "pointerup" | "pointercancel",
      act: (event: PointerEvent) => void): void =>
      layer.addEventListener(name, (event) => {
        event.stopPropagation();
        act(event);
      });
    own("pointerdown", (event) => this._down(event));
    own("pointermove", (event) => this._move(event));
    own("pointerup", () => this._up());
    own("pointercancel", () => this._up());
    layer.addEventListener("dblclick", () => this.close());
    layer.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        asked.zoom(event.deltaY < 0 ? 1.25 : 0.8, event);
      },
      { passive: false },
    );
  }

  choose(tool: Tool): void {
    this.tool = tool;
    this.corners = [];
    this.next = null;
    this._dragging = false;
    this.layer.classList.toggle("slide-tool", tool !== "pan");
    this.asked.redraw();
  }

  /** Space, Enter, Backspace and Escape; whether the key was for a tool. */
  key(key: string): boolean {
    if (this.tool === "pan") return false;
    if (key === "Escape") {
      if (this.corners.length || this.ruler) this._drop();
      else return false;
    } else if (key === " ") {
      this.keys = true;
      this._step(this.asked.middle());
    } else if (key === "Enter" && this.corners.length) this.close();
    else if (key === "Backspace" && this.corners.length) this.corners.pop();
    else return false;
    this.asked.redraw();
    return true;
  }

  /** Closes what is drawn, if it encloses anything. */
  close(): void {
    const corners = thinned(this.corners, this.asked.grain());
    this._drop();
    if (corners.length > 2) this.asked.drawn(corners);
    this.asked.redraw();
  }

  private _drop(): void {
    this.corners = [];
    this.next = null;
    this.ruler = null;
  }

  private _down(event: PointerEvent): void {
    if (event.button !== 0 || this.tool === "pan") return;
    this.layer.closest<HTMLElement>("[tabindex]")?.focus({ preventScroll: true });
    this.keys = false;
    const at = this.asked.place(event);
    if (this.tool === "freehand" || this.tool === "ruler") {
      this.layer.setPointerCapture(event.pointerId);
      this._dragging = true;
      this.corners = this.tool === "freehand" ? [at] : [];
      this.ruler = this.tool === "ruler" ? [at, at] : null;
    } else this._step(at);
    this.asked.redraw();
  }

  private _step(at: Point): void {
    if (this.tool === "polygon" || this.tool === "freehand") {
      const [first] = this.corners;
      const grain = this.asked.grain();
      const closes = first && this.corners.length > 2 && apart(first, at) < NEAR * grain;
      if (closes) return this.close();
      const last = this.corners.at(-1);
      if (!last || apart(last, at) > grain) this.corners.push(at);
    } else if (this.tool === "ruler") {
      this.ruler = this.ruler && this.ruler[0] === this.ruler[1] ? [this.ruler[0], at] : [at, at];
    } else this.asked.picked(at, this.tool);
  }

  private _move(event: PointerEvent): void {
    if (this.tool === "pan") return;
    const at = this.asked.place(event);
    if (this._dragging && this.tool === "freehand") {
      const last = this.corners.at(-1);
      if (!last || apart(last, at) > 3 * this.asked.grain()) this.corners.push(at);
    } else if (this._dragging && this.ruler) this.ruler = [this.ruler[0], at];
    else if (this.tool === "polygon" && this.corners.length) this.next = at;
    else return;
    this.asked.redraw();
  }

  private _up(): void {
    if (!this._dragging) return;
    this._dragging = false;
    if (this.tool === "freehand") this.close();
  }
}

function apart(one: Point, other: Point): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1]);
}

/** Without corners that lie on one another, and in tenths of a pixel. */
function thinned(corners: readonly Point[], grain: number): Point[] {
  const found: Point[] = [];
  for (const [x, y] of corners) {
    // As exact as the server keeps them, so that both count the same nuclei at an edge.
    const point: Point = [Math.fround(Math.round(x * 10) / 10), Math.fround(Math.round(y * 10) / 10)];
    const last = found.at(-1);
    if (!last || apart(last, point) > grain / 2) found.push(point);
  }
  return found;
}
