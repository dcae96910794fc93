// Whether the clock of this machine is right: asks a time server when one is configured, else looks for what keeps it in time.
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Health } from '#contract/agent-status.ts'
import type { Log } from '#runtime/log.ts'
import { askTimeServer, TimeServerFault } from './sntp.ts'

export const ClockConfig = z
  .strictObject({
    server: z
      .string()
      .max(261)
      .regex(
        /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/,
        'must be a host name or an address, an IPv6 address in brackets, with or without a port'
      )
      .refine((server) => portOf(server) >= 1 && portOf(server) <= 65_535, 'the port must lie between 1 and 65535')
      .describe('The time server to ask (SNTP), as host or host:port; port 123 when left out.'),
    everySeconds: z.int().min(16).max(86_400).default(300).describe('How often it is asked.')
  })
  .describe('How the agent knows whether its clock is right; without it, it looks for systemd-timesyncd and chrony on its own machine.')
export type ClockConfig = z.infer<typeof ClockConfig>

export type ClockState = Pick<NonNullable<Health['clock']>, 'synchronised' | 'offsetMs'>

export interface ClockCheckOptions {
  config: ClockConfig | undefined
  log: Log
  /** Instead of the folders of this machine. */
  root?: string
  timeoutMs?: number
  wall?: () => number
}

const NTP_PORT = 123
const LOOK_EVERY_MS = 60_000
const TRIES = 3
const BETWEEN_TRIES_MS = 2000
// Beyond this a clock is not kept in time, whoever keeps it.
const IN_TIME_MS = 500
// An answer that took longer says too little about the offset.
const SLOWEST_ROUND_TRIP_MS = 2000
const CHRONY_WRITES_WITHIN_MS = 24 * 3_600_000

export class ClockCheck {
  #options: ClockCheckOptions
  #changed = new AbortController()
  #state: ClockState = { synchronised: null, offsetMs: null }
  #failing = false

  constructor(options: ClockCheckOptions) {
    this.#options = options
  }

  get state(): ClockState {
    return this.#state
  }

  /** Another way to know from now on, beginning at once. */
  change(config: ClockConfig | undefined): void {
    this.#options = { ...this.#options, config }
    this.#changed.abort()
  }

  /** Looks at once and then regularly, until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#changed.abort(), { once: true })
    while (!signal.aborted) {
      this.#changed = new AbortController()
      const { config } = this.#options
      const { signal: ending } = this.#changed
      const state = config === undefined ? await this.#look() : await this.#ask(config, ending)
      if (!ending.aborted) this.#state = state
      const pause = config === undefined ? LOOK_EVERY_MS : config.everySeconds * 1000
      await sleep(pause, undefined, { signal: ending }).catch(() => {})
    }
  }

  async #ask({ server }: ClockConfig, signal: AbortSignal): Promise<ClockState> {
    const { log, timeoutMs = SLOWEST_ROUND_TRIP_MS, wall = Date.now } = this.#options
    for (let tries = 1; !signal.aborted; tries++) {
      try {
        const { offsetMs, roundTripMs, stratum } = await askTimeServer({
          ...{ host: hostOf(server), port: portOf(server) },
          ...{ timeoutMs, signal, wall }
        })
        if (this.#failing) log.info({ server }, 'The time server answers again.')
        this.#failing = false
        log.debug({ server, offsetMs, roundTripMs, stratum }, 'Asked the time server.')
        return { synchronised: Math.abs(offsetMs) <= IN_TIME_MS, offsetMs: Math.round(offsetMs * 10) / 10 }
      } catch (error) {
        if (signal.aborted) break
        if (!(error instanceof TimeServerFault)) throw error
        // Who asks to be left alone is not asked again at once (RFC 4330, section 10).
        if (tries >= TRIES || error.code === 'TIME_SERVER_REFUSED') {
          if (!this.#failing) log.warn({ err: error, server }, 'The time server gives no answer; nobody knows how right the clock is.')
          this.#failing = true
          break
        }
        await sleep(BETWEEN_TRIES_MS, undefined, { signal }).catch(() => {})
      }
    }
    // What was measured before says nothing of now.
    return { synchronised: null, offsetMs: null }
  }

  async #look(): Promise<ClockState> {
    const { root = '', wall = Date.now } = this.#options
    // systemd-timesyncd makes this file once the clock is right, and its folder when it starts (systemd-timesyncd.service(8)).
    const timesync = `${root}/run/systemd/timesync`
    if ((await changedAt(`${timesync}/synchronized`)) !== null) return { synchronised: true, offsetMs: null }
    const drifts = await Promise.all(['chrony.drift', 'drift'].map((name) => changedAt(`${root}/var/lib/chrony/${name}`)))
    if (drifts.some((time) => time !== null && Math.abs(wall() - time) < CHRONY_WRITES_WITHIN_MS))
      return { synchronised: true, offsetMs: null }
    return { synchronised: (await changedAt(timesync)) === null ? null : false, offsetMs: null }
  }
}

function hostOf(server: string): string {
  const bracketed = /^\[(.*)\]/.exec(server)
  return bracketed?.[1] ?? server.split(':')[0] ?? server
}

function portOf(server: string): number {
  const port = /:(\d{1,5})$/.exec(server.replace(/^\[.*\]/, ''))?.[1]
  return port === undefined ? NTP_PORT : Number(port)
}

async function changedAt(path: string): Promise<number | null> {
  // Not there and not ours to see are alike: nobody knows.
  const found = await stat(path).catch(() => null)
  return found?.mtimeMs ?? null
}
