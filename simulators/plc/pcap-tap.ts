// The packet capture of a running town as a part of its process: opened before the first PLC answers, written on every second from
// when all have started, and ended when the last one has stopped.
import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import type { Part } from '#runtime/lifecycle.ts'
import type { Log } from '#runtime/log.ts'
import type { Observer } from './modbus-exchange.ts'
import { PcapRecorder } from './pcap-recorder.ts'

const FRAMINGS = ['tcp', 'rtu-over-tcp'] as const
type Framing = (typeof FRAMINGS)[number]

const FLUSH_EVERY_MS = 1000
// What tshark calls the ports on which it expects each framing.
const PORT_OPTION: Readonly<Record<Framing, string>> = { tcp: 'mbtcp.tcp.port', 'rtu-over-tcp': 'mbrtu.tcp.port' }

export interface PcapTapOptions {
  path: string
  maxBytes: number
  log: Log
}

export class PcapTap implements Part {
  readonly name = 'pcap'
  readonly #recorder: PcapRecorder
  readonly #ports: Record<Framing, Set<number>> = { tcp: new Set(), 'rtu-over-tcp': new Set() }
  readonly #options: PcapTapOptions
  #file: number | undefined
  #isHeld = true
  #flushing: NodeJS.Timeout | undefined

  constructor(options: PcapTapOptions) {
    const { path, maxBytes, log } = options
    this.#options = options
    this.#recorder = new PcapRecorder({
      maxBytes,
      now: () => Date.now(),
      isHeld: () => this.#isHeld,
      write: (bytes) => {
        for (let at = 0; this.#file !== undefined && at < bytes.length; ) at += writeSync(this.#file, bytes, at)
      },
      onFull: (fault) => {
        if (fault === null) log.warn({ path, maxBytes }, 'The packet capture has reached its size; what comes is not in it.')
        else log.error({ err: fault, path }, 'The packet capture cannot be written; what comes is not in it.')
      }
    })
  }

  /** For one PLC. */
  observer(framing: Framing): Observer {
    const { onConnection, ...others } = this.#recorder.observer({ framing })
    return {
      ...others,
      onConnection: (news) => {
        if (news.ports !== undefined) this.#ports[framing].add(news.ports.server)
        onConnection?.(news)
      }
    }
  }

  /** What is in the file stays until begin(). */
  async start(): Promise<void> {
    this.#file = openSync(this.#options.path, constants.O_WRONLY | constants.O_CREAT, 0o666)
  }

  /** Everything has started: what was recorded so far, and what comes, takes the place of what was in the file. */
  begin(): void {
    if (this.#file === undefined) throw new Error('the capture is not open')
    // Pipes and devices have no length.
    if (fstatSync(this.#file).isFile()) ftruncateSync(this.#file)
    this.#isHeld = false
    this.#recorder.flush()
    this.#flushing = setInterval(() => this.#recorder.flush(), FLUSH_EVERY_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#flushing)
    this.#recorder.end()
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    if (this.#isHeld) return
    const { path, log } = this.#options
    log.info({ path, ...this.#recorder.counts, read: `tshark ${this.#portOptions()}-r ${path}` }, 'The packet capture is complete.')
  }

  // Analysers know 502 and nothing else by themselves.
  #portOptions(): string {
    return FRAMINGS.map((framing) => {
      const ports = stretches(this.#ports[framing])
      return ports === '' ? '' : `-o ${PORT_OPTION[framing]}:${ports} `
    }).join('')
  }
}

/** 1502-1504,1600 */
function stretches(ports: ReadonlySet<number>): string {
  const found: [number, number][] = []
  for (const port of [...ports].sort((a, b) => a - b)) {
    const last = found.at(-1)
    if (last?.[1] === port - 1) last[1] = port
    else found.push([port, port])
  }
  return found.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',')
}
