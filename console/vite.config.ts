// Builds the console into console/dist: plain files that the collector serves, nothing fetched from elsewhere.
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  resolve: { alias: { zod: `${import.meta.dirname}/inert-zod.ts` } },
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The contract's schemas are calls on z, which do nothing here: those that nobody reads may be dropped.
      treeshake: { manualPureFunctions: ['z', 'inert'] },
      // React libraries mark their files for servers; a page without one has no use for the mark.
      onLog: (level, log, handle) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log)
      }
    }
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } }
})
