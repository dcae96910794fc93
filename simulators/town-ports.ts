// The ports of a town: each PLC has those of the one before, moved on just so far that no two of the town meet.
import type { Text } from '#contract/text.ts'
import { UsageFault } from '#runtime/command-line.ts'
import type { Scenario } from './scenario.ts'

type Listening = Pick<Scenario, 'modbus' | 'opcua'>

interface ListenAddress {
  host: string
  port: number
}

const MOST_PORT = 65_535
const ANYWHERE = ['0.0.0.0', '::']

/** The ports of the PLC that has so many others of the same scenario before it, in a town of `count`. */
export function movedOn<T extends Listening>(scenario: T, before: number, count: number): T {
  const { modbus, opcua } = scenario
  const by = before * strideOf(scenario, count)
  const moved = (port: number) => (port === 0 ? 0 : port + by)
  return {
    ...scenario,
    modbus: {
      ...modbus,
      port: moved(modbus.port),
      ...(modbus.path === undefined ? {} : { path: { ...modbus.path, port: moved(modbus.path.port) } })
    },
    ...(opcua === undefined ? {} : { opcua: { ...opcua, port: moved(opcua.port) } })
  }
}

/** Throws a UsageFault when there are not so many ports. */
export function checkRoom(scenario: Listening, count: number): void {
  const top = Math.max(...portsOf(scenario)) + (count - 1) * strideOf(scenario, count)
  if (top > MOST_PORT)
    throw new UsageFault(
      `${count} 台 PLC 须用到端口 ${top}，而端口至多 ${MOST_PORT}`,
      `${count} PLCs would need ports up to ${top}, and the last one is ${MOST_PORT}`
    )
}

/** Throws a UsageFault that says who would share a port. */
export function checkPorts(town: readonly (Listening & { site: string })[], web: ListenAddress | undefined): void {
  const seen = new Map<number, (ListenAddress & { what: Text })[]>()
  const page = web === undefined ? [] : [{ ...web, what: { zh: '--web', en: '--web' } }]
  for (const one of [...town.flatMap(namedPorts), ...page]) {
    const { host, port, what } = one
    if (port === 0) continue
    const there = seen.get(port) ?? []
    const other = there.find((before) => before.host === host || [before.host, host].some((place) => ANYWHERE.includes(place)))
    if (other !== undefined)
      throw new UsageFault(
        `端口 ${host}:${port} 要用两次：${other.what.zh}，${what.zh}`,
        `${host}:${port} is asked for twice: as ${other.what.en} and as ${what.en}`
      )
    seen.set(port, [...there, one])
  }
}

// 1, so that PLCs of a plain scenario have ports in one row; more where ports of one scenario lie side by side: 1502 and 1503 go
// on with 1504 and 1505.
function strideOf(scenario: Listening, count: number): number {
  const ports = portsOf(scenario).filter((port) => port > 0)
  const gaps = ports.flatMap((a) => ports.map((b) => a - b)).filter((gap) => gap > 0)
  let stride = 1
  while (gaps.some((gap) => gap % stride === 0 && gap / stride < count)) stride++
  return stride
}

const portsOf = ({ modbus, opcua }: Listening): number[] => [modbus.port, modbus.path?.port ?? 0, opcua?.port ?? 0]

function namedPorts({ site, modbus, opcua }: Listening & { site: string }): (ListenAddress & { what: Text })[] {
  const { host, port, path } = modbus
  return [
    { host, port, what: { zh: `${site} 的 Modbus`, en: `Modbus of ${site}` } },
    ...(path === undefined ? [] : [{ host, port: path.port, what: { zh: `${site} 的 modbus.path`, en: `modbus.path of ${site}` } }]),
    ...(opcua === undefined ? [] : [{ host: opcua.host, port: opcua.port, what: { zh: `${site} 的 OPC UA`, en: `OPC UA of ${site}` } }])
  ]
}
