// The tags and trends of a made-up plant in the words of the contract, with bad, doubtful and stale ones when wanted.
import type { TagView, Trend } from '#contract/api.ts'
import { BAD_TIMEOUT, GOOD, UNCERTAIN_OUT_OF_RANGE } from '#contract/quality.ts'
import type { Tag } from '#contract/tag.ts'

export const SITE = { id: 'east-water', title: { zh: '东区水厂', en: 'East Waterworks' }, sector: 'water' } as const
export const QUIET_SITE = { id: 'north-heat', title: { zh: '北区换热站', en: 'North Heat Substation' }, sector: 'heat' } as const
export const AGENT = 'edge-1'
export const DEVICE = {
  id: 'plc-1',
  title: { zh: '一号泵房控制器', en: 'Pump House 1 Controller' },
  protocol: 'modbus-tcp',
  endpoint: '10.20.1.11:502, unit 1'
} as const

export const SERVER = {
  id: 'ua-1',
  title: { zh: '加药间 OPC UA 服务器', en: 'Dosing Room OPC UA Server' },
  protocol: 'opcua',
  endpoint: 'opc.tcp://10.20.1.21:4840'
} as const

type Draft = Pick<Tag, 'name' | 'role' | 'dataType'> & Partial<Tag> & { base: number; swing: number }

const DRAFTS: readonly Draft[] = [
  {
    name: 'tower.level',
    title: { zh: '水塔液位', en: 'Tower level' },
    role: 'measurement',
    dataType: 'float',
    unit: 'm',
    range: { low: 0, high: 6 },
    base: 3.6,
    swing: 0.7
  },
  {
    name: 'zone.flow',
    title: { zh: '片区流量', en: 'Zone flow' },
    role: 'measurement',
    dataType: 'float',
    unit: 'm3/h',
    range: { low: 0, high: 500 },
    base: 212,
    swing: 60
  },
  {
    name: 'zone.pressure',
    title: { zh: '管网压力', en: 'Zone pressure' },
    role: 'measurement',
    dataType: 'float',
    unit: 'bar',
    range: { low: 0, high: 10 },
    base: 4.1,
    swing: 0.3
  },
  {
    name: 'chlorine.residual',
    title: { zh: '余氯', en: 'Chlorine residual' },
    role: 'measurement',
    dataType: 'float',
    unit: 'mg/L',
    range: { low: 0, high: 4 },
    base: 0.52,
    swing: 0.04
  },
  {
    name: 'chlorine.setpoint',
    title: { zh: '余氯设定值', en: 'Chlorine setpoint' },
    role: 'setpoint',
    dataType: 'float',
    unit: 'mg/L',
    range: { low: 0.3, high: 0.8 },
    base: 0.5,
    swing: 0
  },
  {
    name: 'water.temperature',
    title: { zh: '水温', en: 'Water temperature' },
    role: 'measurement',
    dataType: 'float',
    unit: 'degC',
    range: { low: -5, high: 40 },
    base: 14.2,
    swing: 0.6
  },
  { name: 'pump1.running', title: { zh: '1 号泵运行', en: 'Pump 1 running' }, role: 'status', dataType: 'bool', base: 1, swing: 0 },
  { name: 'pump1.auto', title: { zh: '1 号泵自动', en: 'Pump 1 automatic' }, role: 'command', dataType: 'bool', base: 1, swing: 0 },
  {
    name: 'turbidity',
    title: { zh: '浊度', en: 'Turbidity' },
    role: 'measurement',
    dataType: 'float',
    unit: 'NTU',
    range: { low: 0, high: 10 },
    base: 0.4,
    swing: 0.05
  },
  { name: 'plc.model', title: { zh: '控制器型号', en: 'Controller model' }, role: 'status', dataType: 'string', base: 0, swing: 0 },
  ...Array.from(
    { length: 1190 },
    (_, i): Draft => ({ name: `spare.${i + 1}`, role: 'measurement', dataType: 'integer', base: i, swing: 0 })
  )
]

export function valueAt(name: string, time: number): number | string {
  if (name === 'plc.model') return 'SIM-1200 v2.1'
  const draft = DRAFTS.find((one) => one.name === name)
  if (draft === undefined || draft.dataType === 'bool') return draft?.base ?? 0
  const wave = Math.sin(time / 900_000) + 0.12 * Math.sin(time / 7_000) + 0.05 * Math.sin(time / 900)
  return draft.dataType === 'integer' ? draft.base : Math.round((draft.base + draft.swing * wave) * 1000) / 1000
}

const special: Readonly<Record<string, { quality: number; stale?: boolean; value?: null }>> = {
  'zone.pressure': { quality: BAD_TIMEOUT, value: null },
  turbidity: { quality: UNCERTAIN_OUT_OF_RANGE },
  'water.temperature': { quality: GOOD, stale: true }
}

export function tags(now: number, troubled: boolean): TagView[] {
  return DRAFTS.map(({ base: _base, swing: _swing, ...draft }, i) => {
    const odd = troubled ? special[draft.name] : undefined
    return {
      site: SITE.id,
      agent: AGENT,
      tag: { id: i + 1, device: DEVICE.id, address: `input-register ${i} of unit 1`, cadenceMs: 1000, heartbeatMs: 10_000, ...draft },
      view: 'polled',
      latest: {
        time: odd?.stale ? now - 190_000 : now - 400,
        value: odd?.value === null ? null : valueAt(draft.name, now),
        quality: odd?.quality ?? GOOD
      },
      stale: odd?.stale ?? false,
      openAlerts: troubled && draft.name === 'chlorine.setpoint' ? 1 : 0
    }
  })
}

export function trend(
  name: string,
  { from, to, buckets }: { from: number; to: number; buckets: number },
  now: number,
  troubled: boolean
): Trend {
  const bucketMs = Math.max(1000, (to - from) / buckets)
  const made: Trend = { from, to, bucketMs, times: [], min: [], max: [], mean: [], last: [], quality: [], count: [], gaps: [] }
  const span = to - from
  const gap = { from: Math.round(from + span * 0.22), to: Math.round(from + span * 0.28), reason: 'never-arrived' as const }
  if (troubled) made.gaps.push(gap)
  for (let time = from; time < Math.min(to, now); time += bucketMs) {
    if (troubled && time >= gap.from && time <= gap.to) continue
    const bad = troubled && time > from + span * 0.4 && time < from + span * 0.44
    const jump = name === 'chlorine.setpoint' && troubled && time > now - 9 * 60_000
    const value = jump ? 1.8 : valueAt(name, time)
    const number = typeof value === 'number' && !bad ? value : null
    const width = name.startsWith('chlorine.s') || number === null ? 0 : Math.abs(number) * 0.02
    made.times.push(Math.round(time))
    made.min.push(number === null ? null : number - width)
    made.max.push(number === null ? null : number + width)
    made.mean.push(number)
    made.last.push(bad ? null : value)
    made.quality.push(bad ? BAD_TIMEOUT : GOOD)
    made.count.push(Math.round(bucketMs / 1000))
  }
  return made
}
