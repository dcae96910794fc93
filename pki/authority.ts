// The authority of a site: signs and revokes certificates, and keeps revocation lists and access lists in step with its book.
import type { KeyObject } from 'node:crypto'
import { agentList, mosquittoAcl } from './access-lists.ts'
import { PkiFault } from './fault.ts'
import { AGENT_LIST, BUNDLE, CRL, type Folder, MOSQUITTO_ACL } from './folder.ts'
import { type AuthorityMade, type Entry, Ledger, type Reason } from './ledger.ts'
import { ALWAYS_PERMITTED, checkPermitted, isPermitted } from './name-constraints.ts'
import { commonNameOf, fileOf, type Subject, subjectNames } from './names.ts'
import { authorityCertificate, endCertificate, newKey, newSerial, readKey, revocationList, type Signer, type Span } from './x509.ts'

const DAY_MS = 86_400_000
export const AUTHORITY_DAYS = 3653
export const END_DAYS = 825
export const CRL_DAYS = 365
// A box whose clock is a little behind must not refuse what was signed this minute.
const BACKDATED_MS = 3_600_000

export interface AuthorityOptions {
  folder: Folder
  passphrase: string | undefined
  now?: () => number
}

export interface Given {
  serial: string
  name: string
  certificate: string
  key: string
  notAfter: number
}

export class Authority {
  readonly folder: Folder
  readonly ledger: Ledger
  readonly #passphrase: string | undefined
  readonly #now: () => number

  constructor({ folder, passphrase, now = Date.now }: AuthorityOptions) {
    this.folder = folder
    this.ledger = new Ledger(folder)
    this.#passphrase = passphrase
    this.#now = now
  }

  /** A new signing certificate: the first of the folder, or one that takes over while the one before is still trusted. */
  async renew(options: { name: string; permitted: readonly string[]; days?: number }): Promise<AuthorityMade> {
    const days = checkDays(options.days ?? AUTHORITY_DAYS, 2 * AUTHORITY_DAYS)
    const permitted = [...new Set([...ALWAYS_PERMITTED, ...options.permitted.map(checkPermitted)])]
    this.#unlock()
    const number = this.ledger.lastAuthority() + 1
    const name = number === 1 ? options.name : `${options.name} ${number}`
    const [key, serial, span] = [newKey(), newSerial(), this.#span(days)]
    const certificate = await authorityCertificate({ name, serial, key, span, permitted })
    this.folder.write(['authority', `${number}.key`], keyText(key, this.#passphrase))
    this.folder.write(['authority', `${number}.crt`], certificate)
    const made = { what: 'authority' as const, at: this.#now(), number, serial, name, ...span, permitted }
    this.ledger.add(made)
    await this.publish()
    return made
  }

  async issue(subject: Subject, { days = END_DAYS }: { days?: number } = {}): Promise<Given> {
    const standing = this.ledger.standing(this.#now()).find(({ name }) => name === subject.name)
    if (standing !== undefined)
      throw new PkiFault(
        'PKI_NAME_TAKEN',
        `${subject.name} 已有有效证书（${standing.kind}，序列号 ${standing.serial}）；更换请用 rotate，作废请用 revoke`,
        `${subject.name} has a valid certificate (${standing.kind}, serial ${standing.serial}); replace it by rotate or end it by revoke`
      )
    return await this.#give(subject, days)
  }

  /** A new key and certificate for who has one; the one before stays valid until it is revoked. */
  async rotate(name: string, { days = END_DAYS }: { days?: number } = {}): Promise<Given> {
    const before = this.ledger.entries().findLast((entry) => entry.name === name)
    if (before === undefined) throw unknownName(name)
    const subject: Subject = { kind: before.kind, name, ...(before.hosts === undefined ? {} : { hosts: before.hosts }) }
    return await this.#give(subject, days)
  }

  async revoke(what: string, { reason, all = false }: { reason: Reason; all?: boolean }): Promise<Entry[]> {
    const found = this.ledger.entries().filter(({ serial, name }) => serial === what.toLowerCase() || name === what)
    if (found.length === 0) throw unknownName(what)
    const left = found.filter(({ revoked }) => revoked === null)
    if (left.length > 1 && !all) {
      const serials = left.map(({ serial }) => serial).join(', ')
      throw new PkiFault(
        'PKI_AMBIGUOUS',
        `${what} 有 ${left.length} 张未作废的证书：${serials}；请写明序列号，或用 --all 全部作废`,
        `${what} has ${left.length} certificates that are not revoked: ${serials}; name a serial, or revoke them all by --all`
      )
    }
    this.#unlock()
    const at = this.#now()
    if (left.length > 0) this.ledger.add(...left.map(({ serial }) => ({ what: 'revoked' as const, at, serial, reason })))
    await this.publish()
    return left
  }

  /** Takes the authorities before the present one out of the bundle, when nothing that they signed is in use any more. */
  async retire(): Promise<AuthorityMade[]> {
    const now = this.#now()
    const old = this.ledger.authorities().slice(0, -1)
    const numbers = new Set(old.map(({ number }) => number))
    const used = this.ledger.standing(now).filter(({ authority }) => numbers.has(authority))
    if (used.length > 0) {
      const names = used.slice(0, 5).map(({ name, serial }) => `${name} (${serial})`)
      throw new PkiFault(
        'PKI_STILL_NEEDED',
        `旧机构证书签发的 ${used.length} 张证书仍有效：${names.join('、')}；请先 rotate 并 revoke`,
        `${used.length} certificates of the old authority are still valid: ${names.join(', ')}; rotate and revoke them first`
      )
    }
    this.#unlock()
    if (old.length > 0) this.ledger.add(...old.map(({ number }) => ({ what: 'retired' as const, at: now, authority: number })))
    await this.publish()
    return old
  }

  /** Writes all that follows from the book: bundle, revocation lists, access lists. */
  async publish(days: number = CRL_DAYS): Promise<void> {
    checkDays(days, AUTHORITY_DAYS)
    const authorities = this.ledger.authorities()
    const lists: string[] = []
    for (const authority of authorities) lists.push(await this.#revocations(authority, days))
    // The newest first: a server that reads one certificate only then trusts the one that signs.
    const certificates = authorities.map(({ number }) => this.folder.read('authority', `${number}.crt`)).reverse()
    this.folder.write([CRL], lists.reverse().join(''))
    this.folder.write([BUNDLE], certificates.join(''))
    this.writeAccessLists()
  }

  writeAccessLists(): string[] {
    const standing = this.ledger.standing(this.#now())
    return [this.folder.write([MOSQUITTO_ACL], mosquittoAcl(standing)), this.folder.write([AGENT_LIST], agentList(standing))]
  }

  async #give(subject: Subject, days: number): Promise<Given> {
    checkDays(days, AUTHORITY_DAYS)
    const authority = this.#signing()
    const refused = subject.hosts?.find((host) => !isPermitted(host, authority.permitted))
    if (refused !== undefined)
      throw new PkiFault(
        'PKI_NOT_PERMITTED',
        `本机构证书不得为 ${refused} 签发；请在 init 或 rotate authority 时用 --permit 加入其域名或地址段`,
        `this authority may not sign for ${refused}; name its domain or range of addresses by --permit of init or of rotate authority`
      )
    this.#unlock()
    const by = this.#signer(authority.number)
    const [key, serial] = [newKey(), newSerial()]
    const span = this.#span(days, authority.notAfter)
    const use = subject.kind === 'broker' ? 'serverAuth' : 'clientAuth'
    const certificate = await endCertificate({ name: commonNameOf(subject), serial, key, span, names: subjectNames(subject), use, by })
    this.ledger.add({ what: 'issued', at: this.#now(), serial, authority: authority.number, ...subject, ...span })
    const file = fileOf(subject)
    this.#setAside(subject, serial)
    const given = {
      key: this.folder.write(['issued', `${file}.key`], keyText(key, undefined)),
      certificate: this.folder.write(['issued', `${file}.crt`], certificate)
    }
    await this.publish()
    return { serial, name: subject.name, ...given, notAfter: span.notAfter }
  }

  // The files of the certificate before keep its serial in their names: who still uses them may need them.
  #setAside(subject: Subject, next: string): void {
    const before = this.ledger
      .entries()
      .findLast(({ name, kind, serial }) => name === subject.name && kind === subject.kind && serial !== next)
    const file = fileOf(subject)
    for (const ending of ['crt', 'key'])
      if (before !== undefined && this.folder.has('issued', `${file}.${ending}`))
        this.folder.rename(['issued', `${file}.${ending}`], ['issued', `${file}.${before.serial}.${ending}`])
  }

  async #revocations({ number, notAfter }: AuthorityMade, days: number): Promise<string> {
    const now = this.#now()
    const list = (this.ledger.lastCrl(number)?.number ?? 0) + 1
    const nextUpdate = Math.min(now + days * DAY_MS, notAfter)
    const revoked = this.ledger.entries().flatMap(({ authority, revoked: one }) => (authority === number && one !== null ? [one] : []))
    this.ledger.add({ what: 'crl', at: now, authority: number, number: list, nextUpdate })
    return await revocationList({ by: this.#signer(number), number: list, thisUpdate: now - BACKDATED_MS, nextUpdate, revoked })
  }

  #signing(): AuthorityMade {
    const authority = this.ledger.authorities().at(-1)
    if (authority === undefined) throw new PkiFault('PKI_MISSING', '没有机构证书', 'there is no certificate of the authority')
    if (authority.notAfter <= this.#now())
      throw new PkiFault(
        'PKI_DAYS',
        '机构证书已过期，请执行 rotate authority',
        'the certificate of the authority has expired; run rotate authority'
      )
    return authority
  }

  // Before anything is written into the book: a wrong passphrase must not leave half a change behind.
  #unlock(): void {
    for (const { number } of this.ledger.authorities()) this.#signer(number)
  }

  #signer(number: number): Signer {
    const file = this.folder.at('authority', `${number}.key`)
    const text = this.folder.read('authority', `${number}.key`)
    if (text.includes('ENCRYPTED') && this.#passphrase === undefined)
      throw new PkiFault(
        'PKI_PASSPHRASE',
        `${file} 已加密，请用 --passphrase-file 或 --passphrase-env 给出口令`,
        `${file} is encrypted; give its passphrase by --passphrase-file or --passphrase-env`
      )
    try {
      return { certificate: this.folder.read('authority', `${number}.crt`), key: readKey(text, this.#passphrase) }
    } catch (cause) {
      if (cause instanceof PkiFault) throw cause
      throw new PkiFault('PKI_PASSPHRASE', `口令不正确，或 ${file} 已损坏`, `the passphrase is wrong, or ${file} is damaged`, { cause })
    }
  }

  #span(days: number, until = Number.POSITIVE_INFINITY): Span {
    const now = Math.floor(this.#now() / 1000) * 1000
    return { notBefore: now - BACKDATED_MS, notAfter: Math.min(now + days * DAY_MS, until) }
  }
}

function keyText(key: KeyObject, passphrase: string | undefined): string {
  const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
  return String(passphrase === undefined ? key.export(pkcs8) : key.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase }))
}

function checkDays(days: number, most: number): number {
  if (Number.isInteger(days) && days >= 1 && days <= most) return days
  throw new PkiFault('PKI_DAYS', `天数应为 1 至 ${most} 的整数`, `days must be a whole number from 1 to ${most}`)
}

function unknownName(name: string): PkiFault {
  return new PkiFault(
    'PKI_UNKNOWN',
    `没有名称或序列号为 ${name} 的证书；penstock pki list 可列出全部`,
    `there is no certificate with the name or serial ${name}; penstock pki list shows all`
  )
}
