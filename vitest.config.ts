// Four projects: unit, pipeline (whole chains in one process), system (real processes killed), browser (Chromium).
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// Most tests wait for sockets and processes rather than for the processor, so a worker a core keeps none of them from the others.
const maxWorkers = availableParallelism()

const wide = ['test/pipeline/**/*.test.ts', 'test/quiet/**/*.test.ts', 'test/safety/**/*.test.ts']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          maxWorkers,
          include: ['test/**/*.test.ts'],
          exclude: [...wide, 'test/system/**', 'test/browser/**'],
          testTimeout: 20_000,
          hookTimeout: 30_000
        }
      },
      { test: { name: 'pipeline', maxWorkers, include: wide, testTimeout: 120_000, hookTimeout: 60_000 } },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false
        }
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false
        }
      }
    ]
  }
})
