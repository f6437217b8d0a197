// Tells a page that is already open when AI is stopped or resumed.

const EVERY = 1500;

/** Asks while the page is in sight. A page that cannot ask keeps showing what it knew. */
export function watchStop(): void {
  const strip = document.querySelector<HTMLElement>("[data-ai-stopped]");
  if (!strip) return;
  const look = async (): Promise<void> => {
    if (document.hidden) return;
    try {
      const answer = await fetch("/ai-state", { headers: { accept: "application/json" } });
      const { stopped } = (await answer.json()) as { stopped: boolean | null };
      if (stopped !== null) strip.hidden = !stopped;
    } catch {
      // The next look may succeed; until then nothing is claimed.
    }
  };
  setInterval(() => void look(), EVERY);
  document.addEventListener("visibilitychange", () => void look());
}
