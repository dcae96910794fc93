// Labels tell the truth, continued: attacks on our own eyes, by what the centre hears of the agent on the day and on its twin.
import { describe, expect, it } from 'vitest'
import type { Label } from '#contract/label.ts'
import { playChain, START_TIME } from '../../../range/chain.ts'
import type { RecordedMessage } from '../../../range/recording.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { PLANTS_ALL, PROOFS } from './truth-proofs.ts'

type Plant = (typeof PLANTS_ALL)[number]
interface Heard {
  second: number
  message: RecordedMessage
}

const [AT, END, SECONDS] = [65, 185, 240]

async function hear(plant: Plant, attack: string | null, parameters: unknown = {}) {
  const timeline = attack === null ? [] : [{ at: '00:01:05', for: '00:02:00', attack, with: parameters }]
  const heard: Heard[] = []
  const labels: Label[] = []
  const second = (time: number) => (time - START_TIME) / 1000
  await playChain({
    scenario: Scenario.parse({ plant, scanMs: 1000, operator: { everySeconds: 10 }, timeline }),
    seconds: SECONDS,
    onMessage: (time, message) => void heard.push({ second: second(time), message }),
    onLabel: (_, label) => void labels.push(label)
  })
  return { heard, labels }
}

const quiet = new Map<Plant, Promise<Heard[]>>()
function quietDay(plant: Plant): Promise<Heard[]> {
  const known = quiet.get(plant) ?? hear(plant, null).then(({ heard }) => heard)
  quiet.set(plant, known)
  return known
}

async function twins(attack: keyof typeof PROOFS, plant: Plant, parameters?: unknown) {
  const [quiet, { heard, labels }] = [await quietDay(plant), await hear(plant, attack, parameters)]
  expect(labels).toMatchObject([{ end: null }, { name: attack, technique: PROOFS[attack].technique, hosts: ['edge-1'] }])
  expect(new Set(heard.map(({ message }) => message.agent))).toEqual(new Set(['edge-1']))
  expect(labels.map(({ start, end }) => [start, end].map((time) => time && (time - START_TIME) / 1000))).toEqual([
    [AT, null],
    [AT, END]
  ])
  expect(heard.filter(before)).toEqual(quiet.filter(before))
  return { quiet, heard, label: labels[0] }
}

const before = ({ second }: Heard) => second < AT
const during = ({ second }: Heard) => second > AT && second <= END
const after = ({ second }: Heard) => second > END
const kinds = (all: readonly Heard[]) => all.map(({ message }) => message.kind)
const text = (all: readonly Heard[]) => all.map((one) => JSON.stringify(one))

describe.each(PLANTS_ALL)('the centre of a %s plant', (plant) => {
  it('is told that the agent is gone, hears nothing of it, and then of its new birth', async () => {
    const { heard } = await twins('agent-stopped', plant)
    expect(heard.filter(({ second }) => second === AT).map(({ message }) => message.kind)).toEqual(['death'])
    const [birth, ...silent] = heard.filter(during)
    expect([birth?.message.kind, birth?.message.boot, birth?.second, silent]).toEqual(['birth', 2, END, []])
    expect(new Set(kinds(heard.filter(after)))).toEqual(new Set(['samples', 'health']))
  })

  it('hears times that are false by as much as the clock was put off', async () => {
    const { heard, quiet } = await twins('agent-clock-shifted', plant, { bySeconds: -600 })
    // The first batch holds what was read before, too.
    const isWhole = ({ second }: Heard) => second > AT + 10 && second <= END - 5
    const times = (all: readonly Heard[]) =>
      all.filter(isWhole).flatMap(({ message }) => {
        if (message.kind === 'health') return [message.time]
        return message.kind === 'samples' ? [Math.floor((message.base + (message.times[0] ?? 0)) / 1000) * 1000] : []
      })
    const truth = times(quiet)
    expect(truth.length).toBeGreaterThan(10)
    expect(times(heard).map((time, i) => time - (truth[i] ?? 0))).toEqual(truth.map(() => -600_000))
  })

  it('hears of the forged tag what nobody read, and all the rest besides', async () => {
    const { heard, quiet, label } = await twins('forged-message', plant)
    const known = new Set(text(quiet))
    const forged = heard.filter((one) => !known.has(JSON.stringify(one)))
    expect(forged).toHaveLength(24)
    expect(forged.every(({ second }) => second >= AT && second < END)).toBe(true)
    const birth = heard[0]?.message
    const id = birth?.kind === 'birth' ? birth.tags.find(({ name }) => name === label?.tags[0])?.id : undefined
    for (const { message } of forged) expect(message).toMatchObject({ kind: 'samples', tags: [id], qualities: [0] })
    expect(text(heard.filter((one) => !forged.includes(one)))).toEqual(text(quiet))
  })

  it('misses a share of the messages, and only while that is labelled', async () => {
    const { heard, quiet } = await twins('messages-dropped', plant)
    const arrived = new Set(text(heard))
    expect(text(heard).every((one) => text(quiet).includes(one))).toBe(true)
    const lost = quiet.filter((one) => !arrived.has(JSON.stringify(one)))
    expect(lost.length).toBeGreaterThan(5)
    expect(lost.length).toBeLessThan(quiet.filter(during).length)
    expect(lost.every(during)).toBe(true)
  })

  it('hears no more of the tag that was taken out of the config, until it is back', async () => {
    const { heard, label } = await twins('config-changed', plant)
    const births = heard.flatMap(({ second, message }) => (message.kind === 'birth' ? [{ second, message }] : []))
    expect(births.map(({ second }) => second)).toEqual([0, AT, END])
    expect(births.map(({ message }) => message.tags.some(({ name }) => name === label?.tags[0]))).toEqual([true, false, true])
    expect(new Set(births.map(({ message }) => message.tags.length)).size).toBe(2)
  })
})
