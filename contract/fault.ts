// ContractFault: a peer said something that the contract does not allow. It is kept aside and counted, never thrown away.
export const CONTRACT_FAULT_CODES = [
  'MESSAGE_TOO_LARGE',
  'DECOMPRESSION_FAILED',
  'NOT_JSON',
  'UNKNOWN_SCHEMA_VERSION',
  'SCHEMA_MISMATCH',
  'TOPIC_MALFORMED',
  'TOPIC_MISMATCH'
] as const
export type ContractFaultCode = (typeof CONTRACT_FAULT_CODES)[number]

export class ContractFault extends Error {
  readonly code: ContractFaultCode
  constructor(code: ContractFaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ContractFault'
    this.code = code
  }
}
