// `penstock simulate`: its commands; the simulator itself is loaded when one of them is run.
import type { Command } from 'commander'
import { addRunAndCheck, type TreeContext } from '#runtime/command-line.ts'

export function addSimulatorCommands(part: Command, { language, say }: TreeContext): void {
  addRunAndCheck(part, say, {
    run: async (file) => (await import('./main.ts')).runSimulator({ file, language }),
    check: async (file) => (await import('./main.ts')).checkSimulator({ file, language })
  })
}
