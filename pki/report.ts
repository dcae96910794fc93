// What the commands of the authority say: lists for people in their language, plain data for programs.
import { type Language, pick } from '#contract/language.ts'
import type { Text } from '#contract/text.ts'
import type { Outcome } from '#runtime/command-line.ts'
import { consoleTable } from '#runtime/console-table.ts'
import { PkiFault } from './fault.ts'
import type { Entry, Ledger } from './ledger.ts'
import { readPem, type Shown } from './x509.ts'

const DAY_MS = 86_400_000
export const WARN_DAYS = 30

type State = 'valid' | 'expiring' | 'expired' | 'revoked'

const STATES: Readonly<Record<State, Text>> = {
  valid: { zh: '有效', en: 'valid' },
  expiring: { zh: '即将到期', en: 'expires soon' },
  expired: { zh: '已过期', en: 'expired' },
  revoked: { zh: '已作废', en: 'revoked' }
}

const KIND_WORDS: Readonly<Record<Entry['kind'] | 'authority' | 'crl', Text>> = {
  agent: { zh: '采集代理', en: 'agent' },
  collector: { zh: '汇聚中心', en: 'collector' },
  broker: { zh: 'MQTT 代理', en: 'broker' },
  viewer: { zh: '只读客户端', en: 'viewer' },
  authority: { zh: '证书机构', en: 'authority' },
  crl: { zh: '作废列表', en: 'revocation list' }
}

export const day = (time: number): string => new Date(time).toISOString().slice(0, 10)

interface Row {
  kind: keyof typeof KIND_WORDS
  name: string
  serial: string
  until: number
  state: State
}

/** Trouble when something in use ends within 30 days or has ended: nobody may find that out by a connection that fails. */
export function listOutcome(ledger: Ledger, { now, language }: { now: number; language: Language }): Outcome {
  const say = (text: Text) => pick(text, language)
  const rows: Row[] = [
    ...ledger.authorities().flatMap(({ number, name, serial, notAfter }): Row[] => {
      const crl = ledger.lastCrl(number)
      const of = (kind: Row['kind'], until: number) => ({ kind, name, serial, until, state: stateOf(until, now) })
      return [of('authority', notAfter), ...(crl === undefined ? [] : [of('crl', crl.nextUpdate)])]
    }),
    ...ledger.entries().map(({ kind, name, serial, notAfter, revoked }): Row => {
      return { kind, name, serial, until: notAfter, state: revoked === null ? stateOf(notAfter, now) : 'revoked' }
    })
  ]
  const replaced = (row: Row) => rows.some((other) => other.kind === row.kind && other.name === row.name && other.until > row.until)
  const pressing = rows.filter((row) => (row.state === 'expiring' || row.state === 'expired') && !replaced(row))
  const columns = [
    { zh: '类别', en: 'kind' },
    { zh: '名称', en: 'name' },
    { zh: '序列号', en: 'serial' },
    { zh: '有效期至', en: 'until' },
    { zh: '状态', en: 'state' }
  ].map((title) => ({ title: say(title) }))
  const cells = rows.map(({ kind, name, serial, until, state }) => [say(KIND_WORDS[kind]), name, serial, day(until), say(STATES[state])])
  const warnings = pressing.map(({ kind, name, until }) =>
    say({
      zh: `注意：${KIND_WORDS[kind].zh} ${name} ${until <= now ? '已于' : '将于'} ${day(until)} 到期，${remedy(kind).zh}`,
      en: `warning: ${KIND_WORDS[kind].en} ${name} ${until <= now ? 'expired' : 'expires'} on ${day(until)}; ${remedy(kind).en}`
    })
  )
  return {
    text: [consoleTable({ columns, rows: cells }), ...warnings].join('\n'),
    data: { certificates: rows, expiring: pressing },
    trouble: pressing.length > 0
  }
}

function remedy(kind: Row['kind']): Text {
  if (kind === 'crl') return { zh: '请执行 penstock pki crl 并分发 crl.pem', en: 'run penstock pki crl and give crl.pem to the brokers' }
  if (kind === 'authority') return { zh: '请执行 penstock pki rotate authority', en: 'run penstock pki rotate authority' }
  return { zh: '请执行 penstock pki rotate', en: 'run penstock pki rotate' }
}

function stateOf(until: number, now: number): State {
  if (until <= now) return 'expired'
  return until - now <= WARN_DAYS * DAY_MS ? 'expiring' : 'valid'
}

export function showOutcome(text: string, { file, now, language }: { file: string; now: number; language: Language }): Outcome {
  const parts = readPem(text)
  if (parts.length === 0)
    throw new PkiFault('PKI_FILE', `${file} 中没有 PEM 格式的证书或作废列表`, `${file} holds no certificate or revocation list in PEM`)
  const blocks = parts.map((part) => pick(describe(part, now), language))
  return { text: blocks.join('\n\n'), data: parts, trouble: parts.some(({ what }) => what === 'unreadable') }
}

function describe(part: Shown, now: number): Text {
  if (part.what === 'key') return { zh: '一个私钥，内容不予显示。请妥善保管。', en: 'A private key; it is not shown. Keep it to yourself.' }
  if (part.what === 'unreadable') return { zh: '此部分无法读取。', en: 'This part cannot be read.' }
  if (part.what === 'crl') {
    const { issuer, thisUpdate, nextUpdate, serials } = part
    const until = nextUpdate === null ? '—' : day(nextUpdate)
    return {
      zh: lines('作废列表', { 签发者: issuer, 签发于: day(thisUpdate), 有效期至: until, 已作废: serials.join(' ') || '无' }),
      en: lines('Revocation list', { issuer, from: day(thisUpdate), until, revoked: serials.join(' ') || 'none' })
    }
  }
  const { subject, issuer, serial, span, names, uses, isAuthority, fingerprint } = part
  const state = STATES[stateOf(span.notAfter, now)]
  return {
    zh: lines(isAuthority ? '机构证书' : '证书', {
      主体: subject,
      签发者: issuer,
      序列号: serial,
      有效期: `${day(span.notBefore)} – ${day(span.notAfter)}（${state.zh}）`,
      备用名称: names.join(' ') || '无',
      用途: uses.join(' ') || '—',
      'SHA-256': fingerprint
    }),
    en: lines(isAuthority ? 'Certificate of an authority' : 'Certificate', {
      subject,
      issuer,
      serial,
      valid: `${day(span.notBefore)} – ${day(span.notAfter)} (${state.en})`,
      names: names.join(' ') || 'none',
      uses: uses.join(' ') || '—',
      'SHA-256': fingerprint
    })
  }
}

function lines(title: string, fields: Readonly<Record<string, string>>): string {
  return [title, ...Object.entries(fields).map(([name, value]) => `  ${name}: ${value}`)].join('\n')
}
