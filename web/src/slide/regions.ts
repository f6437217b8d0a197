// The list of regions that people drew, each with its own figure and its buttons.
import type { Count } from "./counting";
import { areaOf, type Point, type Region } from "./outline";
import type { Panel } from "./panel";

/** What the buttons of a region do; nobody removes one who may not correct. */
export interface Acts {
  readonly remove: ((region: Region) => void) | null;
  readonly look: (region: Region) => void;
}

/** ``counts`` stand in the order of ``regions``; without them a region has its area alone. */
export function listRegions(
  panel: Panel, regions: readonly Region[], counts: readonly Count[], mpp: Point | null, acts: Acts,
): void {
  const list = panel.one<HTMLElement>("regions");
  const model = panel.one<HTMLTemplateElement>("region");
  if (!list || !model) return;
  list.replaceChildren(
    ...regions.map((region, at) => {
      const item = model.content.cloneNode(true) as DocumentFragment;
      const put = (name: string, text: string): void => {
        item.querySelector(`[data-in="${name}"]`)!.textContent = text;
      };
      const count = counts[at];
      put("name", region.name || panel.words(`kind-${region.kind}`));
      put("kind", region.name ? panel.words(`kind-${region.kind}`) : "");
      put("figure", [...figure(panel, count), area(panel, region, mpp)].join(" · "));
      const [remove, show] = item.querySelectorAll("button");
      if (remove) {
        remove.hidden = !acts.remove;
        remove.addEventListener("click", () => acts.remove?.(region));
      }
      show?.addEventListener("click", () => acts.look(region));
      return item;
    }),
  );
  panel.shown("no-regions", regions.length === 0);
}

function figure(panel: Panel, count: Count | undefined): string[] {
  if (!count) return [];
  const share = count.total ? panel.percent(count.share) : "–";
  return [share, `${panel.number(count.positive)} / ${panel.number(count.total)}`];
}

function area(panel: Panel, region: Region, mpp: Point | null): string {
  const size = areaOf(region, mpp);
  if (!mpp) return `${panel.number(size)} px²`;
  return `${panel.number(size / 1e6, size < 1e5 ? 3 : 2)} mm²`;
}
