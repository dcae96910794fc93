// Why an attack or fault is not played: for whoever asked, in both languages.
import type { Text } from '#contract/text.ts'

export type PlayFaultCode = 'PLAY_UNKNOWN' | 'PLAY_PARAMETERS' | 'PLAY_RUNNING' | 'PLAY_NOT_RUNNING' | 'PLAY_IMPOSSIBLE'

export class PlayFault extends Error {
  readonly code: PlayFaultCode
  readonly text: Text
  constructor(code: PlayFaultCode, text: Text, options?: ErrorOptions) {
    super(text.en, options)
    this.name = 'PlayFault'
    this.code = code
    this.text = text
  }
}
