// What every page loads. Pages work without it; it adds keys, kept forms, dialogs and plots.
import "../../src/countersign/ground/shell/static/css/shell.css";
import { watchStop } from "./ai-stop";
import { asksFirst } from "./dialogs";
import { keepForms, keptAgain } from "./keep";
import { keyboard } from "./keyboard";
import { menus } from "./menus";
import { othersWords } from "./others";
import { partialPages } from "./partial";
import { passkeys } from "./passkey";
import { phrases } from "./phrases";
import { speakers } from "./speakers";
import { stackable } from "./stacked";

/** Enlivens a page or a part of one that has just arrived. */
function enliven(root: ParentNode): void {
  keptAgain(root);
  stackable(root);
  passkeys(root);
  phrases(root);
  othersWords(root);
  speakers(root);
  if (root.querySelector("[data-trend]")) {
    void import("./trend").then(({ drawTrends }) => drawTrends(root));
  }
  root.querySelector<HTMLElement>("[data-error-summary]")?.focus();
}

menus();
keyboard();
asksFirst();
keepForms();
watchStop();
partialPages(enliven);
enliven(document);
