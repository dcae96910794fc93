// `penstock collector`: its commands; the collector itself is loaded when one of them is run.
import type { Command } from 'commander'
import { addRunAndCheck, type TreeContext } from '#runtime/command-line.ts'

export function addCollectorCommands(part: Command, { language, say }: TreeContext): void {
  addRunAndCheck(part, say, {
    run: async (file) => (await import('./main.ts')).runCollector({ file, language }),
    check: async (file) => (await import('./main.ts')).checkCollector({ file, language })
  })
}
