// The slide viewer of the pathology room.
import "../slide/slide.css";
import { Panel } from "../slide/panel";
import { placeOf } from "../slide/place";
import { told } from "../slide/told";
import { TOOLS, type Tool } from "../slide/tools";
import { SlideViewer } from "../slide/viewer";

const STEP = 0.15;
/** Milliseconds after which a moved threshold is kept. */
const REST = 700;

async function start(root: HTMLElement): Promise<void> {
  const panel = new Panel(root);
  const place = panel.one<HTMLElement>("picture");
  const address = root.dataset["slide"];
  if (!place || !address) return;
  root.dataset["state"] = "loading";
  try {
    const viewer = new SlideViewer(place, await told(address), panel, root.dataset["painter"] ?? "");
    (root as HTMLElement & { viewer?: SlideViewer }).viewer = viewer;
    listen(root, panel, viewer);
    guard(panel, viewer);
    visit(place, viewer);
    window.addEventListener("hashchange", () => visit(place, viewer));
    await viewer.begin();
    root.dataset["state"] = "ready";
    root.dataset["way"] = viewer.way;
  } catch {
    root.dataset["state"] = "failed";
    panel.shown("broken", true);
  } finally {
    panel.shown("loading", false);
  }
}

/** Nobody hands over, or leaves, what is not kept yet without being told. */
function guard(panel: Panel, viewer: SlideViewer): void {
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target as HTMLFormElement;
      const own = new URL(form.action, window.location.href).pathname === window.location.pathname;
      if (form.method === "dialog" || !own || !viewer.pending) return;
      event.preventDefault();
      event.stopPropagation();
      panel.shown("unkept", true);
    },
    { capture: true },
  );
  window.addEventListener("beforeunload", (event) => {
    if (viewer.pending) event.preventDefault();
  });
}

/** Moves to the place that the address names, as links from an explanation do. */
function visit(picture: HTMLElement, viewer: SlideViewer): void {
  const place = placeOf(window.location.hash);
  viewer.visit(place);
  if (place) picture.scrollIntoView({ block: "center" });
}

function listen(root: HTMLElement, panel: Panel, viewer: SlideViewer): void {
  for (const box of panel.all<HTMLInputElement>("layer")) {
    box.addEventListener("change", () => viewer.layer(box.value, box.checked));
  }
  threshold(panel, viewer);
  panel.one("undo")?.addEventListener("click", () => viewer.undo());
  panel.one("redo")?.addEventListener("click", () => viewer.redo());
  panel.one("hot-show")?.addEventListener("click", () => viewer.showHotspot());
  panel.one("again")?.addEventListener("click", () => viewer.again());
  for (const button of panel.all<HTMLButtonElement>("tool")) {
    button.addEventListener("click", () => choose(panel, viewer, button.value as Tool));
  }
  for (const button of panel.all<HTMLButtonElement>("zoom")) {
    button.addEventListener("click", () => zoom(viewer, button.value));
  }
  naming(panel, viewer);
  label(panel);
  place(root, panel, viewer);
}

/** Moved step by step with the keys it is one change: kept once the hand rests or goes elsewhere. */
function threshold(panel: Panel, viewer: SlideViewer): void {
  const slider = panel.one<HTMLInputElement>("threshold");
  if (!slider) return;
  let waiting: number | null = null;
  const keep = (): void => {
    if (waiting === null) return;
    window.clearTimeout(waiting);
    waiting = null;
    viewer.keepThreshold(Number(slider.value));
  };
  slider.addEventListener("input", () => viewer.tryThreshold(Number(slider.value)));
  slider.addEventListener("change", () => {
    if (waiting !== null) window.clearTimeout(waiting);
    waiting = window.setTimeout(keep, REST);
  });
  slider.addEventListener("blur", keep);
  // Dragged away and back it did not change, and yet it was tried.
  const end = (): void => {
    if (waiting === null) viewer.endTrial();
  };
  slider.addEventListener("blur", end);
  for (const up of ["pointerup", "pointercancel"]) {
    slider.addEventListener(up, () => window.setTimeout(end, REST)); // a change is told after it
  }
}

function choose(panel: Panel, viewer: SlideViewer, tool: Tool): void {
  if (!TOOLS.includes(tool)) return;
  viewer.tools.choose(tool);
  for (const button of panel.all<HTMLButtonElement>("tool")) {
    button.setAttribute("aria-pressed", String(button.value === tool));
  }
  panel.say("heard", panel.words(`tool-${tool}`));
}

function zoom(viewer: SlideViewer, way: string): void {
  if (way === "home") viewer.scene.home();
  else viewer.scene.zoom(way === "in" ? 1.5 : 1 / 1.5);
}

/** Asks what a drawn outline is. */
function naming(panel: Panel, viewer: SlideViewer): void {
  const dialog = panel.one<HTMLDialogElement>("naming");
  const kind = dialog?.querySelector<HTMLSelectElement>("select");
  const name = dialog?.querySelector<HTMLInputElement>("input[name=name]");
  if (!dialog || !kind || !name) return;
  dialog.querySelector("form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    viewer.name(kind.value, name.value.trim());
    name.value = "";
    dialog.close();
  });
  panel.one("naming-no")?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => viewer.name(null, ""));
}

/** The label is fetched only when somebody asks to see it, and that is recorded. */
function label(panel: Panel): void {
  const dialog = panel.one<HTMLDialogElement>("label");
  const picture = panel.one<HTMLImageElement>("label-picture");
  panel.one("label-open")?.addEventListener("click", () => {
    if (picture && !picture.src) picture.src = picture.dataset["source"] ?? "";
    dialog?.showModal();
  });
  panel.one("label-close")?.addEventListener("click", () => dialog?.close());
}

/** Keys while the picture is in focus: arrows, plus, minus, zero, and those of the tools. */
function place(root: HTMLElement, panel: Panel, viewer: SlideViewer): void {
  const moves: Record<string, () => void> = {
    ArrowLeft: () => viewer.scene.pan(-STEP, 0),
    ArrowRight: () => viewer.scene.pan(STEP, 0),
    ArrowUp: () => viewer.scene.pan(0, -STEP),
    ArrowDown: () => viewer.scene.pan(0, STEP),
    "+": () => viewer.scene.zoom(1.5),
    "=": () => viewer.scene.zoom(1.5),
    "-": () => viewer.scene.zoom(1 / 1.5),
    "0": () => viewer.scene.home(),
  };
  root.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return; // what a dialog is asked is about itself
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "z" || inField(event)) return;
      event.preventDefault();
      if (event.shiftKey) viewer.redo();
      else viewer.undo();
      return;
    }
    if (event.altKey || !inPicture(panel, event)) return;
    const tool = viewer.tools.key(event.key);
    const move = tool ? undefined : moves[event.key];
    if (event.key === "Escape" && !tool) {
      choose(panel, viewer, "pan");
      viewer.visit(null);
    }
    if (!tool && !move) return;
    move?.();
    event.preventDefault();
    event.stopPropagation();
  });
}

function inPicture(panel: Panel, event: KeyboardEvent): boolean {
  return event.target instanceof Node && Boolean(panel.one("picture")?.contains(event.target));
}

function inField(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLInputElement && event.target.type === "text";
}

for (const root of document.querySelectorAll<HTMLElement>("[data-slide]")) void start(root);
