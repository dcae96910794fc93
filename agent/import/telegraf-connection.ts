// How a Telegraf plugin reaches its device: controller, transmission_mode and the settings of a serial line.
import { z } from 'zod'
import type { DraftDevice, Notes, Parity } from './draft.ts'

type Reach = Pick<DraftDevice, 'connection' | 'timeoutMs' | 'minGapMs'>

const PARITIES: Readonly<Record<string, Parity>> = { N: 'none', E: 'even', O: 'odd' }

/** Undefined, with a note, when we have no such connection. */
export function connectionOf(plugin: Record<string, unknown>, place: string, notes: Notes): Reach | undefined {
  const controller = plugin['controller']
  const mode = String(plugin['transmission_mode'] ?? 'auto')
  if (typeof controller !== 'string') {
    notes.left(`${place}.controller`, '缺少设备地址', 'there is no address of a device')
    return undefined
  }
  const waits = { ...spanOf('timeoutMs', plugin['timeout'], 50, 60_000), ...spanOf('minGapMs', pauseOf(plugin), 0, 10_000) }
  const path = /^(?:file:\/\/)?(\/dev\/.+|COM\d+)$/.exec(controller)?.[1]
  if (path !== undefined) return serial(plugin, path, mode, waits)
  const network = /^tcp:\/\/(\[[0-9A-Fa-f:]+\]|[^/:]+):(\d{1,5})$/.exec(controller)
  const [, host = '', port = ''] = network ?? []
  if (network === null || Number(port) < 1 || Number(port) > 65535) {
    notes.left(`${place}.controller`, `无法识别的地址 ${controller}`, `cannot make anything of the address ${controller}`)
    return undefined
  }
  const protocol = NETWORK_MODES[mode]
  if (protocol === undefined) {
    notes.left(`${place}.transmission_mode`, `不支持 ${mode}`, `${mode} is not read here`)
    return undefined
  }
  return { connection: { protocol, host: host.replace(/^\[|\]$/g, ''), port: Number(port) }, ...waits }
}

const NETWORK_MODES: Readonly<Record<string, 'modbus-tcp' | 'modbus-rtu-over-tcp'>> = {
  auto: 'modbus-tcp',
  TCP: 'modbus-tcp',
  RTUoverTCP: 'modbus-rtu-over-tcp'
}

function serial(plugin: Record<string, unknown>, path: string, mode: string, waits: Partial<Reach>): Reach {
  const ascii = mode === 'ASCII'
  const baudRate = z.int().min(300).max(921_600).safeParse(plugin['baud_rate']).data ?? 9600
  const dataBits = z.literal([7, 8]).safeParse(plugin['data_bits']).data ?? 8
  const stopBits = z.literal([1, 2]).safeParse(plugin['stop_bits']).data ?? 1
  const parity = PARITIES[String(plugin['parity'] ?? 'N')] ?? 'none'
  return { connection: { protocol: ascii ? 'modbus-ascii' : 'modbus-rtu', path, baudRate, parity, dataBits, stopBits }, ...waits }
}

function pauseOf(plugin: Record<string, unknown>): unknown {
  return z.object({ pause_between_requests: z.unknown() }).safeParse(plugin['workarounds']).data?.pause_between_requests
}

function spanOf(key: 'timeoutMs' | 'minGapMs', value: unknown, low: number, high: number): Partial<Record<typeof key, number>> {
  const ms = durationOf(value)
  return ms === undefined ? {} : { [key]: Math.min(high, Math.max(low, ms)) }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Go's spans: "1s", "100ms", "1m30s", or a number of seconds. */
export function durationOf(value: unknown): number | undefined {
  if (typeof value === 'number' && value > 0) return Math.round(value * 1000)
  if (typeof value !== 'string' || !/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(value)) return undefined
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  return Math.round(parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0))
}
