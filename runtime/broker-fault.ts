// BrokerFault: the broker, or the way to it, did not do what was asked. The caller keeps what it wanted to send.
export type BrokerFaultCode = 'BROKER_AWAY' | 'TLS_NEEDED' | 'BROKER_BUSY' | 'BROKER_REFUSED' | 'MESSAGE_TOO_LARGE'

export class BrokerFault extends Error {
  readonly code: BrokerFaultCode
  constructor(code: BrokerFaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BrokerFault'
    this.code = code
  }
}
