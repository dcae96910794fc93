// What can go wrong between the agent and an OPC UA server, and the StatusCode that stands for it in samples and health.
import { BAD_CONNECTION_CLOSED, BAD_NOT_CONNECTED, BAD_TIMEOUT } from '#contract/quality.ts'

export type OpcUaCode =
  | 'OPCUA_CONNECT'
  | 'OPCUA_TIMEOUT'
  | 'OPCUA_CLOSED'
  | 'OPCUA_SERVICE'
  | 'OPCUA_UNTRUSTED'
  | 'OPCUA_ENDPOINT'
  | 'OPCUA_REFUSED'
  | 'OPCUA_MALFORMED'

export class OpcUaFault extends Error {
  readonly code: OpcUaCode
  /** The StatusCode for samples. */
  readonly status: number
  /** The name of that code, for counters. */
  readonly statusName: string
  constructor(code: OpcUaCode, status: Status, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'OpcUaFault'
    this.code = code
    this.status = status.value
    this.statusName = status.name
  }
}

export interface Status {
  value: number
  name: string
}

// OPC 10000-6, annex A: the codes that the agent itself gives.
export const BAD = {
  notConnected: { value: BAD_NOT_CONNECTED, name: 'BadNotConnected' },
  timeout: { value: BAD_TIMEOUT, name: 'BadTimeout' },
  connectionClosed: { value: BAD_CONNECTION_CLOSED, name: 'BadConnectionClosed' },
  noSubscription: { value: 0x80790000, name: 'BadNoSubscription' },
  untrusted: { value: 0x801a0000, name: 'BadCertificateUntrusted' },
  certificateTime: { value: 0x80140000, name: 'BadCertificateTimeInvalid' },
  certificateInvalid: { value: 0x80120000, name: 'BadCertificateInvalid' },
  policyRejected: { value: 0x80550000, name: 'BadSecurityPolicyRejected' },
  identityRejected: { value: 0x80210000, name: 'BadIdentityTokenRejected' },
  serviceUnsupported: { value: 0x800b0000, name: 'BadServiceUnsupported' },
  unknownResponse: { value: 0x80090000, name: 'BadUnknownResponse' },
  securityFailed: { value: 0x80130000, name: 'BadSecurityChecksFailed' },
  nodeUnknown: { value: 0x80340000, name: 'BadNodeIdUnknown' },
  waiting: { value: 0x80320000, name: 'BadWaitingForInitialData' },
  typeMismatch: { value: 0x80740000, name: 'BadTypeMismatch' },
  tooLarge: { value: 0x80b90000, name: 'BadResponseTooLarge' },
  noData: { value: 0x809b0000, name: 'BadNoData' }
} as const satisfies Record<string, Status>

/** What an error of the library stands for. */
export function faultOf(error: unknown, what: string): OpcUaFault {
  if (error instanceof OpcUaFault) return error
  const { message } = error instanceof Error ? error : { message: String(error) }
  const text = `${what}: ${firstLine(message)}`
  const options = { cause: error }
  const status = statusOf(error) ?? statusIn(message)
  if (status !== undefined) return new OpcUaFault('OPCUA_SERVICE', status, text, options)
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|cannot be established/.test(message))
    return new OpcUaFault('OPCUA_CONNECT', BAD.notConnected, text, options)
  if (/timed? ?out/i.test(message)) return new OpcUaFault('OPCUA_TIMEOUT', BAD.timeout, text, options)
  return new OpcUaFault('OPCUA_CLOSED', BAD.connectionClosed, text, options)
}

// A service fault carries the response, and that its result; some errors carry the result itself.
function statusOf(error: unknown): Status | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const result = 'statusCode' in error ? error.statusCode : undefined
  const response = 'response' in error ? error.response : undefined
  const header = typeof response === 'object' && response !== null && 'responseHeader' in response ? response.responseHeader : undefined
  const inner = typeof header === 'object' && header !== null && 'serviceResult' in header ? header.serviceResult : undefined
  return [inner, result].find(isBadStatus)
}

function isBadStatus(status: unknown): status is Status {
  if (typeof status !== 'object' || status === null || !('value' in status) || !('name' in status)) return false
  return typeof status.value === 'number' && status.value >= 0x80000000 && typeof status.name === 'string'
}

// The library puts "BadUserAccessDenied (0x801f0000)" into its messages.
function statusIn(message: string): Status | undefined {
  const [, name = '', code = ''] = /(Bad[A-Za-z]{3,60})\s*\((0x8[0-9a-fA-F]{7})\)/.exec(message) ?? []
  return name === '' ? undefined : { name, value: Number.parseInt(code, 16) }
}

function firstLine(message: string): string {
  return message
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .slice(0, 300)
}
