import { defineConfig } from "vite";

// One page today, at the root; workbench and head-end console become inputs of their own beside it.
export default defineConfig({
  root: "panel",
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2021",
    // The page runs under a policy that allows neither inline scripts nor data addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
