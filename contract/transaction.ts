// A transaction is one request and its reply as seen on the wire.
import { z } from 'zod'
import { numbered, Time } from './envelope.ts'

const Address = z.string().max(64).describe('A host address and port.')

export const Transaction = z.strictObject({
  time: Time.describe('When the request was seen.'),
  protocol: z.enum(['modbus-tcp', 'opcua']),
  client: Address.describe('Who asked, as address:port.'),
  server: Address.describe('Who was asked, as address:port.'),
  unit: z.int().min(0).max(255).optional().describe('Modbus unit id.'),
  functionCode: z.int().min(0).max(255).optional().describe('Modbus function code.'),
  service: z.string().max(64).optional().describe('OPC UA service name.'),
  address: z.int().min(0).max(65535).optional().describe('First register or coil, counted from 0.'),
  quantity: z.int().min(0).max(65535).optional().describe('How many registers or coils.'),
  values: z.array(z.number()).max(2000).optional().describe('The words or bits written or read.'),
  exceptionCode: z.int().min(0).max(255).optional().describe('The exception code of the reply, when it was one.'),
  roundTripMs: z.number().min(0).nullable().describe('Time between request and reply; null when no reply was seen.')
})
export type Transaction = z.infer<typeof Transaction>

export const TransactionBatch = z.strictObject({
  kind: z.literal('transactions'),
  ...numbered,
  transactions: z.array(Transaction).max(5000).describe('The transactions in the order of their requests.')
})
export type TransactionBatch = z.infer<typeof TransactionBatch>
