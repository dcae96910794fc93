// `penstock agent identify`: what a device says it is, asked within its budget over one connection.
import type { Language } from '#contract/language.ts'
import { interruption, type Outcome, progress, type Say, sayIn } from '#runtime/command-line.ts'
import { readConfig } from '#runtime/config-file.ts'
import { consoleTable } from '#runtime/console-table.ts'
import { quietLog } from '#runtime/log.ts'
import { AgentClock } from '../clock.ts'
import { AgentConfig } from '../config.ts'
import { buildLines } from '../modbus/build.ts'
import type { ModbusDevice } from '../modbus/config.ts'
import { ModbusFault } from '../modbus/fault.ts'
import { readIdentification, serverIdOf } from '../modbus/identity.ts'
import { resolveDevice } from '../modbus/resolve.ts'
import { isModbus, planOf } from '../resolve.ts'
import { deviceFault, deviceNamed } from './device-fault.ts'
import { opcUaFolder } from './opcua-folder.ts'
import { refuseSecondConnection } from './own-connections.ts'
import type { IdentifyResult } from './results.ts'

export interface IdentifyOptions {
  file: string
  device: string
  serverId?: boolean
  timeout: number
  secondConnection?: boolean
  language: Language
}

type Fact = IdentifyResult['facts'][number]

/** Rejects with ConfigFault, UsageFault or DeviceFault. */
export async function identify(options: IdentifyOptions): Promise<Outcome> {
  const { file, device: id, serverId = false, timeout, secondConnection, language } = options
  const say = sayIn(language)
  const { config } = await readConfig({ file, language, schema: AgentConfig })
  const device = deviceNamed(config, id)
  if (secondConnection !== true) await refuseSecondConnection({ ...config, devices: [device] })
  progress(say(`询问 ${id}……`, `Asking ${id}…`))
  using interrupted = interruption()
  const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(timeout)])
  const facts = await Promise.try(async () => {
    if (isModbus(device)) return await askModbus({ ...device, identify: true, serverId }, config, signal)
    const { askOpcUa } = await import('./identify-opcua.ts')
    return await askOpcUa(device, opcUaFolder(config), signal)
  }).catch((error: unknown) => {
    throw deviceFault(id, signal.aborted ? new ModbusFault('MODBUS_TIMEOUT', `no answer within ${timeout} ms`, { place: id }) : error)
  })
  const data: IdentifyResult = { device: planOf(device, config.defaults).resolved.device, facts }
  return { text: tableOf(facts, say), data, trouble: facts.length === 0 }
}

// What one answer counts for in the budget of registers, as in the running agent.
const REGISTERS = 125

// The config of the command line allows the two functions for this one device and this one connection.
async function askModbus(config: ModbusDevice, { defaults }: AgentConfig, signal: AbortSignal): Promise<Fact[]> {
  const resolved = resolveDevice(config, defaults)
  const { links } = buildLines({
    devices: [{ config, resolved, tags: [] }],
    clock: new AgentClock({ floor: 0 }),
    log: quietLog(),
    backoff: { firstMs: 1000, mostMs: 300_000 }
  })
  const [link] = links
  if (link === undefined) return []
  const ending = new AbortController()
  const life = AbortSignal.any([ending.signal, signal])
  const running = link.run(life)
  try {
    await link.attempted
    life.throwIfAborted()
    if (link.down !== undefined) throw link.down
    const { unit, timeoutMs, serverId } = config
    const cost = { unit, registers: REGISTERS, signal: life }
    const identity = await readIdentification(async (objectId) => {
      const { answer } = await link.ask(cost, (reader) => reader.identify({ unit, level: 2, objectId, timeoutMs }))
      return answer
    }, `unit ${unit} at ${link.endpoint}`)
    const facts = Object.entries(identity).map(([name, value]) => ({ name, value }))
    if (!serverId) return facts
    const { answer } = await link.ask(cost, (reader) => reader.serverId({ unit, timeoutMs }))
    return [...facts, { name: 'serverId', value: serverIdOf(answer) }]
  } finally {
    ending.abort()
    await running
  }
}

const NAMES: Readonly<Record<string, string>> = {
  vendor: '厂商',
  product: '产品代码',
  revision: '版本',
  url: '网址',
  productName: '产品名称',
  model: '型号',
  application: '应用名称',
  serverId: '服务器标识（功能码 17）',
  productUri: '产品 URI',
  build: '构建号',
  buildDate: '构建时间',
  state: '状态',
  startTime: '启动时间',
  currentTime: '当前时间',
  serviceLevel: '服务级别',
  connection: '连接安全',
  endpoint: '提供的端点'
}

function tableOf(facts: readonly Fact[], say: Say): string {
  if (facts.length === 0) return say('设备没有说明自己', 'the device does not say what it is')
  const rows = facts.map(({ name, value }) => [say(NAMES[name] ?? name, name), value])
  return consoleTable({ columns: [{ title: say('项目', 'what') }, { title: say('设备的回答', 'what the device says') }], rows })
}
