// PkiFault: what was asked of the site's authority cannot be done, told in both languages with what to do instead.
import type { Text } from '#contract/text.ts'

export const PKI_FAULT_CODES = [
  'PKI_EXISTS',
  'PKI_MISSING',
  'PKI_BUSY',
  'PKI_OPEN_TO_OTHERS',
  'PKI_DAMAGED',
  'PKI_PASSPHRASE',
  'PKI_NAME',
  'PKI_NAME_TAKEN',
  'PKI_NOT_PERMITTED',
  'PKI_UNKNOWN',
  'PKI_AMBIGUOUS',
  'PKI_STILL_NEEDED',
  'PKI_DAYS',
  'PKI_FILE'
] as const
export type PkiFaultCode = (typeof PKI_FAULT_CODES)[number]

export class PkiFault extends Error {
  readonly code: PkiFaultCode
  readonly exitCode = 1
  readonly text: Text
  constructor(code: PkiFaultCode, zh: string, en: string, options?: ErrorOptions) {
    super(en, options)
    this.name = 'PkiFault'
    this.code = code
    this.text = { zh, en }
  }
}
