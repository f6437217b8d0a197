// One slide on the page: what is shown, what is changed, and the index that follows at once.
import { far, showBar } from "./bar";
import { readColumns, type Nuclei } from "./columns";
import { Counting, type Count } from "./counting";
import { flipOf, INFLAMMATORY, retype } from "./flipping";
import { Heat } from "./heat";
import { History, type Change, type Step } from "./history";
import { spots, type Spot } from "./hotspot";
import { beside, type Point, type Region } from "./outline";
import { clipTo, drawCross, drawFrame, drawRegion, drawRuler, drawSketch } from "./outlines";
import { choosePainter, COLOURS, TYPES, type Painter, type View } from "./painting";
import type { Panel } from "./panel";
import type { Place } from "./place";
import { listRegions } from "./regions";
import { Saving, type Confirmed, type Kept } from "./saving";
import { Scene } from "./scene";
import { stepsOf, type Told } from "./told";
import { Tools, type Tool } from "./tools";

/** Kinds of regions under each layer; every other is always shown. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  tissue: ["tissue", "stroma", "necrosis"],
  artefacts: ["fold", "pen", "blur"],
  tumour: ["tumour"],
  glands: ["gland", "front"],
  hotspots: ["hotspot"],
};
/** Micrometres of a square of the heat maps. */
const SQUARE = 100;
/** Micrometres of a pixel where the slide does not say; as the server takes them. */
const UNKNOWN = 0.5;

export class SlideViewer {
  private readonly _scene: Scene;
  private readonly _tools: Tools;
  private readonly _history: History;
  private readonly _saving: Saving | null;
  private _nuclei: Nuclei | null = null;
  private _counting: Counting | null = null;
  private _painter: Painter | null = null;
  private _count: Count | null = null;
  private _regions: Count[] = [];
  private _spots: Spot[] = [];
  private _types = new Uint8Array(0);
  private _own: readonly Region[];
  private _frame: Place | null = null;
  private _threshold: number | null = null;
  private _heats = new Map<string, Heat>();
  private _layers = new Set<string>();
  private _pending: readonly Point[] | null = null;

  constructor(
    place: HTMLElement,
    private readonly told: Told,
    private readonly panel: Panel,
    private readonly wanted: string,
  ) {
    this._history = new History(stepsOf(told));
    this._own = told.regions;
    this._scene = new Scene(place, told, (view) => this._draw(view));
    this._tools = new Tools(this._scene.outlines, {
      place: (event) => this._scene.placeOf(event),
      middle: () => this._scene.middle(),
      grain: () => 1 / this._scene.view().scale,
      zoom: (factor, at) => this._scene.zoom(factor, at),
      drawn: (outline) => this._drawn(outline),
      picked: (at, tool) => this._picked(at, tool),
      redraw: () => this._scene.redraw(),
    });
    this._saving =
      told.save && told.run
        ? new Saving(told.save, told.run, (state, answer, why) => this._heard(state, answer, why))
        : null;
    for (const box of panel.all<HTMLInputElement>("layer")) if (box.checked) this._layers.add(box.value);
  }

  get scene(): Scene {
    return this._scene;
  }

  get tools(): Tools {
    return this._tools;
  }

  get editable(): boolean {
    return this._saving !== null;
  }

  /** Whether something that was changed is not on the server yet. */
  get pending(): boolean {
    return this._threshold !== null || (this._saving?.pending ?? false);
  }

  get count(): number {
    return this._nuclei?.count ?? 0;
  }

  get way(): string {
    return this._painter?.way ?? "";
  }

  get picture(): HTMLCanvasElement | null {
    return this._painter?.canvas ?? null;
  }

  /** Fetches the nuclei and begins to draw and to count them. */
  async begin(): Promise<void> {
    if (!this.told.nuclei) return;
    const answer = await fetch(this.told.nuclei);
    if (!answer.ok) throw new Error(String(answer.status));
    const nuclei = readColumns(await answer.arrayBuffer());
    this._nuclei = nuclei;
    this._counting = new Counting(nuclei, this.told.rules);
    this._types = new Uint8Array(nuclei.count);
    this._recount();
    this._empty();
    this.panel.rows(this.told.rows);
    const colours = this._typed ? TYPES : COLOURS;
    const { painter, without } = choosePainter(nuclei, this._kinds, colours, this.wanted);
    this._painter = painter;
    this.panel.shown("no-webgl", without === "none");
    this.panel.shown("slow-webgl", without === "slow");
    this._scene.under(painter.canvas);
    painter.canvas.addEventListener("webglcontextlost", () => this._withoutCard(nuclei, colours));
    if (this._count && !this._typed) {
      this.panel.confirmed("saved", this.told.figures, this._count, "");
    }
  }

  /** A graphics card that is taken away, as by sleep, would leave a slide without nuclei. */
  private _withoutCard(nuclei: Nuclei, colours: typeof COLOURS): void {
    const { painter } = choosePainter(nuclei, this._kinds, colours, "canvas");
    this._painter?.canvas.remove();
    this._painter = painter;
    this.panel.shown("no-webgl", true);
    this._scene.under(painter.canvas);
  }

  /** On H&E nuclei are painted by the kind of cell, else by what they count as. */
  private get _typed(): boolean {
    return this.told.analysis === "he";
  }

  private get _kinds(): Uint8Array {
    return this._typed ? this._types : (this._counting?.kinds ?? this._types);
  }

  /** Shows a place that a link names, with a frame around it; null takes the frame away. */
  visit(place: Place | null): void {
    this._frame = place;
    if (place) this._scene.visit(place);
    this._scene.redraw();
  }

  /** Shows the hottest field. */
  showHotspot(): void {
    const [spot] = this._spots;
    if (spot) this._look(spot.region);
  }

  private _heard(state: Kept, answer: Confirmed | null, why: string): void {
    if (this._typed) this.panel.kept(state, why);
    else if (this._count) this.panel.confirmed(state, answer?.figures ?? null, this._count, why);
    if (state === "saved") this.panel.shown("unkept", false);
    if (!answer) return;
    this.panel.rows(answer.rows);
    this.panel.limits(answer.limits);
    if (answer.regions) this._own = answer.regions;
    this._empty();
    this._scene.redraw();
  }

  layer(name: string, shown: boolean): void {
    if (shown) this._layers.add(name);
    else this._layers.delete(name);
    this._scene.redraw();
  }

  /** While the threshold is dragged: counted at once, kept only by ``keepThreshold``. */
  tryThreshold(value: number): void {
    this._threshold = value;
    this._recount();
  }

  keepThreshold(value: number): void {
    this._threshold = null;
    if (value !== (this._history.now.threshold ?? this.told.rules.positive)) {
      this._change({ kind: "threshold", value: { value } });
    } else this._recount();
  }

  /** Nothing is tried any more; what was changed stands. */
  endTrial(): void {
    if (this._threshold === null) return;
    this._threshold = null;
    this._recount();
  }

  undo(): void {
    if (this._history.bringsBack) return this.redo();
    this._back(this._history.undo());
  }

  redo(): void {
    const step = this._history.redo();
    if (step) this._taken(step);
  }

  remove(region: Region): void {
    this._back(this._history.undo(region));
  }

  again(): void {
    this._saving?.again();
  }

  /** Gives what was drawn a kind and a name, or drops it. */
  name(kind: string | null, name: string): void {
    const outline = this._pending;
    this._pending = null;
    if (outline && kind) {
      this._show("drawn");
      this._change({ kind: "region", value: { kind, name, outline, holes: [] } });
    } else this._scene.redraw();
  }

  /** What was just drawn is seen, even where its layer was off. */
  private _show(layer: string): void {
    const box = this.panel.all<HTMLInputElement>("layer").find((one) => one.value === layer);
    if (box) box.checked = true;
    this._layers.add(layer);
  }

  /** Says beside a layer that there is nothing in it. */
  private _empty(): void {
    for (const [layer, kinds] of Object.entries(LAYERS)) {
      this.panel.shown(`none-${layer}`, !this._own.some((one) => kinds.includes(one.kind)));
    }
  }

  private _change(change: Change): void {
    this._taken(this._history.change(change));
  }

  private _taken(step: Step): void {
    this._recount();
    this._saving?.took(step);
  }

  private _back(step: Step | null): void {
    if (!step) return;
    this._recount();
    this._saving?.undid(step);
  }

  private _recount(): void {
    const now = this._history.now;
    const made = this._threshold === null ? now : { ...now, threshold: this._threshold };
    this._heats.clear();
    if (this._counting) {
      const { whole, regions } = this._counting.count(made);
      this._count = whole;
      this._regions = regions;
      this.panel.figures(whole);
      if (this._typed && this._nuclei) retype(this._types, this._nuclei, made);
      else this._hottest(made.regions);
      this._painter?.recolour(this._kinds);
    }
    const slider = this.panel.one<HTMLInputElement>("threshold");
    const threshold = made.threshold ?? this.told.rules.positive;
    if (slider && this._threshold === null) slider.value = String(threshold);
    this.panel.say("threshold", this.panel.number(threshold, 3));
    this.panel.changes(made, this._history.steps.length);
    for (const [name, able] of [["undo", this._history.canUndo], ["redo", this._history.canRedo]] as const) {
      const button = this.panel.one<HTMLButtonElement>(name);
      if (button) button.disabled = !able;
    }
    this._list();
    this._scene.redraw();
  }

  /** A hotspot drawn by hand stands above those found. */
  private _hottest(drawn: readonly Region[]): void {
    const by_hand = drawn.flatMap((region, at): Spot[] => {
      const count = this._regions[at];
      return region.kind === "hotspot" && count ? [{ region, ...count }] : [];
    });
    by_hand.sort((one, other) => other.share - one.share || other.total - one.total);
    const mpp = this.told.mpp?.[0] ?? UNKNOWN;
    this._spots = by_hand.length
      ? by_hand
      : this._nuclei && this._counting ? spots(this._nuclei, this._counting.kinds, mpp) : [];
    this.panel.hotspot(this._spots[0] ?? null);
  }

  /** The regions that people drew, each with its own figure. */
  private _list(): void {
    // On H&E no share of one region is counted: stain and tumour are those of Ki-67's rules.
    const counts = this._typed ? [] : this._regions;
    listRegions(this.panel, this._history.now.regions, counts, this.told.mpp, {
      remove: this.editable ? (region) => this.remove(region) : null,
      look: (region) => this._look(region),
    });
  }

  private _look(region: Region): void {
    const across = region.outline.map((point) => point[0]);
    const down = region.outline.map((point) => point[1]);
    this._scene.show(Math.min(...across), Math.min(...down), Math.max(...across), Math.max(...down));
  }

  /** Asks what was drawn; of a note for its words first. */
  private _drawn(outline: readonly Point[], note = false): void {
    if (!this.editable) return;
    if (beside(outline, this.told.width, this.told.height)) {
      this.panel.say("heard", this.panel.words("outside"));
      return this._scene.redraw();
    }
    this._pending = outline;
    const dialog = this.panel.one<HTMLDialogElement>("naming");
    const kind = dialog?.querySelector<HTMLSelectElement>("select");
    if (!dialog || !kind) return this.name("drawn", "");
    dialog.showModal();
    if (note) kind.value = "drawn";
    const first = note ? dialog.querySelector<HTMLInputElement>("input[name=name]") : kind;
    // After the press of the pointer, which would take the focus away again.
    requestAnimationFrame(() => first?.focus());
  }

  private _picked(at: Point, tool: Tool): void {
    if (!this.editable) return;
    if (tool === "note") {
      const side = 20 / (this.told.mpp?.[0] ?? 0.5);
      const [x, y] = at;
      return this._drawn([[x, y], [x + side, y], [x + side, y + side], [x, y + side]], true);
    }
    const counting = this._counting;
    const reach = Math.max(12 / this._scene.view().scale, 6 / (this.told.mpp?.[0] ?? 0.5));
    const nucleus = counting?.nearest(at[0], at[1], reach) ?? -1;
    if (!counting || nucleus < 0) return this.panel.say("heard", this.panel.words("no-nucleus"));
    const flip = flipOf(tool, this._kinds[nucleus]!, this._typed);
    this._change({ kind: "nuclei", value: { indices: [nucleus], ...flip } });
    this.panel.say("heard", this.panel.words(`now-${this._kinds[nucleus]!}`));
  }

  private _heat(name: string): Heat | null {
    const [nuclei, counting] = [this._nuclei, this._counting];
    if (!nuclei || !counting) return null;
    const found = this._heats.get(name);
    if (found) return found;
    const square = SQUARE / (this.told.mpp?.[0] ?? 0.5);
    const weigh =
      name === "probability"
        ? (i: number): number => nuclei.tumour[i]!
        : this.told.analysis === "he"
          ? (i: number): number => (this._types[i] === INFLAMMATORY ? 1 : 0)
          : (i: number): number => (counting.kinds[i]! >= 1 && counting.kinds[i]! <= 3 ? 1 : 0);
    const mean = name === "probability";
    const heat = new Heat(square, this.told.width, this.told.height, nuclei, weigh, mean);
    this._heats.set(name, heat);
    return heat;
  }

  private _draw(view: View): void {
    const context = this._scene.outlines.getContext("2d")!;
    context.clearRect(0, 0, view.width, view.height);
    context.save();
    clipTo(context, view, this._own.filter((region) => region.kind === "tissue"));
    for (const name of ["probability", "density"]) {
      if (this._layers.has(name)) this._heat(name)?.draw(context, view);
    }
    context.restore();
    for (const region of this._own) {
      const layer = Object.keys(LAYERS).find((name) => LAYERS[name]!.includes(region.kind));
      const name = this.panel.words(`area-${region.name || region.kind}`) || region.name;
      if (!layer || this._layers.has(layer)) drawRegion(context, view, region, false, name);
    }
    if (this._layers.has("hotspots")) {
      for (const { region, share } of this._spots) {
        if (this._history.now.regions.includes(region)) continue;
        drawRegion(context, view, region, false, this.panel.percent(share));
      }
    }
    if (this._layers.has("drawn")) {
      for (const region of this._history.now.regions) {
        const label = region.name || this.panel.words(`kind-${region.kind}`);
        drawRegion(context, view, region, true, label);
      }
    }
    const { corners, next, ruler, keys, tool } = this._tools;
    drawSketch(context, view, this._pending ?? corners, this._pending?.[0] ?? next);
    if (ruler) drawRuler(context, view, ...ruler, far(this.panel, this.told.mpp, ...ruler));
    if (this._frame) drawFrame(context, view, this._frame);
    if (keys && tool !== "pan") drawCross(context, view);
    if (this._layers.has("nuclei")) this._painter?.paint(view, this._scene.breadth(view));
    else this._painter?.clear();
    showBar(this.panel, view, this.told.mpp?.[0] ?? null);
  }
}
