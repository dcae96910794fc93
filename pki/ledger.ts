// The book of an authority: every certificate that was ever signed or revoked, one line of JSON each, only ever added to.
import { z } from 'zod'
import { PkiFault } from './fault.ts'
import { type Folder, LEDGER } from './folder.ts'

export const KINDS = ['agent', 'collector', 'broker', 'viewer'] as const
export type Kind = (typeof KINDS)[number]

export const REASONS = ['unspecified', 'key-compromise', 'affiliation-changed', 'superseded', 'cessation-of-operation'] as const
export type Reason = (typeof REASONS)[number]

const Serial = z.string().regex(/^[0-9a-f]{2,40}$/)
const Time = z.int().min(0)
const AuthorityNumber = z.int().min(1)

const AuthorityMade = z.strictObject({
  what: z.literal('authority'),
  at: Time,
  number: AuthorityNumber,
  serial: Serial,
  name: z.string(),
  notBefore: Time,
  notAfter: Time,
  permitted: z.array(z.string())
})
export type AuthorityMade = z.infer<typeof AuthorityMade>

const Issued = z.strictObject({
  what: z.literal('issued'),
  at: Time,
  serial: Serial,
  authority: AuthorityNumber,
  kind: z.enum(KINDS),
  name: z.string(),
  hosts: z.array(z.string()).optional(),
  notBefore: Time,
  notAfter: Time
})
export type Issued = z.infer<typeof Issued>

const Revoked = z.strictObject({ what: z.literal('revoked'), at: Time, serial: Serial, reason: z.enum(REASONS) })
export type Revoked = z.infer<typeof Revoked>

const CrlMade = z.strictObject({ what: z.literal('crl'), at: Time, authority: AuthorityNumber, number: z.int().min(1), nextUpdate: Time })
const Retired = z.strictObject({ what: z.literal('retired'), at: Time, authority: AuthorityNumber })

const Line = z.discriminatedUnion('what', [AuthorityMade, Issued, Revoked, CrlMade, Retired])
export type Line = z.infer<typeof Line>

export interface Entry extends Issued {
  revoked: Revoked | null
}

export class Ledger {
  readonly #folder: Folder
  readonly #lines: Line[]

  constructor(folder: Folder) {
    this.#folder = folder
    this.#lines = folder.isFounded ? parseLedger(folder.read(LEDGER), folder.at(LEDGER)) : []
  }

  /** On disk when it returns: what was signed must never be unknown, so this comes before the certificate is given out. */
  add(...lines: Line[]): void {
    const all = [...this.#lines, ...lines.map((line) => Line.parse(line))]
    this.#folder.write([LEDGER], all.map((line) => `${JSON.stringify(line)}\n`).join(''))
    this.#lines.splice(0, this.#lines.length, ...all)
  }

  /** Those that are not retired, the one that signs now last. */
  authorities(): AuthorityMade[] {
    const retired = new Set(this.#lines.flatMap((line) => (line.what === 'retired' ? [line.authority] : [])))
    return this.#lines.filter((line) => line.what === 'authority').filter(({ number }) => !retired.has(number))
  }

  /** Of all authorities that ever were. */
  lastAuthority(): number {
    return this.#lines.reduce((last, line) => (line.what === 'authority' ? Math.max(last, line.number) : last), 0)
  }

  entries(): Entry[] {
    const revoked = new Map(this.#lines.flatMap((line) => (line.what === 'revoked' ? [[line.serial, line] as const] : [])))
    return this.#lines.flatMap((line) => (line.what === 'issued' ? [{ ...line, revoked: revoked.get(line.serial) ?? null }] : []))
  }

  /** Neither revoked nor expired. */
  standing(now: number): Entry[] {
    return this.entries().filter(({ revoked, notAfter }) => revoked === null && notAfter > now)
  }

  lastCrl(authority: number): { number: number; nextUpdate: number } | undefined {
    return this.#lines.filter((line) => line.what === 'crl').findLast((line) => line.authority === authority)
  }
}

export function parseLedger(text: string, file: string): Line[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      return [Line.parse(JSON.parse(line))]
    } catch (cause) {
      throw new PkiFault(
        'PKI_DAMAGED',
        `${file} 第 ${index + 1} 行无法读取；请从备份恢复后再操作`,
        `line ${index + 1} of ${file} cannot be read; bring the file back from a backup before going on`,
        { cause }
      )
    }
  })
}
