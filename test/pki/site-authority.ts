// An authority in a folder of its own, as a person would have made it by the commands, with a clock that the test sets.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { Authority } from '../../pki/authority.ts'
import { Folder } from '../../pki/folder.ts'
import { temporaryFolder } from '../parts/wait.ts'

export interface SiteAuthority {
  authority: Authority
  folder: Folder
  clock: { now: number }
  at: (...names: string[]) => string
}

export async function siteAuthority(options: { passphrase?: string; permitted?: string[] } = {}): Promise<SiteAuthority> {
  const folder = new Folder(join(await temporaryFolder(), 'pki'))
  folder.found()
  const clock = { now: Date.now() }
  const authority = new Authority({ folder, passphrase: options.passphrase, now: () => clock.now })
  await authority.renew({ name: 'Test authority', permitted: options.permitted ?? [] })
  return { authority, folder, clock, at: (...names) => folder.at(...names) }
}

/** What openssl says; throws with its words when it refuses. */
export function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
