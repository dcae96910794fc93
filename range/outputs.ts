// What becomes of a board: it is printed first, then written where it is wanted; whether it can be written there is found out before
// anything is played.
import { constants } from 'node:fs'
import { access, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Language, pick } from '#contract/text.ts'
import { EXIT } from '#runtime/command-line.ts'
import { checkApart } from '#runtime/files-apart.ts'
import type { Board } from './board.ts'
import { boardJunit } from './board-junit.ts'
import { boardTable } from './board-table.ts'
import { OutputFault, writing } from './output-fault.ts'
import { reportPage, type ScenarioDetail } from './report-page.ts'
import { writeOut } from './standard-output.ts'
import { missedThresholds, readThresholds, type Thresholds } from './thresholds.ts'

export interface Outputs {
  json?: string
  junit?: string
  html?: string
  thresholds?: string
  language: Language
}

/** A fault of the thresholds, or of where the board is to go, is told before the first scenario, not after the last. */
export async function checkOutputs(outputs: Outputs, reads: readonly string[]): Promise<void> {
  const writes = [outputs.json, outputs.junit, outputs.html]
  await checkApart({ reads: [...reads, outputs.thresholds], writes })
  await thresholdsOf(outputs)
  for (const file of writes) if (file !== undefined) await checkWritable(file)
}

async function checkWritable(file: string): Promise<void> {
  try {
    const there = await stat(file).catch(() => undefined)
    if (there?.isDirectory() === true) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
    // The dot is refused of what is no folder.
    await access(there === undefined ? `${dirname(file)}/.` : file, constants.W_OK)
  } catch (cause) {
    throw new OutputFault(file, cause)
  }
}

const thresholdsOf = async ({ thresholds: file, language }: Outputs): Promise<Thresholds | undefined> =>
  file === undefined ? undefined : readThresholds({ file, language })

/** Prints the board, writes it where it is wanted, and tells on stderr what was missed. */
export async function publish(options: Outputs & { board: Board; details?: ReadonlyMap<string, ScenarioDetail> }): Promise<void> {
  const { board, details = new Map(), language } = options
  const faults: unknown[] = []
  await writeOut(`${boardTable({ board, language })}\n`).catch((fault: unknown) => faults.push(fault))
  const isCut = board.unfinished.some(({ why }) => why === 'interrupted')
  // Half a run is held to nothing.
  const thresholds = isCut ? undefined : await thresholdsOf(options)
  const missed = thresholds === undefined ? undefined : missedThresholds(board, thresholds)
  for (const text of missed ?? []) console.error(pick(text, language))
  const hasFailed = board.unfinished.some(({ why }) => why === 'failed')
  process.exitCode = hasFailed || (missed ?? []).length > 0 ? EXIT.trouble : EXIT.ok
  const { falsePerDayAtMost } = thresholds ?? {}
  const held = { ...(missed === undefined ? {} : { missed }), ...(falsePerDayAtMost === undefined ? {} : { falsePerDayAtMost }) }
  const forms = [
    [options.json, () => `${JSON.stringify(board, null, 2)}\n`],
    [options.junit, () => boardJunit({ board, language, ...held })],
    [options.html, () => reportPage({ board, details, language, ...(missed === undefined ? {} : { missed }) })]
  ] as const
  for (const [file, text] of forms) {
    if (file !== undefined) await writing(file, () => writeFile(file, text())).catch((fault: unknown) => faults.push(fault))
  }
  // One that cannot be written does not keep the others from being written.
  for (const fault of faults.slice(1)) console.error(fault instanceof OutputFault ? pick(fault.text, language) : fault)
  if (faults.length > 0) throw faults[0]
}
