// `penstock range`: what a run prints and writes, and that nothing is played when something is wrong.
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { type DoneReport, playJobs } from '../../range/run-jobs.ts'
import { recordOne } from '../../range/run-recording.ts'
import { readScenarios, ScenarioFaults } from '../../range/run-scenarios.ts'
import type { JobReport } from '../../range/run-worker.ts'
import { temporaryFolder } from '../parts/wait.ts'

// Processes and threads that play scenarios take long on a machine that others use too.
vi.setConfig({ testTimeout: 120_000 })

const SHORT = 'scanMs: 1000\nlasts: "00:06"\ntimeline:\n  - { at: "00:02", for: "00:02", attack: setpoint-tamper }\n'

async function written(files: Record<string, string>): Promise<{ folder: string; files: string[] }> {
  const folder = await temporaryFolder()
  const paths = Object.entries(files).map(([name, text]) => ({ file: join(folder, name), text }))
  for (const { file, text } of paths) await writeFile(file, text)
  return { folder, files: paths.map(({ file }) => file) }
}

describe('the scenarios of a run', () => {
  it('are all sound as they come', async () => {
    const scenarios = await readScenarios({ wanted: [], all: true, language: 'en' })
    expect(scenarios.map(({ name }) => name)).toContain('setpoint-tamper')
  })

  it('tell all their faults at once, with file and line', async () => {
    const { files } = await written({
      'a.yaml': 'plant: water\ntimeline:\n  - { at: "00:01", attack: no-such }\n',
      'b.yaml': 'seed: -1\n',
      'c.yaml': SHORT
    })
    const fault = await readScenarios({ wanted: files, language: 'en' }).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(ScenarioFaults)
    expect(fault).toMatchObject({ exitCode: 78 })
    const lines = String(fault instanceof Error ? fault.message : '').split('\n')
    expect(lines.some((line) => line.startsWith(`${files[0]}:3:`))).toBe(true)
    expect(lines.some((line) => line.startsWith(`${files[1]}:1:`))).toBe(true)
  })
})

describe('the threads of a run', () => {
  it('play scenarios beside each other and tell of each as soon as it is done', async () => {
    const { folder, files } = await written({ 'b.yaml': SHORT, 'a.yaml': SHORT })
    const scenarios = await readScenarios({ wanted: files, language: 'en' })
    const signal = new AbortController().signal
    const done: DoneReport[] = []
    const onReport = (report: JobReport) => {
      if (report.what === 'done') done.push(report)
    }
    await playJobs({ scenarios, jobs: 2, record: folder, trends: true, onReport, signal })
    expect(done.map(({ name }) => name).sort()).toEqual(['a', 'b'])
    expect(done.map(({ score }) => score.attacks.map(({ detected }) => detected))).toEqual([[true], [true]])
    expect(done[0]?.trends.length).toBeGreaterThan(10)
    expect(existsSync(join(folder, 'a.jsonl.zst'))).toBe(true)
  })

  it('end when the run is interrupted', async () => {
    const { files } = await written({ 'long.yaml': 'lasts: "200:00"\n' })
    const scenarios = await readScenarios({ wanted: files, language: 'en' })
    const told: string[] = []
    const onReport = ({ what }: JobReport) => told.push(what)
    await playJobs({ scenarios, jobs: 1, onReport, signal: AbortSignal.timeout(50) })
    expect(told.filter((what) => what !== 'progress')).toEqual([])
  })
})

describe('penstock range record', () => {
  it('writes the scenario by name', async () => {
    const { folder, files } = await written({ 'one.yaml': SHORT })
    const output = join(folder, 'one.jsonl')
    await recordOne({ wanted: files[0] ?? '', output, language: 'en' })
    expect(JSON.parse(readFileSync(output, 'utf8').split('\n')[0] ?? '')).toMatchObject({ scenario: 'one', plant: 'water', stepMs: 1000 })
  })
})
