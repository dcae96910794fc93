// What `penstock simulate` was asked for, as scenarios: one PLC, or many of the same kind on ports one after the other.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Language, pick } from '#contract/text.ts'
import { UsageFault } from '#runtime/command-line.ts'
import { readConfig, readConfigText } from '#runtime/config-file.ts'
import { FAULTS } from './faults/faults.ts'
import { Scenario } from './scenario.ts'

export interface ListenAddress {
  host: string
  port: number
}

export interface PlayRequest {
  name: string
  /** Simulated time after the start, as in a timeline. */
  at: string
}

export interface SimulateOptions {
  plant?: string
  config?: string
  modbus?: ListenAddress
  opcua?: ListenAddress
  web?: ListenAddress
  view?: boolean
  speed?: number
  seed?: number
  count?: number
  attack: PlayRequest[]
  fault: PlayRequest[]
  labels?: string
  language: Language
}

const MOST_PORT = 65_535
const SITES: Readonly<Record<string, string>> = { water: 'east-water', heat: 'north-heat', gas: 'south-gas' }

/** The scenarios of all PLCs, each with ports and a seed of its own. */
export async function townOf(options: SimulateOptions): Promise<Scenario[]> {
  const { count = 1 } = options
  const first = await firstOf(options)
  const { modbus, opcua } = first
  for (const port of [modbus.port, opcua?.port ?? 0])
    if (port > 0 && port + count - 1 > MOST_PORT)
      throw new UsageFault(`端口 ${port} 之后没有 ${count} 个端口`, `there are no ${count} ports from ${port} on`)
  if (count > 1 && first.labels !== undefined)
    throw new UsageFault('多台 PLC 不能共用一个标注文件', 'many PLCs cannot share one file of labels')
  return Array.from({ length: count }, (_, i) => ({
    ...first,
    ...(count === 1 ? {} : { site: `${first.site}-${i + 1}` }),
    seed: (first.seed + i) % 0x7fff_ffff,
    modbus: { ...modbus, port: modbus.port === 0 ? 0 : modbus.port + i },
    ...(opcua === undefined
      ? {}
      : { opcua: { ...opcua, port: opcua.port === 0 ? 0 : opcua.port + i, pki: join(opcua.pki, String(i + 1)) } })
  }))
}

async function firstOf(options: SimulateOptions): Promise<Scenario> {
  const { plant, config: file, language } = options
  const read = file === undefined ? undefined : (await readConfig({ file, schema: Scenario, language })).config
  const kind = plant ?? read?.plant ?? 'water'
  const asked = { ...given(options), plant: kind, site: read?.site ?? SITES[kind], timeline: timelineOf(options) }
  const text = Buffer.from(JSON.stringify(asked, null, 2))
  const { config } = readConfigText({ file: pick({ zh: '命令行', en: 'command line' }, language), text, schema: Scenario, language })
  if (read === undefined) return config
  const { seed, speed, labels, opcua, modbus } = given(options)
  return {
    ...read,
    ...(seed === undefined ? {} : { seed }),
    ...(speed === undefined ? {} : { speed }),
    ...(labels === undefined ? {} : { labels: config.labels }),
    ...(opcua === undefined ? {} : { opcua: config.opcua }),
    modbus: { ...read.modbus, ...modbus },
    timeline: [...read.timeline, ...config.timeline]
  }
}

// What the command line says, as it would stand in a scenario.
function given({ seed, speed, labels, modbus, opcua }: SimulateOptions) {
  return { seed, speed, labels, modbus, opcua: opcua === undefined ? undefined : openServer(opcua) }
}

const timelineOf = ({ attack, fault }: SimulateOptions) => [
  ...attack.map(({ name, at }) => ({ at, attack: name })),
  ...fault.map(({ name, at }) => (Object.hasOwn(FAULTS, name) ? { at, fault: name } : { at, fault: 'breakdown', with: { what: name } }))
]

// For tests on this machine: anybody may read and write, with and without encryption.
const openServer = (listen: ListenAddress) => ({
  ...listen,
  pki: join(tmpdir(), `penstock-simulator-pki-${process.pid}`),
  security: { policies: ['Basic256Sha256', 'None'], modes: ['SignAndEncrypt', 'None'], acceptUnknownClients: true },
  anonymous: 'operator'
})
