// What of the config of publishing may change while messages are kept and sent, in the units of the code.
import type { AgentConfig } from '../config.ts'

export interface PublisherSettings {
  resendAfterMs: number
  /** With acknowledge none: how long a message is kept after it was made. */
  keepSentMs: number
  /** Live samples go before a backlog that is older than this. */
  liveAfterMs: number
  /** At most so many times the live rate for the backlog, but always so many samples per second. */
  replay: { factor: number; atLeast: number }
}

export interface OutboxCaps {
  maxBytes: number
  maxAgeMs: number
}

export function publisherSettings({ publish }: Pick<AgentConfig, 'publish'>): PublisherSettings {
  const { resendAfterMs, keepSentMinutes, liveAfterSeconds, replayFactor, replayAtLeast } = publish
  const replay = { factor: replayFactor, atLeast: replayAtLeast }
  return { resendAfterMs, keepSentMs: keepSentMinutes * 60_000, liveAfterMs: liveAfterSeconds * 1000, replay }
}

export function outboxCaps({ outbox }: Pick<AgentConfig, 'outbox'>): OutboxCaps {
  return { maxBytes: outbox.maxBytes, maxAgeMs: outbox.maxAgeHours * 3_600_000 }
}
