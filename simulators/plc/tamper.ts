// What somebody in the middle of a line does to requests and replies, on whatever line: PDUs in, PDUs out, null for dropped.
import { LinkFault, type ModbusLink } from './modbus-link.ts'

export interface Tamper {
  request?(pdu: Buffer): Buffer | null
  /** The request as the client sent it, and what the PLC replied. */
  reply?(request: Buffer, reply: Buffer): Buffer | null
}

/** A link with somebody in the middle; path.tamper may change at any time, null lets everything pass. */
export function tamperedLink(link: ModbusLink, path: { readonly tamper: Tamper | null }): ModbusLink {
  return {
    host: link.host,
    request: async (pdu) => {
      const request = Buffer.from(pdu)
      const sent = path.tamper?.request === undefined ? request : path.tamper.request(Buffer.from(request))
      if (sent === null) throw new LinkFault('LINK_TIMEOUT', 'no reply: the request was lost on the way')
      const reply = await link.request(sent)
      const heard = path.tamper?.reply === undefined ? reply : path.tamper.reply(request, reply)
      if (heard === null) throw new LinkFault('LINK_TIMEOUT', 'no reply: it was lost on the way')
      return heard
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose]()
  }
}
