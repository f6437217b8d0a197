// What a person chose, as slides: single files, a MIRAX file with its folder, the DICOM instances of
// one series.

/** The files of one slide, in the order in which they are sent; ``name`` is that of the first. */
export interface Bundle {
  readonly name: string;
  readonly files: readonly File[];
  readonly size: number;
}

export interface Bundles {
  readonly slides: readonly Bundle[];
  /** Files of a folder that belong to no slide. */
  readonly others: number;
}

/** Bytes of a DICOM file in which its series stands; optical paths and pixels come later. */
const HEAD = 1 << 16;

/** Sorts files into slides. Of a folder only those with one of ``endings`` are taken; of files that
 * were chosen one by one all, and the server says what is none. */
export async function bundled(
  files: readonly File[], endings: ReadonlySet<string>,
): Promise<Bundles> {
  const seen = [...files].filter((file) => !hidden(file));
  seen.sort((one, other) => (pathOf(one) < pathOf(other) ? -1 : 1));
  const slides: Bundle[] = [];
  const taken = new Set<File>();
  const series = new Map<string, File[]>();
  for (const first of seen.filter((file) => ending(file) === "mrxs")) {
    const folder = pathOf(first).replace(/\.[^.]*$/, "/");
    const parts = seen.filter((file) => pathOf(file).startsWith(folder));
    for (const file of [first, ...parts]) taken.add(file);
    slides.push(bundle([first, ...parts]));
  }
  let others = 0;
  for (const file of seen) {
    if (taken.has(file)) continue;
    if (ending(file) === "dcm") {
      const key = await seriesOf(file);
      series.set(key, [...(series.get(key) ?? []), file]);
    } else if (!file.webkitRelativePath || endings.has(ending(file))) slides.push(bundle([file]));
    else others++;
  }
  for (const instances of series.values()) slides.push(bundle(instances));
  slides.sort((one, other) => (pathOf(one.files[0]!) < pathOf(other.files[0]!) ? -1 : 1));
  return { slides, others };
}

/** Where a file lies in the chosen folder; its name alone where it was chosen by itself. */
export function pathOf(file: File): string {
  return file.webkitRelativePath || file.name;
}

function bundle(files: readonly File[]): Bundle {
  return { name: files[0]!.name, files, size: files.reduce((sum, file) => sum + file.size, 0) };
}

/** What desktops and scanners put beside slides unasked. */
function hidden(file: File): boolean {
  return pathOf(file).split("/").some((part) => part.startsWith(".")) || file.name === "Thumbs.db";
}

function ending(file: File): string {
  const at = file.name.lastIndexOf(".");
  return at < 0 ? "" : file.name.slice(at + 1).toLowerCase();
}

/** Series Instance UID (0020,000E) within the same folder; a file that does not tell it stands
 * alone. The server looks again: files of two series never become one slide. */
async function seriesOf(file: File): Promise<string> {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const folder = pathOf(file).slice(0, -file.name.length);
  for (let at = 132; at + 8 < head.length; at++) {
    if (head[at] !== 0x20 || head[at + 1] || head[at + 2] !== 0x0e || head[at + 3]) continue;
    const explicit = head[at + 4] === 0x55 && head[at + 5] === 0x49;
    const length = explicit ? head[at + 6]! : head[at + 4]!;
    const uid = String.fromCharCode(...head.slice(at + 8, at + 8 + length)).replace(/\0+$/, "");
    if (/^[0-9.]{3,64}$/.test(uid)) return folder + uid;
  }
  return pathOf(file);
}
