// What the agent expects of anything it reads: a device that delivers readings until it is told to stop.
import type { DeviceHealth } from '#contract/agent-status.ts'
import type { Device } from '#contract/device.ts'
import type { DeviceEvent } from '#contract/event.ts'
import type { GapReason } from '#contract/gap.ts'
import type { SampleValue } from '#contract/sample.ts'

/** Samples of one answer, or of one that did not come: parallel columns of tag ids, values and qualities at one agent time. */
export interface Reading {
  time: number
  tags: readonly number[]
  values: readonly SampleValue[]
  qualities: readonly number[]
  /** When the device says that each value was so, and when its server gave it, in epoch milliseconds; 0 where it does not say. */
  sourceTimes?: readonly number[]
  serverTimes?: readonly number[]
  /** How long the request took, in microseconds. */
  roundTrip?: number
}

/** What a device did not give: from when to when (agent time), how many samples when that is known, and why. */
export interface Missed {
  device: string
  from: number
  to: number
  samples: number | null
  reason: GapReason
}

/** Where a source delivers. None of these throws; what cannot be kept is counted there. */
export interface Sink {
  read(reading: Reading): void
  event(event: DeviceEvent): void
  missed(missed: Missed): void
}

export interface Source {
  readonly device: Device
  /** Delivers until the signal. A fault of the device is a bad sample, never a rejection. */
  run(sink: Sink, signal: AbortSignal): Promise<void>
  /** Cycles that were left out since the start. */
  readonly late: number
  health(): DeviceHealth
}
