// Parts of pages that are fetched on their own (htmx), with the form token of the page.
import "htmx.org";

/** Sends the token along and enlivens whatever arrives. */
export function partialPages(enliven: (root: ParentNode) => void): void {
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = (event as CustomEvent<{ ctx: { request: { headers: Record<string, string> } } }>)
      .detail;
    const token = document.body.dataset["csrf"];
    if (token) ctx.request.headers["X-CSRF-Token"] = token;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target instanceof Element) enliven(event.target);
  });
}
