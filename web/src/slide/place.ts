// A rectangle of the slide that an address names: #at=left,top,width,height in level-0 pixels.

export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The place behind the hash of an address; null where it names none. */
export function placeOf(hash: string): Place | null {
  const found = /^#at=(\d+),(\d+),(\d+),(\d+)$/.exec(decodeURIComponent(hash));
  if (!found) return null;
  const [left, top, width, height] = found.slice(1).map(Number) as [number, number, number, number];
  return width > 0 && height > 0 ? { left, top, width, height } : null;
}
