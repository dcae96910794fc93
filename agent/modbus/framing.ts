// How requests are put on a line and replies are cut out of its bytes: one interface, three framings.
import { AsciiFraming } from './ascii.ts'
import { MbapFraming } from './mbap.ts'
import { RtuFraming } from './rtu.ts'
import { endpointOf, type Transport } from './transport.ts'

export interface Reply {
  /** Which request it answers; the framings of serial lines do not say. */
  transaction: number | undefined
  unit: number
  /** Begins with the function code; at least two bytes. */
  pdu: Buffer
}

export interface Framing {
  frameOf(transaction: number, unit: number, pdu: Buffer): Buffer
  /** Takes what came and gives the frames that are whole. Throws ModbusFault, and nothing else, when the bytes cannot be a frame. */
  push(chunk: Buffer): Reply[]
  /** Bytes of the one unfinished frame; never more than a frame has. */
  readonly held: number
  /** Forgets the unfinished frame. */
  clear(): void
}

export function framingOf(transport: Transport): Framing {
  const place = endpointOf(transport)
  switch (transport.frames) {
    case 'mbap':
      return new MbapFraming(place)
    case 'rtu':
      return new RtuFraming(place)
    case 'ascii':
      return new AsciiFraming(place)
  }
}
