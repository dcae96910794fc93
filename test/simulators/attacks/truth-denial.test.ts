// Labels tell the truth, continued: attacks that keep the PLC from answering, and people in the middle of the wire.
import { describe, expect, it } from 'vitest'
import type { ATTACKS } from '../../../simulators/attacks/attacks.ts'
import { PLANTS_ALL, PROOFS } from './truth-proofs.ts'
import { ATTACKER, cut, type Day, differing, type Played, playDay, quietDay, START } from './twin.ts'

const END = 300
const OPERATOR = '127.0.0.10'

async function twins(attack: keyof typeof ATTACKS, plant: (typeof PLANTS_ALL)[number], given: unknown = {}, day: Day = {}) {
  const [quiet, attacked] = [await quietDay(plant, day), await playDay(plant, day, { attack, with: given })]
  const end = START + (day.lasts ?? END - START)
  expect(attacked.labels).toMatchObject([{ name: attack, technique: PROOFS[attack].technique, start: START * 1000, end: end * 1000 }])
  expect(cut(attacked.image, 0, START)).toEqual(cut(quiet.image, 0, START))
  expect(attacked.heard.filter(({ second }) => second < START)).toEqual(quiet.heard.filter(({ second }) => second < START))
  return { quiet, attacked, end, label: attacked.labels[0] }
}

const silentSeconds = ({ agent }: Played) => [...(agent['plc.scan-count'] ?? [])].flatMap((value, i) => (Number.isNaN(value) ? [i] : []))
const by = (client: string, { heard }: Played) => heard.filter((one) => one.client === client).map(({ connection: _, ...one }) => one)

describe.each(PLANTS_ALL)('the PLC of a %s plant', (plant) => {
  it('listens only while that is labelled, and answers again afterwards', async () => {
    const { attacked, quiet } = await twins('listen-only', plant)
    expect(attacked.image).toEqual(quiet.image)
    const silent = silentSeconds(attacked)
    expect([silent[0], silent.length >= END - START, silent.every((second) => second <= END + 1)]).toEqual([START, true, true])
    expect(by(OPERATOR, attacked).some(({ second, reply }) => second > END && reply !== null)).toBe(true)
  })

  it('cuts everybody off whenever its communications are restarted', async () => {
    const { attacked, quiet } = await twins('restart-communications', plant)
    expect(attacked.image).toEqual(quiet.image)
    expect(silentSeconds(attacked)).toEqual([120, 150, 180, 210, 240, 270])
    const cuts = attacked.connections.filter(({ client, what }) => client === OPERATOR && what === 'closed')
    expect(cuts.map(({ second }) => second)).toEqual([120, 150, 180, 210, 240, 270])
    expect(quiet.connections.some(({ what }) => what === 'closed')).toBe(false)
  })

  it('has no connection left for others when all are taken, and has them again afterwards', async () => {
    const { attacked, quiet, label } = await twins('connection-exhaustion', plant)
    expect(attacked.image).toEqual(quiet.image)
    expect(label).toMatchObject({ hosts: [ATTACKER], tags: [] })
    const own = attacked.connections.filter(({ client }) => client === ATTACKER)
    expect(own.filter(({ what }) => what === 'refused').length).toBeGreaterThan(10)
    expect(own.filter(({ what }) => what === 'opened').length).toBe(own.filter(({ what }) => what === 'closed').length)
    expect(own.every(({ second }) => second >= START && second <= END)).toBe(true)
  })
})

const TAG = { water: 'tower.level', heat: 'supply.temperature', gas: 'outlet.pressure' } as const
// When the operator writes by the book what somebody may alter.
const DUTY = {
  water: { tag: 'chlorine.setpoint', startsAt: 'mon 08:30' },
  heat: { tag: 'night.reduction', startsAt: 'mon 15:55' },
  gas: { tag: 'outlet.pressure-setpoint', startsAt: 'mon 05:00' }
} as const

describe.each(PLANTS_ALL)('somebody in the middle at a %s plant', (plant) => {
  it('lies to the agent about one tag and to nobody else', async () => {
    const { attacked, quiet, label } = await twins('spoofed-reply', plant)
    expect(label).toMatchObject({ tags: [TAG[plant]], hosts: [] })
    expect(attacked.image).toEqual(quiet.image)
    expect(attacked.heard).toEqual(quiet.heard)
    expect(differing(attacked.agent, quiet.agent, 0, START)).toEqual([])
    expect(differing(attacked.agent, quiet.agent, START, END)).toEqual([TAG[plant]])
    expect(differing(attacked.agent, quiet.agent, END)).toEqual([])
  })

  it('lies to the operator, whom the PLC told the truth', async () => {
    const { attacked, quiet } = await twins('spoofed-reply', plant, { victim: 'operator' })
    expect([attacked.image, attacked.agent, attacked.atPlc]).toEqual([quiet.image, quiet.agent, quiet.atPlc])
    const lies = attacked.heard.filter((one, i) => one.reply !== quiet.heard[i]?.reply)
    expect(lies.length).toBeGreaterThan(10)
    expect(lies.every(({ second, client }) => client === OPERATOR && second >= START && second < END)).toBe(true)
  })

  it('alters what the operator orders and shows what was meant', async () => {
    const { tag, startsAt } = DUTY[plant]
    const { attacked, quiet, label, end } = await twins('spoofed-request', plant, {}, { startsAt, lasts: 4000 })
    expect(label).toMatchObject({ tags: [tag], hosts: [ATTACKER] })
    const changed = differing(attacked.image, quiet.image, START, end)
    expect(changed).toContain(tag)
    // The physics follows the altered order, and nothing else was written.
    expect(by(OPERATOR, attacked).filter(isWrite)).toEqual(by(OPERATOR, quiet).filter(isWrite))
    expect(attacked.image[tag]?.at(-1)).toBe(quiet.image[tag]?.at(-1))
    const isForeign = ({ client }: { client: string }) => client === ATTACKER
    expect(attacked.atPlc.filter(isForeign).map(({ second }) => second)).toEqual([end])
  })
})

const isWrite = ({ request }: { request: string }) => ['05', '06', '0f', '10'].includes(request.slice(0, 2))
