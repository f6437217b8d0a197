// Names each cell of a list by its column, so that a phone can show rows as cards. The roles
// keep it a table for screen readers when the style sheet lays it out as blocks.

/** Labels the rows of every `data-rows` table below `root`. */
export function stackable(root: ParentNode): void {
  for (const table of root.querySelectorAll<HTMLTableElement>("table[data-rows]")) {
    const names = [...table.querySelectorAll("thead th")].map((head) => head.textContent?.trim());
    table.setAttribute("role", "table");
    for (const row of table.rows) {
      row.setAttribute("role", "row");
      [...row.cells].forEach((cell, column) => {
        const head = cell.closest("thead") ? "columnheader" : "rowheader";
        cell.setAttribute("role", cell.tagName === "TH" ? head : "cell");
        cell.dataset["label"] = names[column] ?? "";
      });
    }
    for (const part of [table.tHead, ...table.tBodies]) part?.setAttribute("role", "rowgroup");
    table.dataset["stackable"] = "";
  }
}
