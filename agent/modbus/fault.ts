// What can go wrong when a Modbus device is read, and the quality that each of it gives to a sample.
import {
  BAD_ADDRESS_REFUSED,
  BAD_COMMUNICATION,
  BAD_CONNECTION_CLOSED,
  BAD_DECODING,
  BAD_DEVICE_BUSY,
  BAD_DEVICE_FAILURE,
  BAD_FUNCTION_REFUSED,
  BAD_GATEWAY,
  BAD_NOT_CONNECTED,
  BAD_TIMEOUT,
  BAD_UNEXPECTED_REPLY,
  BAD_VALUE_REFUSED
} from '#contract/quality.ts'

const QUALITY = {
  MODBUS_TIMEOUT: BAD_TIMEOUT,
  MODBUS_EXCEPTION: BAD_COMMUNICATION,
  MODBUS_CLOSED: BAD_CONNECTION_CLOSED,
  MODBUS_NOT_CONNECTED: BAD_NOT_CONNECTED,
  MODBUS_UNEXPECTED_REPLY: BAD_UNEXPECTED_REPLY,
  MODBUS_BAD_FRAME: BAD_DECODING,
  MODBUS_REFUSED: BAD_COMMUNICATION
} as const
export type ModbusFaultCode = keyof typeof QUALITY

// Modbus Application Protocol 1.1b3, 7: exception codes. 5 and 6 both mean "not now".
const EXCEPTION_QUALITY: ReadonlyMap<number, number> = new Map([
  [1, BAD_FUNCTION_REFUSED],
  [2, BAD_ADDRESS_REFUSED],
  [3, BAD_VALUE_REFUSED],
  [4, BAD_DEVICE_FAILURE],
  [5, BAD_DEVICE_BUSY],
  [6, BAD_DEVICE_BUSY],
  [8, BAD_DEVICE_FAILURE],
  [10, BAD_GATEWAY],
  [11, BAD_GATEWAY]
])

export class ModbusFault extends Error {
  readonly code: ModbusFaultCode
  /** The message without the place. */
  readonly what: string
  readonly exceptionCode: number | undefined
  /** For example "holding-register 10+2 of unit 1 at 10.0.0.5:502". */
  readonly place: string
  /** The connection was given up only because its bytes can no longer be told apart: a new one is to be opened at once. */
  readonly resync: boolean
  /** How long the request took until this was its end, in milliseconds; undefined when none was sent. */
  tookMs: number | undefined
  constructor(code: ModbusFaultCode, what: string, options: ErrorOptions & { place: string; exceptionCode?: number; resync?: boolean }) {
    super(`${options.place}: ${what}`, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'ModbusFault'
    this.code = code
    this.what = what
    this.exceptionCode = options.exceptionCode
    this.place = options.place
    this.resync = options.resync ?? false
  }

  get quality(): number {
    return EXCEPTION_QUALITY.get(this.exceptionCode ?? 0) ?? QUALITY[this.code]
  }

  /** The name under which health counts it. */
  get kind(): string {
    return this.exceptionCode === undefined ? this.code : `${this.code}_${this.exceptionCode}`
  }
}
