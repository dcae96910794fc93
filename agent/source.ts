// What the agent expects of anything it reads: a device that delivers readings until it is told to stop.
import type { DeviceHealth } from '#contract/agent-status.ts'
import type { Device } from '#contract/device.ts'
import type { SampleValue } from '#contract/sample.ts'

/** Samples of one answer, or of one that did not come: parallel columns of tag ids, values and qualities at one agent time. */
export interface Reading {
  time: number
  tags: readonly number[]
  values: readonly SampleValue[]
  qualities: readonly number[]
}

export type Sink = (reading: Reading) => void

export interface Source {
  readonly device: Device
  /** Delivers until the signal. A fault of the device is a bad sample, never a rejection. */
  run(sink: Sink, signal: AbortSignal): Promise<void>
  /** Cycles that were left out since the start. */
  readonly late: number
  health(): DeviceHealth
}
