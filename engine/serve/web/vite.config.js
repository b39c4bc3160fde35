import { existsSync, readFileSync } from "node:fs";
import { defineConfig } from "vite";

// What the built page contains of others' work, and on which terms.
const licences = [
  ["Apache ECharts", ["echarts/NOTICE", "echarts/LICENSE", "echarts/licenses/LICENSE-d3"]],
  ["ZRender", ["zrender/LICENSE"]],
];

function thirdParty() {
  return {
    name: "third-party-licences",
    generateBundle() {
      const texts = licences.flatMap(([name, files]) => [name, "=".repeat(name.length), ...files.map((file) => {
        const path = new URL(`./node_modules/${file}`, import.meta.url);
        if (!existsSync(path)) this.error(`${file} is missing: say anew in vite.config.js where the licence of ${name} is`);
        return readFileSync(path, "utf8").trim();
      })]);
      this.emitFile({ type: "asset", fileName: "licences.txt", source: `${texts.join("\n\n")}\n` });
    },
  };
}

// Addresses are relative to the page, and what a file is called depends on its
// content alone, so that the same sources give the same files on every machine.
export default defineConfig({
  base: "./",
  plugins: [thirdParty()],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    sourcemap: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", changeOrigin: true } } },
});
