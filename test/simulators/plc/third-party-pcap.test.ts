// What goes over the wire of every plant, as tshark reads it: the agent's polls, the work of the staff, and every attack over Modbus,
// recorded as packets without a malformed one.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Attack } from '../../../simulators/attacks/attack.ts'
import { ATTACKS } from '../../../simulators/attacks/attacks.ts'
import { playOffline } from '../../../simulators/offline.ts'
import { PLANTS, type PlantKind } from '../../../simulators/plants/plant.ts'
import { stretchesOf } from '../../../simulators/plc/modbus-desk.ts'
import type { TagMap } from '../../../simulators/plc/tag-map.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { pcapFile } from '../../parts/pcap-file.ts'
import { tshark, WRONG } from '../../parts/tshark.ts'
import { temporaryFolder } from '../../parts/wait.ts'

const EACH_SECONDS = 60
const clock = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 19)

// These send requests that are none, or only begin as one.
const UNSOUND = ['malformed-frames', 'function-scan']

// OPC UA and our own agent are not on this wire.
function attacksOn(plant: PlantKind): string[] {
  return Object.values(ATTACKS).flatMap((attack: Attack) => {
    const isPlayable = attack.plants?.includes(plant) !== false && !attack.needs?.some((need) => need === 'opcua' || need === 'eyes')
    return isPlayable && !UNSOUND.includes(attack.name) ? [attack.name] : []
  })
}

async function record(plant: PlantKind, attacks: readonly string[]): Promise<{ file: string; packets: number }> {
  const file = join(await temporaryFolder(), `${plant}.pcap`)
  let now = Date.UTC(2026, 0, 5)
  using recorder = pcapFile({ path: file, maxBytes: 5e7, now: () => now })
  const agent = recorder.observer()
  const played = new Set<string>()
  const timeline = attacks.map((attack, i) => ({ at: clock((i + 10) * EACH_SECONDS), for: '00:00:40', attack }))
  const scenario = Scenario.parse({ plant, operator: { everySeconds: 20 }, timeline })
  await playOffline({
    ...{ scenario, seconds: (attacks.length + 12) * EACH_SECONDS, stepMs: 1000, ...recorder.observer() },
    onLabel: ({ id }) => played.add(id),
    onScan: ({ time, second, scene, request }) => {
      now = time
      if (second % 20 !== 0) return
      for (const pdu of pollsOf(scene.map)) {
        const reply = request(pdu)
        const exchange = { client: 'agent', server: 'plc', unit: 1, connection: 1, request: pdu }
        agent.onExchange?.({ ...exchange, reply: reply === null ? null : Buffer.from(reply) })
      }
    }
  })
  recorder.end()
  expect(recorder.counts.dropped).toBe(0)
  expect(played.size).toBe(attacks.length)
  return { file, packets: recorder.counts.packets }
}

const CODES = { coils: 1, discreteInputs: 2, holdingRegisters: 3, inputRegisters: 4 } as const
const pollsOf = (map: TagMap): Uint8Array[] =>
  stretchesOf(map).map(({ table, address, count }) => Uint8Array.of(CODES[table], address >> 8, address & 255, count >> 8, count & 255))

describe.each(PLANTS)('the wire of the %s plant', (plant) => {
  it('carries no malformed packet, whatever is asked and whoever attacks', async () => {
    const { file, packets } = await record(plant, attacksOn(plant))
    expect(await tshark(file, '-Y', WRONG)).toEqual([])
    const codes = await tshark(file, '-T', 'fields', '-E', 'occurrence=f', '-e', 'frame.number', '-e', 'modbus.func_code')
    expect(codes).toHaveLength(packets)
    const seen = new Set(codes.map((line) => Number(line.split('\t')[1])))
    // Reads, writes, diagnostics, identification and programming.
    expect([1, 3, 4, 5, 6, 8, 16, 43, 90].filter((code) => !seen.has(code))).toEqual([])
  }, 120_000)

  it('carries sound replies even to requests that are none', async () => {
    const { file } = await record(plant, UNSOUND)
    expect((await tshark(file, '-Y', '_ws.malformed && tcp.dstport == 502')).length).toBeGreaterThan(5)
    expect(await tshark(file, '-Y', `tcp.srcport == 502 && (${WRONG})`)).toEqual([])
  }, 120_000)
})
