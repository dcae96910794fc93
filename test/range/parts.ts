// Small true messages for the tests of the range: one site, one agent, two tags.
import { Birth } from '#contract/agent-status.ts'
import type { Label } from '#contract/label.ts'
import { SampleBatch } from '#contract/sample.ts'
import type { RecordingHead } from '../../range/recording.ts'

export const HEAD: Omit<RecordingHead, 'recording'> = {
  ...{ scenario: 'a-day', site: 'east', plant: 'water', seed: 7, stepMs: 100, startTime: 0, durationSeconds: 60 }
}

const sender = { schema: 1, site: 'east', agent: 'edge-1', boot: 1 } as const
const tag = { device: 'plc-1', role: 'measurement', dataType: 'float', address: 'holding-register 1', cadenceMs: 1000, heartbeatMs: 60_000 }

export const birth = (names: readonly string[] = ['level', 'flow']): Birth =>
  Birth.parse({
    ...{ kind: 'birth', ...sender, tagMap: 1, startedAt: 0, version: '0.1.0', configHash: 'abc', acknowledge: 'none' },
    siteInfo: { id: 'east', title: { zh: '东水厂', en: 'East works' }, sector: 'water' },
    devices: [{ id: 'plc-1', protocol: 'modbus-tcp', endpoint: '127.0.0.1:502 unit 1' }],
    tags: names.map((name, i) => ({ ...tag, id: i + 1, name, title: { zh: `测点 ${name}`, en: `Tag ${name}` }, unit: 'm' }))
  })

export const batch = (columns: Pick<SampleBatch, 'tags' | 'times' | 'values' | 'qualities'>, base = 1000): SampleBatch =>
  SampleBatch.parse({ kind: 'samples', ...sender, sequence: 1, view: 'polled', tagMap: 1, base, ...columns })

export const label = (more: Partial<Label> = {}): Label => ({
  ...{ id: 'a1', site: 'east', kind: 'attack', name: 'setpoint-tamper', technique: 'T0836' },
  ...{ start: 2000, end: 3000, tags: ['level'], hosts: ['127.0.0.66'] },
  ...more
})
