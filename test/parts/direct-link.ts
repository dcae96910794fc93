// A link to the registers of a PLC without a port between: nothing is counted, limited or refused.

import type { ModbusLink } from '../../simulators/plc/modbus-link.ts'
import { answerPdu, MAX_PDU_BYTES } from '../../simulators/plc/modbus-pdu.ts'
import type { RegisterImage } from '../../simulators/plc/register-image.ts'

export function directLink(options: { image: RegisterImage; host: string }): ModbusLink {
  const reply = Buffer.alloc(MAX_PDU_BYTES)
  return {
    host: options.host,
    request: async (pdu) => Buffer.from(reply.subarray(0, answerPdu(options.image, pdu, 0, pdu.length, reply, 0))),
    async [Symbol.asyncDispose]() {}
  }
}
