// Draws the values of a table as a trend with its reference range, for eye, mouse and keys.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const HEIGHT = 150;
const DAY = 86_400;

interface Trend {
  readonly times: number[];
  readonly values: number[];
  readonly shown: { time: string; value: string }[];
  readonly low: number;
  readonly high: number;
}

/** Draws every `data-trend` below `root`; a trend of one value stays a table. */
export function drawTrends(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-trend][hidden]")) {
    const table = document.getElementById(place.dataset["trend"] ?? "");
    const trend = table && read(place, table);
    if (!trend || trend.times.length < 2) continue;
    place.hidden = false;
    const details = table.closest("details");
    if (details) details.open = false;
    draw(place, trend);
  }
}

function read(place: HTMLElement, table: HTMLElement): Trend {
  const rows = [...table.querySelectorAll<HTMLTableRowElement>("tr[data-at]")].reverse();
  return {
    times: rows.map((row) => Number(row.dataset["at"])),
    values: rows.map((row) => Number(row.dataset["value"])),
    shown: rows.map((row) => ({
      time: row.cells[0]?.textContent?.trim() ?? "",
      value: row.cells[1]?.textContent?.trim().replace(/\s+/g, " ") ?? "",
    })),
    low: Number(place.dataset["low"] ?? Number.NaN),
    high: Number(place.dataset["high"] ?? Number.NaN),
  };
}

function draw(place: HTMLElement, trend: Trend): void {
  const readout = document.createElement("p");
  readout.className = "trend-readout hint";
  readout.textContent = said(trend, trend.times.length - 1);
  const plot = new uPlot(options(place, trend, readout), data(trend), place);
  place.append(readout);
  new ResizeObserver(() => {
    if (place.clientWidth > 0) plot.setSize({ width: place.clientWidth, height: HEIGHT });
  }).observe(place);
  walkable(place, trend, plot);
}

function data(trend: Trend): uPlot.AlignedData {
  const outside = (value: number): boolean => value < trend.low || value > trend.high;
  return [
    trend.times,
    trend.values,
    trend.values.map((value) => (outside(value) ? value : null)),
  ];
}

function options(place: HTMLElement, trend: Trend, readout: HTMLElement): uPlot.Options {
  const zone = place.dataset["zone"] ?? "UTC";
  const style = getComputedStyle(place);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour("--ink-soft"),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    gap: 4,
  };
  return {
    width: place.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    scales: { y: { range: (_plot, low, high) => range(trend, low, high) } },
    axes: [
      { ...axis, size: 36, space: 68, values: (_plot, at, _index, _space, step) => dated(at, zone, step) },
      { ...axis, size: 48 },
    ],
    cursor: { y: false, drag: { x: false, y: false } },
    series: [
      {},
      { stroke: colour("--press"), width: 2, points: { show: true, size: 6, fill: colour("--sheet") } },
      { paths: () => null, points: { show: true, size: 9, width: 1, stroke: colour("--urgent"), fill: colour("--urgent") } },
    ],
    hooks: {
      drawClear: [(plot) => band(plot, trend, colour("--signed-tint"), colour("--signed"))],
      setCursor: [(plot) => tell(place, trend, plot.cursor.idx, readout)],
    },
  };
}

function range(trend: Trend, low: number, high: number): uPlot.Range.MinMax {
  const limits = [trend.low, trend.high].filter(Number.isFinite);
  const from = Math.min(low, ...limits);
  const to = Math.max(high, ...limits);
  const air = (to - from || Math.abs(to) || 1) * 0.12;
  return [from >= 0 ? Math.max(0, from - air) : from - air, to + air];
}

/** Times of a day, days or months; the larger part stands below where it is new. */
function dated(times: readonly number[], zone: string, step: number): string[] {
  let before = "";
  return times.map((seconds) => {
    const local = new Intl.DateTimeFormat("sv-SE", {
      timeZone: zone, dateStyle: "short", timeStyle: "short",
    }).format(seconds * 1000);
    const [fine, coarse] =
      step < DAY ? [local.slice(11), local.slice(5, 10)] : [local.slice(5, 10), local.slice(0, 4)];
    if (step >= 28 * DAY) return local.slice(0, 7);
    const label = coarse === before ? fine : `${fine}\n${coarse}`;
    before = coarse;
    return label;
  });
}

/** The reference range as a tinted band with an edge that is seen without its colour too. */
function band(plot: uPlot, trend: Trend, fill: string, edge: string): void {
  if (!Number.isFinite(trend.low) && !Number.isFinite(trend.high)) return;
  const { left, top, width, height } = plot.bbox;
  const at = (value: number, otherwise: number): number =>
    Number.isFinite(value) ? plot.valToPos(value, "y", true) : otherwise;
  const upper = at(trend.high, top);
  const lower = at(trend.low, top + height);
  plot.ctx.save();
  plot.ctx.fillStyle = fill;
  plot.ctx.fillRect(left, upper, width, lower - upper);
  plot.ctx.strokeStyle = edge;
  plot.ctx.setLineDash([4, 4]);
  for (const [value, y] of [[trend.high, upper], [trend.low, lower]] as const) {
    if (!Number.isFinite(value)) continue;
    plot.ctx.beginPath();
    plot.ctx.moveTo(left, y);
    plot.ctx.lineTo(left + width, y);
    plot.ctx.stroke();
  }
  plot.ctx.restore();
}

function tell(
  place: HTMLElement, trend: Trend, index: number | null | undefined, readout: HTMLElement,
): void {
  if (typeof index !== "number") return;
  readout.textContent = said(trend, index);
  place.setAttribute("aria-valuenow", String(index));
  place.setAttribute("aria-valuetext", readout.textContent);
}

function said(trend: Trend, index: number): string {
  const point = trend.shown[index];
  return point ? `${point.time}  ${point.value}` : "";
}

/** Arrow keys, Home and End go from value to value; a screen reader hears each of them. */
function walkable(place: HTMLElement, trend: Trend, plot: uPlot): void {
  const last = trend.times.length - 1;
  let index = last;
  const go = (to: number): void => {
    index = Math.min(last, Math.max(0, to));
    plot.setCursor({
      left: plot.valToPos(trend.times[index] ?? 0, "x"),
      top: plot.valToPos(trend.values[index] ?? 0, "y"),
    });
  };
  const moves: Record<string, () => number> = {
    ArrowLeft: () => index - 1,
    ArrowDown: () => index - 1,
    ArrowRight: () => index + 1,
    ArrowUp: () => index + 1,
    Home: () => 0,
    End: () => last,
  };
  place.tabIndex = 0;
  place.setAttribute("role", "slider");
  place.setAttribute("aria-labelledby", place.closest("figure")?.getAttribute("aria-labelledby") ?? "");
  place.setAttribute("aria-valuemin", "0");
  place.setAttribute("aria-valuemax", String(last));
  place.setAttribute("aria-valuenow", String(last));
  place.setAttribute("aria-valuetext", said(trend, last));
  place.addEventListener("focus", () => go(index));
  place.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    go(move());
  });
}
