// `penstock range record`, `judge` and `export`: what is done with one recording.
import { type Language, pick } from '#contract/text.ts'
import { GRACE_SECONDS } from '#rules/score.ts'
import { EXIT, interruption, print, UsageFault } from '#runtime/command-line.ts'
import { checkApart } from '#runtime/files-apart.ts'
import { readPacks } from '../collector/packs.ts'
import { buildBoard } from './board.ts'
import { notPlayedLines } from './board-table.ts'
import { judgeRecording, recordScenario } from './chain-score.ts'
import { type ExportCounts, exportCsv, exportJsonl, writeExport } from './export.ts'
import { writing } from './output-fault.ts'
import { checkOutputs, type Outputs, publish } from './outputs.ts'
import { openRecording } from './recording-reader.ts'
import { readScenarios } from './run-scenarios.ts'
import { writeOut } from './standard-output.ts'

export async function recordOne(options: { wanted: string; output: string; language: Language }): Promise<void> {
  const { wanted, output, language } = options
  const [found] = await readScenarios({ wanted: [wanted], language })
  if (found === undefined) throw new UsageFault('没有场景', 'there is no scenario')
  await checkApart({ reads: [found.file], writes: [output] })
  await untilInterrupted(async (signal) => {
    const notPlayed = await writing(output, () => recordScenario({ ...found, record: output, signal }))
    for (const line of notPlayedLines({ notPlayed })) console.error(pick(line, language))
    print(pick({ zh: `已写入 ${output}`, en: `${output} is written` }, language))
  })
}

export async function judgeOne(options: Outputs & { file: string; graceSeconds?: number }): Promise<void> {
  const { file, graceSeconds = GRACE_SECONDS } = options
  await checkOutputs(options, [file])
  await using reader = await openRecording({ file })
  const packs = await readPacks({ language: options.language })
  const { score, notPlayed, ...detail } = await judgeRecording({ reader, packs, graceSeconds, trends: options.html !== undefined })
  const details = new Map([[score.scenario, detail]])
  await publish({ ...options, details, board: buildBoard({ mode: 'fast', graceSeconds, scenarios: [score], notPlayed }) })
}

export async function exportOne(options: { file: string; format: 'csv' | 'jsonl'; output?: string; language: Language }): Promise<void> {
  const { file, format, output, language } = options
  let counts: ExportCounts = { rows: 0, leftOut: 0 }
  const done = (told: ExportCounts) => {
    counts = told
  }
  const blocks = format === 'csv' ? exportCsv({ file, onDone: done }) : exportJsonl({ file, onDone: done })
  if (output === undefined) {
    for await (const block of blocks) if (!(await writeOut(block))) return
    return
  }
  await checkApart({ reads: [file], writes: [output] })
  await untilInterrupted(async (signal) => {
    await writing(output, () => writeExport({ blocks, file: output, signal }))
    const { rows, leftOut } = counts
    print(
      pick({ zh: `${output}：${rows} 行，略去样本 ${leftOut} 个`, en: `${output}: ${rows} lines, ${leftOut} samples left out` }, language)
    )
  })
}

/** At a Ctrl-C nothing is left of what is not whole. */
async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  using stop = interruption()
  try {
    await work(stop.signal)
  } catch (fault) {
    if (!stop.signal.aborted) throw fault
    process.exitCode = EXIT.interrupted
  }
}
