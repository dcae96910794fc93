// The counters of a PLC's port and function 8, diagnostics, which reads and clears them, echoes, restarts the port and
// makes it listen only (Modbus Application Protocol V1.1b3, 6.8).
import { ILLEGAL_FUNCTION, ILLEGAL_VALUE, refuse } from './modbus-pdu.ts'

const ECHO = 0
const RESTART = 1
const REGISTER = 2
const LISTEN_ONLY = 4
const CLEAR = 10
const COUNTERS = ['messages', 'communicationErrors', 'exceptions', 'processed', 'unanswered', 'refusals', 'busy', 'overruns'] as const
const FIRST_COUNTER = 11

export class Diagnostics {
  /** 16 bits wide on the wire; function 8/10, a restart and power-up clear them. */
  readonly counters: Record<(typeof COUNTERS)[number], number> = {
    messages: 0,
    communicationErrors: 0,
    exceptions: 0,
    processed: 0,
    unanswered: 0,
    refusals: 0,
    busy: 0,
    overruns: 0
  }
  #listenOnly = false
  readonly #onRestart: () => void

  constructor(options: { onRestart: () => void }) {
    this.#onRestart = options.onRestart
  }

  get listenOnly(): boolean {
    return this.#listenOnly
  }

  powerUp(): void {
    this.#listenOnly = false
    this.#clear()
  }

  /** The length of the reply; 0 for none. */
  answer(pdu: Uint8Array, output: Uint8Array, to: number): number {
    const code = ((pdu[1] ?? 0) << 8) | (pdu[2] ?? 0)
    const data = ((pdu[3] ?? 0) << 8) | (pdu[4] ?? 0)
    if (pdu.length < 3 || (code !== ECHO && pdu.length !== 5)) return refuse(8, ILLEGAL_VALUE, output, to)
    const counter = COUNTERS[code - FIRST_COUNTER]
    if (counter !== undefined)
      return data === 0 ? this.#tell(code, this.counters[counter], output, to) : refuse(8, ILLEGAL_VALUE, output, to)
    switch (code) {
      case ECHO:
        return echo(pdu, output, to)
      case RESTART:
        if (!isRestart(pdu)) return refuse(8, ILLEGAL_VALUE, output, to)
        this.#restart()
        return echo(pdu, output, to)
      case REGISTER:
        return data === 0 ? this.#tell(code, 0, output, to) : refuse(8, ILLEGAL_VALUE, output, to)
      case LISTEN_ONLY:
        if (data !== 0) return refuse(8, ILLEGAL_VALUE, output, to)
        this.#listenOnly = true
        return 0
      case CLEAR:
        if (data !== 0) return refuse(8, ILLEGAL_VALUE, output, to)
        this.#clear()
        return echo(pdu, output, to)
      default:
        return refuse(8, ILLEGAL_FUNCTION, output, to)
    }
  }

  /** What comes while it listens only: a restart is obeyed and nothing else, and nothing at all is answered (6.8.1, 01 and 04). */
  hear(pdu: Uint8Array): void {
    if (isRestart(pdu)) this.#restart()
  }

  #restart(): void {
    this.#listenOnly = false
    this.#clear()
    this.#onRestart()
  }

  #tell(code: number, value: number, output: Uint8Array, to: number): number {
    output.set([8, code >> 8, code & 0xff, (value >> 8) & 0xff, value & 0xff], to)
    return 5
  }

  #clear(): void {
    for (const name of COUNTERS) this.counters[name] = 0
  }
}

// 0xff00 clears the event log too, of which there is none.
function isRestart([code, high, low, data, rest, ...more]: Uint8Array): boolean {
  return code === 8 && high === 0 && low === RESTART && (data === 0 || data === 0xff) && rest === 0 && more.length === 0
}

function echo(pdu: Uint8Array, output: Uint8Array, to: number): number {
  output.set(pdu, to)
  return pdu.length
}
