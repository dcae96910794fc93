import { describe, expect, it } from 'vitest'
import { simulateOffline } from '../../simulators/offline.ts'
import { WaterPlant } from '../../simulators/plants/water.ts'

interface Record {
  second: number
  time: number
  holding: number[]
  coils: number
  level: string
  states: number
}

const START = 1_700_000_000_000

async function record(options: Parameters<typeof simulateOffline>[0]) {
  const records: Record[] = []
  const { labels, scene } = await simulateOffline({
    startTime: START,
    stepMs: 200,
    startsAt: 'mon 08:00',
    ...options,
    onScan({ second, time, request }) {
      const words = (pdu: number[]) => {
        const reply = request(Uint8Array.from(pdu)) ?? Buffer.alloc(2)
        return Array.from({ length: (reply[1] ?? 0) / 2 }, (_, i) => reply.readUInt16BE(2 + i * 2))
      }
      const bits = (pdu: number[]) => request(Uint8Array.from(pdu))?.readUInt8(2) ?? 0
      records.push({
        second,
        time,
        holding: words([3, 0, 0, 0, 7]),
        coils: bits([1, 0, 0, 0, 5]),
        level: words([4, 0, 0, 0, 2]).join(),
        states: bits([2, 0, 0, 0, 8])
      })
    }
  })
  return { records, labels, scene }
}

function towerLevelOf(plant: unknown): number {
  if (!(plant instanceof WaterPlant)) throw new Error('not a waterworks')
  return plant.towerLevel
}

const secondOf = (time: number | null) => ((time ?? 0) - START) / 1000

describe('the offline mode', () => {
  it('tells each second once, with its time', async () => {
    const { records } = await record({ seconds: 5 })
    expect(records.map(({ second }) => second)).toEqual([1, 2, 3, 4, 5])
    expect(records.map(({ time }) => time - START)).toEqual([1000, 2000, 3000, 4000, 5000])
  })

  it('gives the same registers for the same seed and other noise for another', async () => {
    const first = await record({ seconds: 60, seed: 9 })
    expect((await record({ seconds: 60, seed: 9 })).records).toEqual(first.records)
    const other = await record({ seconds: 60, seed: 10 })
    expect(other.records.map(({ level }) => level)).not.toEqual(first.records.map(({ level }) => level))
  })

  it('refuses gaps as the server does', async () => {
    let reply: number[] = []
    await simulateOffline({
      seconds: 1,
      onScan({ request }) {
        reply = [...(request(Uint8Array.of(4, 0, 20, 0, 6)) ?? [])]
      }
    })
    expect(reply).toEqual([0x84, 2])
  })

  it('refuses what is no scenario', async () => {
    await expect(simulateOffline({ seconds: 1, stepMs: 300 })).rejects.toThrow(RangeError)
    await expect(simulateOffline({ seconds: 1, attacks: [{ at: '1 minute', attack: 'pump-stop' }] })).rejects.toThrow(
      'hours:minutes:seconds'
    )
  })

  it('labels a tampered setpoint exactly as long as it stands in the register', async () => {
    const { records, labels } = await record({ seconds: 90, attacks: [{ at: '00:00:30', for: '00:00:20', attack: 'setpoint-tamper' }] })
    const tampered = records.filter(({ holding }) => holding[2] === 1800)
    expect(tampered.map(({ second }) => second)).toEqual(Array.from({ length: 20 }, (_, i) => 31 + i))
    expect(labels).toHaveLength(1)
    expect([secondOf(labels[0]?.start ?? 0), secondOf(labels[0]?.end ?? 0)]).toEqual([30, 50])
  })

  it('labels a stopped lead pump, which stands from then on', async () => {
    const { records, labels } = await record({ seconds: 300, attacks: [{ at: '00:02:00', attack: 'pump-stop' }] })
    const running = (record: Record) => record.states & 1
    expect(records.slice(10, 120).every(running)).toBe(true)
    expect(records.slice(120).some(running)).toBe(false)
    expect(labels).toMatchObject([
      { name: 'pump-stop', technique: 'T0855', start: START + 120_000, end: null, tags: ['pump1.auto', 'pump1.running'] }
    ])
  })

  it('plays an attack again from the very second at which it ended', async () => {
    const step = (at: string) => ({ at, for: '00:00:10', attack: 'setpoint-tamper' })
    const { records, labels } = await record({ seconds: 60, attacks: [step('00:00:30'), step('00:00:20'), step('00:00:40')] })
    expect(labels.map(({ start, end }) => [secondOf(start), secondOf(end)])).toEqual([
      [20, 30],
      [30, 40],
      [40, 50]
    ])
    const tampered = records.filter(({ holding }) => holding[2] === 1800)
    expect(tampered.map(({ second }) => second)).toEqual(Array.from({ length: 30 }, (_, i) => 21 + i))
  })

  it('labels a frozen report, which stays to the bit while the tower moves on', async () => {
    const { records, labels, scene } = await record({ seconds: 1800, attacks: [{ at: '00:01:00', attack: 'sensor-freeze' }] })
    expect(new Set(records.slice(0, 60).map(({ level }) => level)).size).toBeGreaterThan(20)
    expect(new Set(records.slice(60).map(({ level }) => level)).size).toBe(1)
    const reported = scene.plc.image.inputRegisters.subarray(0, 2)
    const value = new DataView(
      Uint8Array.of((reported[0] ?? 0) >> 8, reported[0] ?? 0, (reported[1] ?? 0) >> 8, reported[1] ?? 0).buffer
    ).getFloat32(0)
    expect(Math.abs(towerLevelOf(scene.plant) - value)).toBeGreaterThan(0.01)
    expect(labels).toMatchObject([{ technique: 'T0856', start: START + 60_000, end: null, tags: ['tower.level'], hosts: [] }])
  })

  it('changes nothing before an attack starts', async () => {
    const clean = await record({ seconds: 60 })
    for (const attack of ['setpoint-tamper', 'sensor-freeze', 'pump-stop']) {
      const { records } = await record({ seconds: 65, attacks: [{ at: '00:01:00', attack }] })
      expect(records.slice(0, 60)).toEqual(clean.records)
    }
  })
})
