// The guide for testers is walked in both languages: its scenario is checked, played, held against its thresholds, recorded and
// exported, and each line that the guide shows is printed, figures aside.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { simulateOffline } from '../../simulators/offline.ts'
import { runCommand } from '../parts/command.ts'
import { temporaryFolder } from '../parts/wait.ts'

const guides = new URL('../../docs/guides/', import.meta.url).pathname
const MINUTE = 60_000

interface Block {
  kind: string
  text: string
}

async function blocksOf(language: string): Promise<Block[]> {
  const page = await readFile(join(guides, language, 'testers.md'), 'utf8')
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind = '', text = '']) => ({ kind, text }))
}

/** A line without its figures and without how wide its columns are; what follows an ellipsis may be anything. */
const bare = (line: string) =>
  line
    .replaceAll(/\d+([.:]\d+)*/g, '0')
    .replaceAll(/\s+/g, ' ')
    .replace(/…$/, '')
    .trim()

function expectShown({ text }: Block, printed: string): void {
  const lines = printed.split('\n').map(bare)
  for (const line of text.split('\n').filter((one) => one.trim() !== ''))
    expect(
      lines.some((one) => one.includes(bare(line))),
      `${line}\nis not among\n${printed}`
    ).toBe(true)
}

const BROKEN = `plant: water
timeline:
  - at: "00:10"
    fault: breakdown
    with: { what: flood }
  - at: "00:20"
    attack: sensor-bias
    with: { tag: tower.height, percent: 10 }
  - at: "00:30"
    attack: odorant-stop
`

describe.each(['en', 'zh-CN'])('the guide for testers: %s', (language) => {
  it('shows the label of the attack that it plays', async () => {
    const shown = (await blocksOf(language)).find(({ text }) => text.startsWith('{"id":"pump-stop-'))
    const attacks = [{ at: '00:00:02', attack: 'pump-stop' }]
    const { labels } = await simulateOffline({ plant: 'water', seed: 7, seconds: 3, operator: false, attacks })
    const { id: _, start: __, ...rest } = labels[0] ?? {}
    const parts = Object.entries(rest).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    for (const part of parts) expect(shown?.text).toContain(part)
    expect(parts.length).toBeGreaterThan(5)
  })

  it(
    'shows what its commands print',
    async () => {
      const folder = await temporaryFolder()
      const blocks = await blocksOf(language)
      const [night, thresholds] = blocks.filter(({ kind }) => kind === 'yaml')
      const shown = (part: string) => {
        const found = blocks.find(({ kind, text }) => kind === 'text' && text.includes(part))
        if (found === undefined) throw new Error(`the guide shows nothing with ${part}`)
        return found
      }
      const file = (name: string) => join(folder, name)
      await writeFile(file('my-night.yaml'), night?.text ?? '')
      await writeFile(file('thresholds.yaml'), thresholds?.text ?? '')
      await writeFile(file('broken.yaml'), BROKEN)
      const run = async (...words: string[]) => {
        const { code, stdout, stderr } = await runCommand('--language', language, ...words)
        return { code, text: (stdout + stderr).replaceAll(`${folder}/`, '') }
      }

      const checked = await run('simulate', 'check', '-c', file('my-night.yaml'))
      expect(checked.code).toBe(0)
      expectShown(shown('breakdown @ 600 s'), checked.text)

      const broken = await run('simulate', 'check', '-c', file('broken.yaml'))
      expect(broken.code).toBe(78)
      expectShown(shown('broken.yaml:5:19'), broken.text)

      const played = await run(
        ...['range', 'run', file('my-night.yaml'), '--thresholds', file('thresholds.yaml')],
        ...['--html', file('board.html'), '--record', file('recordings'), '--junit', file('board.xml')]
      )
      expect(played.code).toBe(1)
      expectShown(shown('water/tower-stop-setpoint'), played.text)
      const missed = blocks[blocks.findIndex(({ text }) => text.includes('--thresholds')) + 1]
      expectShown(missed ?? { kind: 'text', text: 'missing' }, played.text)
      expect(await readFile(file('board.xml'), 'utf8')).toContain('sensor-bias')
      expect(await readFile(file('board.html'), 'utf8')).toContain('setpoint-tamper')

      const recording = file('recordings/my-night.jsonl.zst')
      const exported = await run('range', 'export', recording, '-o', file('night.csv'))
      expectShown(shown('night.csv'), exported.text)
      const labels = (await readFile(file('night.csv'), 'utf8')).trimEnd().split('\r\n').slice(1)
      const rows = (label: string) => labels.filter((line) => line.endsWith(`,${label}`)).length
      expect([labels.length, rows('leak'), rows('sensor-bias'), rows('setpoint-tamper')]).toEqual([7201, 1200, 900, 600])
    },
    2 * MINUTE
  )
})
