// The devices that the agent reads, while its config may change: those that did not change are not touched, the others are let go
// and taken up again when their connections are gone.
import type { Log } from '#runtime/log.ts'
import type { BackoffLimits } from './backoff.ts'
import type { AgentClock } from './clock.ts'
import { type AnyPlannedDevice, BACKOFF } from './devices.ts'
import { byLine, sourceOf } from './modbus/build.ts'
import { Lines, type Seated } from './modbus/lines.ts'
import type { OpcUaBuild } from './opcua/build.ts'
import { Pause, type PausedTag } from './pause.ts'
import type { DevicePlan } from './resolve.ts'
import type { Sink, Source } from './source.ts'

export interface RunningDevicesOptions {
  clock: AgentClock
  log: Log
  /** Where certificates are kept. */
  opcUaFolder: string
  backoff?: BackoffLimits
}

/** A device with what tells whether it is still read in the same way. */
export type WantedDevice = AnyPlannedDevice & { fingerprint: string }

/** Devices by what becomes of them. */
export interface Changes {
  kept: ReadonlySet<string>
  stopped: ReadonlySet<string>
  started: ReadonlySet<string>
}

interface Active {
  fingerprint: string
  index: number
  source: Source
  ending: AbortController
  over: Promise<void> | undefined
}

export class RunningDevices {
  readonly #options: RunningDevicesOptions
  readonly #lines: Lines
  readonly #failed = Promise.withResolvers<never>()
  #active: ReadonlyMap<string, Active> = new Map()
  #opcUa: OpcUaBuild | undefined
  #reading: { sink: Sink; signal: AbortSignal } | undefined
  #lateBefore = 0

  constructor(options: RunningDevicesOptions) {
    this.#options = options
    const { clock, log, backoff = BACKOFF } = options
    this.#lines = new Lines({ clock, log, backoff, failed: this.#failed.reject })
    this.#failed.promise.catch(() => {})
  }

  /** In the order of the config. */
  get sources(): readonly Source[] {
    return [...this.#active.values()].map(({ source }) => source)
  }

  /** Cycles left out since the start, also by devices that are not read any more. */
  get late(): number {
    return this.sources.reduce((sum, { late }) => sum + late, this.#lateBefore)
  }

  /** How many lines to Modbus devices there are. */
  get lines(): number {
    return this.#lines.size
  }

  /** Does all of a change that can fail; rejects with a StartFault when the folder of certificates cannot be used. */
  async prepare(devices: readonly DevicePlan[]): Promise<void> {
    if (this.#opcUa !== undefined || devices.every(({ family }) => family !== 'opcua')) return
    const { openOpcUa } = await import('./opcua/build.ts')
    const { backoff = BACKOFF, opcUaFolder: folder, clock, log } = this.#options
    this.#opcUa = await openOpcUa({ folder, clock, log, backoff })
  }

  compare(wanted: readonly WantedDevice[]): Changes {
    const remade = this.#remade(wanted)
    const isKept = ({ config, fingerprint }: WantedDevice) =>
      this.#active.get(config.id)?.fingerprint === fingerprint && !remade.has(config.id)
    const kept = new Set(wanted.filter(isKept).map(({ config }) => config.id))
    const others = (ids: Iterable<string>) => new Set([...ids].filter((id) => !kept.has(id)))
    return { kept, stopped: others(this.#active.keys()), started: others(wanted.map(({ config }) => config.id)) }
  }

  /**
   * Makes the wanted devices those that are read; `prepare` must have been called for them. First the ones that go or change are
   * stopped; then, while nothing of theirs comes, `between` is called; then the ones that are new or changed are started.
   */
  async change(
    wanted: readonly WantedDevice[],
    { kept, stopped }: Changes,
    between: (stoppedAt: number) => readonly PausedTag[]
  ): Promise<void> {
    const leaving = [...this.#active].filter(([id]) => stopped.has(id)).map(([, one]) => one)
    const stoppedAt = this.#options.clock.now()
    for (const { ending } of leaving) ending.abort()
    await Promise.all(leaving.map(({ over }) => over))
    this.#lateBefore += leaving.reduce((sum, { source }) => sum + source.late, 0)
    const seats = await this.#lines.seat(
      wanted.filter((device) => device.family === 'modbus'),
      kept
    )
    const free = freePlaces([...this.#active].filter(([id]) => kept.has(id)).map(([, { index }]) => index))
    const active = new Map<string, Active>()
    const added: { device: WantedDevice; one: Active }[] = []
    for (const device of wanted) {
      const { id } = device.config
      const before = kept.has(id) ? this.#active.get(id) : undefined
      const one = before ?? this.#build(device, seats.get(id), free.next().value)
      active.set(id, one)
      if (before === undefined) added.push({ device, one })
    }
    this.#active = active
    const paused = new Map(between(stoppedAt).map((tag) => [tag.id, tag]))
    for (const { device, one } of added) {
      const tags = device.tags.flatMap(({ id }) => paused.get(id) ?? [])
      this.#start(one, tags)
    }
  }

  /** Delivers until the signal; rejects only for a fault of ours. */
  async run(sink: Sink, signal: AbortSignal): Promise<void> {
    const ended = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => ended.resolve(), { once: true })
    this.#reading = { sink, signal }
    this.#lines.run()
    for (const one of this.#active.values()) this.#start(one, [])
    if (!signal.aborted) await Promise.race([ended.promise, this.#failed.promise])
    const all = [...this.#active.values()]
    for (const { ending } of all) ending.abort()
    await Promise.all([this.#lines.end(), ...all.map(({ over }) => over)])
  }

  #start(one: Active, paused: readonly PausedTag[]): void {
    if (this.#reading === undefined || this.#reading.signal.aborted) return
    const { source, ending } = one
    const { sink } = this.#reading
    one.over = paused.length === 0 ? source.run(sink, ending.signal) : this.#resume(source, paused, ending.signal)
    one.over.catch(this.#failed.reject)
  }

  async #resume(source: Source, tags: readonly PausedTag[], signal: AbortSignal): Promise<void> {
    if (this.#reading === undefined) return
    const pause = new Pause({ device: source.device.id, sink: this.#reading.sink, tags })
    await source.run(pause, signal)
    pause.end(this.#options.clock.now())
  }

  #build(device: WantedDevice, seat: Seated | undefined, index: number): Active {
    return {
      fingerprint: device.fingerprint,
      index,
      source: this.#sourceOf(device, seat, index),
      ending: new AbortController(),
      over: undefined
    }
  }

  #sourceOf(device: WantedDevice, seat: Seated | undefined, index: number): Source {
    const { clock, log, backoff = BACKOFF } = this.#options
    if (seat !== undefined) return sourceOf({ ...seat, index }, { clock, log, backoff })
    if (device.family !== 'opcua' || this.#opcUa === undefined) throw new Error(`device ${device.config.id} was not prepared`)
    return this.#opcUa.source(device)
  }

  // Devices on lines that are reached in another way now.
  #remade(wanted: readonly WantedDevice[]): ReadonlySet<string> {
    const lines = [...byLine(wanted.filter((device) => device.family === 'modbus'))]
    return new Set(
      lines.flatMap(([endpoint, sharing]) => (this.#lines.keeps(endpoint, sharing) ? [] : sharing.map(({ config }) => config.id)))
    )
  }
}

// The lowest places that no device has: where in its cadence a device is read follows from its place, and stays.
function* freePlaces(taken: readonly number[]): Generator<number, never> {
  const all = new Set(taken)
  for (let place = 0; ; place++) if (!all.has(place)) yield place
}
