// What an engineering workstation says to a PLC in function 90, after the manner of UMAS: who it is, that it reserves the PLC
// for itself, that the program is to run or to stop, and blocks of a new one. These are taken and thrown away: what runs stays.
import { ILLEGAL_FUNCTION, ILLEGAL_VALUE, refuse } from './modbus-pdu.ts'

const FUNCTION = 90
const READ_ID = 0x02
const RESERVE = 0x10
const RELEASE = 0x11
const BLOCK = 0x31
const RUN = 0x40
const STOP = 0x41
const DONE = 0xfe
const FAILED = 0xfd
const RESERVED_BY_ANOTHER = 0x05
const NOT_RESERVED = 0x06
// A workstation that went away without a word does not keep the PLC for ever.
const RESERVATION_MS = 50_000
const MAX_NAME_BYTES = 100

export class Programming {
  readonly #name: Buffer
  readonly #now: () => number
  #running = true
  #session = 0
  #last = 0
  #until = 0

  constructor(options: { name: string; now: () => number }) {
    this.#name = Buffer.from(options.name).subarray(0, MAX_NAME_BYTES)
    this.#now = options.now
  }

  /** Whether the program is to run; a workstation may have stopped it. */
  get running(): boolean {
    return this.#running
  }

  /** Whether a workstation has the PLC for itself: its programming mode. */
  get reserved(): boolean {
    return this.#session !== 0 && this.#now() < this.#until
  }

  release(): void {
    this.#session = 0
  }

  /** After a loss of power the program runs, and nobody has the PLC for himself. */
  powerUp(): void {
    this.release()
    this.#running = true
  }

  answer(pdu: Uint8Array, output: Uint8Array, to: number): number {
    if (pdu.length < 3) return refuse(FUNCTION, ILLEGAL_VALUE, output, to)
    const [, session = 0, what] = pdu
    const holds = this.reserved && session === this.#session
    if (holds) this.#until = this.#now() + RESERVATION_MS
    const say = (...bytes: number[]) => {
      output.set([FUNCTION, session, ...bytes], to)
      return 2 + bytes.length
    }
    switch (what) {
      case READ_ID:
        return say(DONE, this.#running ? 1 : 0, this.reserved ? 1 : 0, this.#name.length, ...this.#name)
      case RESERVE:
        if (this.reserved && !holds) return say(FAILED, RESERVED_BY_ANOTHER)
        if (!holds) this.#last = this.#session = (this.#last % 255) + 1
        this.#until = this.#now() + RESERVATION_MS
        return say(DONE, this.#session)
      case RELEASE:
        if (!holds) return say(FAILED, NOT_RESERVED)
        this.release()
        return say(DONE)
      case RUN:
      case STOP:
        if (!holds) return say(FAILED, NOT_RESERVED)
        this.#running = what === RUN
        return say(DONE)
      case BLOCK:
        if (!holds) return say(FAILED, NOT_RESERVED)
        return say(DONE)
      default:
        return refuse(FUNCTION, ILLEGAL_FUNCTION, output, to)
    }
  }
}
