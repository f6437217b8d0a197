// Builds the islands into the shell's static folder; every file of src/islands is an entry of
// its own that a page links with assets.island(name).
import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "vite";

const islands = (existsSync("src/islands") ? readdirSync("src/islands") : [])
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `src/islands/${name}`);

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  build: {
    outDir: "../src/countersign/ground/shell/static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: ["chrome94", "firefox93", "safari15"],
    cssTarget: ["chrome94", "firefox93", "safari15"],
    assetsInlineLimit: 0,
    rollupOptions: { input: ["src/main.ts", ...islands] },
  },
});
