// The picture: tiles by OpenSeadragon, and above them nuclei, heat maps and outlines in step.
import OpenSeadragon from "openseadragon";
import type { Point } from "./outline";
import type { View } from "./painting";
import type { Place } from "./place";
import type { Floor, Told } from "./told";

/** Micrometres of a nucleus's breadth as it is drawn. */
const NUCLEUS = 7;

/** The viewer and its two layers; ``draw`` is called whenever anything moved. */
export class Scene {
  readonly viewer: OpenSeadragon.Viewer;
  readonly outlines = document.createElement("canvas");
  private _asked = false;

  constructor(
    place: HTMLElement,
    private readonly told: Told,
    private readonly draw: (view: View) => void,
  ) {
    this.viewer = OpenSeadragon({
      element: place,
      drawer: "canvas",
      showNavigationControl: false,
      showNavigator: true,
      navigatorPosition: "BOTTOM_LEFT",
      navigatorSizeRatio: 0.16,
      animationTime: 0.35,
      springStiffness: 9,
      maxZoomPixelRatio: 8,
      visibilityRatio: 0.4,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: false },
      crossOriginPolicy: false,
      tileSources: source(told),
    });
    // The page has keys of its own: see islands/slide.ts.
    this.viewer.addHandler("canvas-key", (event) => {
      event.preventDefaultAction = true;
    });
    this.viewer.canvas.setAttribute("role", "application");
    this.viewer.canvas.setAttribute("aria-label", place.dataset["name"] ?? "");
    this.outlines.className = "slide-layer";
    this.viewer.canvas.append(this.outlines);
    this.viewer.addHandler("update-viewport", () => this._draw());
    this.viewer.addHandler("open", () => this.redraw());
    this.viewer.addHandler("resize", () => this.redraw());
  }

  /** Puts a layer of nuclei below the outlines. */
  under(canvas: HTMLCanvasElement): void {
    canvas.className = "slide-layer";
    this.outlines.before(canvas);
    this.redraw();
  }

  view(): View {
    const { viewport } = this.viewer;
    const bounds = viewport.getBounds(true);
    const { x: width, y: height } = viewport.getContainerSize();
    const whole = this.told.width;
    const scale = width / (bounds.width * whole);
    return { left: bounds.x * whole, top: bounds.y * whole, scale, width, height };
  }

  /** Draws soon, once, however often it is asked. */
  redraw(): void {
    if (this._asked) return;
    this._asked = true;
    requestAnimationFrame(() => {
      this._asked = false;
      this._draw();
    });
  }

  placeOf(event: { offsetX: number; offsetY: number }): Point {
    const view = this.view();
    return [view.left + event.offsetX / view.scale, view.top + event.offsetY / view.scale];
  }

  middle(): Point {
    const view = this.view();
    return this.placeOf({ offsetX: view.width / 2, offsetY: view.height / 2 });
  }

  zoom(factor: number, at?: { offsetX: number; offsetY: number }): void {
    const { viewport } = this.viewer;
    const point = at && viewport.pointFromPixel(new OpenSeadragon.Point(at.offsetX, at.offsetY));
    viewport.zoomBy(factor, point);
    viewport.applyConstraints();
  }

  pan(across: number, down: number): void {
    const { viewport } = this.viewer;
    const view = this.view();
    viewport.panBy(
      viewport.deltaPointsFromPixels(
        new OpenSeadragon.Point(across * view.width, down * view.height),
      ),
    );
    viewport.applyConstraints();
  }

  home(): void {
    this.viewer.viewport.goHome();
  }

  /** Goes to a place at once, as soon as the slide is there. */
  visit(place: Place): void {
    const go = (): void =>
      this.show(place.left, place.top, place.left + place.width, place.top + place.height, true);
    if (this.viewer.isOpen()) go();
    else this.viewer.addOnceHandler("open", go);
  }

  /** Shows a rectangle of level-0 pixels. */
  show(left: number, top: number, right: number, bottom: number, immediately = false): void {
    const whole = this.told.width;
    const air = 0.15 * Math.max(right - left, bottom - top);
    this.viewer.viewport.fitBounds(
      new OpenSeadragon.Rect(
        (left - air) / whole, (top - air) / whole,
        (right - left + 2 * air) / whole, (bottom - top + 2 * air) / whole,
      ),
      immediately,
    );
  }

  /** The breadth at which a nucleus is drawn in this view, in pixels of the picture. */
  breadth(view: View): number {
    return (NUCLEUS / (this.told.mpp?.[0] ?? 0.5)) * view.scale;
  }

  private _draw(): void {
    if (!this.viewer.world.getItemCount()) return;
    const view = this.view();
    const [width, height] = [Math.round(view.width), Math.round(view.height)];
    if (this.outlines.width !== width || this.outlines.height !== height) {
      this.outlines.width = width;
      this.outlines.height = height;
    }
    this.draw(view);
  }
}

function source(told: Told): object {
  const floor = (level: number): Floor => told.levels[level]!;
  return {
    width: told.width,
    height: told.height,
    tileSize: floor(told.levels.length - 1).tile_width,
    tileOverlap: 0,
    minLevel: 0,
    maxLevel: told.levels.length - 1,
    getLevelScale: (level: number) => 1 / floor(level).downsample,
    getNumTiles: (level: number) => new OpenSeadragon.Point(floor(level).columns, floor(level).rows),
    getTileWidth: (level: number) => floor(level).tile_width,
    getTileHeight: (level: number) => floor(level).tile_height,
    getTileUrl: (level: number, column: number, row: number) =>
      `${told.tiles}/${level}/${column}/${row}`,
  };
}
