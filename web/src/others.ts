// Shows what somebody else wrote in the same form, where this person's field is as it was sent.

/** Each `data-fresh` below `root` names a field of its form, what was sent of it and what it says. */
export function othersWords(root: ParentNode): void {
  for (const one of root.querySelectorAll<HTMLInputElement>("input[data-fresh]")) {
    const field = one.form?.elements.namedItem(one.name.replace(/^was:/, ""));
    if (!(field instanceof HTMLTextAreaElement)) continue;
    if (field.value.replaceAll("\r\n", "\n") !== one.dataset["sent"]) continue;
    field.value = one.dataset["fresh"] ?? "";
    one.remove(); // the field is at the form's version now
  }
}
