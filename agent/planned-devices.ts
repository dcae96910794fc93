// The devices of a config made ready to be read, and what the rest of the agent needs to know of them.
import type { Tag } from '#contract/tag.ts'
import type { AgentConfig } from './config.ts'
import type { PausedTag } from './pause.ts'
import type { TagLimits } from './publish/deadband.ts'
import type { Intake } from './publish/intake.ts'
import type { Outbox } from './publish/outbox.ts'
import { type DevicePlan, planOf } from './resolve.ts'
import type { WantedDevice } from './running-devices.ts'

/** What is remembered of a device while it is read. */
export interface KnownDevice {
  id: string
  family: DevicePlan['family']
  tags: readonly Tag[]
}

export function plansOf({ devices, defaults }: AgentConfig): DevicePlan[] {
  return devices.map((device) => planOf(device, defaults))
}

/** Gives all tags their ids at once; throws OutboxFull, and then none has a new one. */
export function withIds(plans: readonly DevicePlan[], fingerprints: readonly string[], outbox: Outbox): WantedDevice[] {
  const tags = outbox.identify(plans.flatMap(({ resolved }) => resolved.tags.map(({ tag }) => tag)))
  let at = 0
  return plans.map((plan, i) => {
    const own = tags.slice(at, at + plan.resolved.tags.length)
    at += own.length
    return { ...plan, tags: own, fingerprint: fingerprints[i] ?? '' }
  })
}

export function limitsOf(devices: readonly WantedDevice[]): TagLimits[] {
  return devices.flatMap(({ resolved, tags }) =>
    tags.map(({ id, heartbeatMs, cadenceMs }, i): TagLimits => ({ id, deadband: resolved.tags[i]?.deadband ?? 0, heartbeatMs, cadenceMs }))
  )
}

export function knownOf(devices: readonly WantedDevice[]): KnownDevice[] {
  return devices.map(({ config, family, tags }) => ({ id: config.id, family, tags }))
}

/** The ids of all tags of some devices. */
export function idsOf(devices: readonly KnownDevice[], which: ReadonlySet<string>): ReadonlySet<number> {
  return new Set(devices.filter(({ id }) => which.has(id)).flatMap(({ tags }) => tags.map((tag) => tag.id)))
}

/** What is to be looked at when tags of the stopped devices are read again; `stoppedAt` is agent time. */
export function pausedTags(
  devices: readonly KnownDevice[],
  { stopped, stoppedAt, intake }: { stopped: ReadonlySet<string>; stoppedAt: number; intake: Pick<Intake, 'lastTimeOf'> }
): PausedTag[] {
  return devices
    .filter(({ id }) => stopped.has(id))
    .flatMap(({ family, tags }) =>
      tags.flatMap(({ id, cadenceMs }): PausedTag[] => {
        const lastTime = intake.lastTimeOf(id)
        if (lastTime === null) return []
        // A request that was under way was waited for, while no other could begin.
        if (family === 'modbus') return [{ id, from: Math.min(lastTime, stoppedAt), cadenceMs }]
        // A server tells what changes: until it was stopped, nothing was missed.
        return [{ id, from: Math.max(lastTime, stoppedAt), cadenceMs: null }]
      })
    )
}
