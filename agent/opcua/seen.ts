// What was last seen of a server, remembered over restarts, and what it means when that changes: another certificate, weaker
// endpoints, another identity. Each change is told once.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { DeviceEvent } from '#contract/event.ts'
import { POLICIES } from './config.ts'
import { fingerprintOf, replaceFile } from './trust.ts'
import { cut } from './values.ts'

const Seen = z.object({
  certificate: z.string().max(64).nullable(),
  endpoints: z.array(z.string().max(300)).max(200),
  identity: z.string().max(500).nullable()
})
export type Seen = z.infer<typeof Seen>

/** What is looked at of an endpoint that a server offers. */
export interface Offered {
  securityPolicyUri?: string | null
  securityMode: number
  serverCertificate?: Buffer | null
  userIdentityTokens?: { tokenType: number; securityPolicyUri?: string | null }[] | null
}

export type Change = Pick<DeviceEvent, 'kind' | 'change' | 'severity' | 'message' | 'details'>

const MAX_OFFERED = 100
const MODE_NAMES = ['Invalid', 'None', 'Sign', 'SignAndEncrypt']
const TOKEN_NAMES = ['anonymous', 'name', 'certificate', 'issued']

export async function readSeen(folder: string, device: string): Promise<Seen | undefined> {
  // A missing or damaged file means that the server is seen for the first time.
  const text = await readFile(fileOf(folder, device), 'utf8').catch(() => '')
  try {
    return Seen.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

export async function writeSeen(folder: string, device: string, seen: Seen): Promise<void> {
  await replaceFile(fileOf(folder, device), JSON.stringify(seen))
}

export function seenOf(endpoints: readonly Offered[], identity: string | null): Seen {
  const offered = endpoints.slice(0, MAX_OFFERED)
  const certificate = offered.map(({ serverCertificate }) => fingerprintOf(serverCertificate)).find((one) => one !== null) ?? null
  return { certificate, endpoints: [...new Set(offered.map(endpointText))].sort(), identity }
}

export function changesBetween(before: Seen | undefined, after: Seen): Change[] {
  const changes: Change[] = []
  if (after.certificate !== null && before?.certificate !== after.certificate)
    changes.push({
      kind: 'certificate',
      change: before === undefined || before.certificate === null ? 'first' : 'changed',
      severity: before === undefined || before.certificate === null ? 200 : 800,
      message:
        before === undefined || before.certificate === null
          ? 'The server shows its certificate.'
          : 'The server shows another certificate than before.',
      details: { before: before?.certificate ?? null, after: after.certificate }
    })
  const endpoints = endpointChange(before?.endpoints, after.endpoints)
  if (endpoints !== undefined) changes.push(endpoints)
  if (after.identity !== null && before?.identity !== after.identity)
    changes.push({
      kind: 'identity',
      change: before === undefined || before.identity === null ? 'first' : 'changed',
      severity: before === undefined || before.identity === null ? 200 : 500,
      message: 'The server says what it is.',
      details: { before: short(before?.identity), after: short(after.identity) }
    })
  return changes
}

function endpointChange(before: readonly string[] | undefined, after: readonly string[]): Change | undefined {
  if (before !== undefined && before.join() === after.join()) return undefined
  const gone = before?.filter((one) => !after.includes(one)) ?? []
  const come = before === undefined ? [] : after.filter((one) => !before.includes(one))
  const worse = gone.some((one) => strength(one) > 0) || come.some((one) => strength(one) === 0 || one.includes('anonymous'))
  return {
    kind: 'endpoint',
    change: before === undefined ? 'first' : worse ? 'worse' : 'changed',
    severity: before === undefined ? 200 : worse ? 800 : 500,
    message:
      before === undefined
        ? 'The server offers these endpoints.'
        : worse
          ? 'The server offers weaker endpoints than before.'
          : 'The server offers other endpoints than before.',
    details: before === undefined ? { offered: short(after.join(' ')) } : { gone: short(gone.join(' ')), come: short(come.join(' ')) }
  }
}

/** Policy, mode and ways to sign in, for example "Basic256Sha256/Sign/name". */
function endpointText({ securityPolicyUri, securityMode, userIdentityTokens }: Offered): string {
  const tokens = new Set((userIdentityTokens ?? []).slice(0, 20).map(({ tokenType }) => TOKEN_NAMES[tokenType] ?? 'unknown'))
  return `${policyName(securityPolicyUri)}/${MODE_NAMES[securityMode] ?? 'Invalid'}/${[...tokens].sort().join('+')}`.slice(0, 300)
}

/** The part of the URI that people use, for example Basic256Sha256. */
export function policyName(uri: string | null | undefined): string {
  return cut(uri?.split('#').at(-1) ?? 'None', 60)
}

// 0 for no protection or one that is broken or unknown, else the higher the better.
function strength(endpoint: string): number {
  const [policy = ''] = endpoint.split('/')
  const place = POLICIES.map(String).indexOf(policy)
  return place < 0 ? 0 : POLICIES.length - 1 - place
}

function short(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : cut(text, 300)
}

function fileOf(folder: string, device: string): string {
  return join(folder, 'seen', `${device}.json`)
}
