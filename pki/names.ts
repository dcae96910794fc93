// The names on certificates: an agent is <site>/<agent>, which is the user name that the brokers and their access lists go by.
import { isIP } from 'node:net'
import { Id } from '#contract/site.ts'
import { PkiFault } from './fault.ts'
import type { Kind } from './ledger.ts'
import { isHostName } from './name-constraints.ts'
import type { SubjectName } from './x509.ts'

export interface Subject {
  kind: Kind
  /** For clients the common name, by which the brokers know them; for brokers their first host. */
  name: string
  hosts?: string[]
}

// RFC 5280, appendix A: ub-common-name; some verifiers refuse more.
const MAX_COMMON_NAME = 64
export const RESERVED = 'authority'

export function agentSubject(site: string, agent: string): Subject {
  const name = `${checkId(site, '站点', 'site')}/${checkId(agent, '采集代理', 'agent')}`
  if (name.length > MAX_COMMON_NAME)
    throw new PkiFault(
      'PKI_NAME',
      `站点与代理名称合计不得超过 ${MAX_COMMON_NAME - 1} 个字符：${name}`,
      `site and agent may have ${MAX_COMMON_NAME - 1} characters together: ${name}`
    )
  return { kind: 'agent', name }
}

export function clientSubject(kind: 'collector' | 'viewer', name: string): Subject {
  return { kind, name: checkId(name, '名称', 'name') }
}

export function brokerSubject(hosts: readonly string[]): Subject {
  const names = hosts.map((host) => host.trim().toLowerCase()).filter((host) => host !== '')
  const wrong = names.find((host) => !isHostName(host) && isIP(host) === 0)
  const [first] = names
  if (first === undefined || wrong !== undefined)
    throw new PkiFault(
      'PKI_NAME',
      `不是主机名或 IP 地址：${wrong ?? hosts.join(',')}`,
      `not a host name or an IP address: ${wrong ?? hosts.join(',')}`
    )
  if (first.length > MAX_COMMON_NAME)
    throw new PkiFault(
      'PKI_NAME',
      `第一个主机名不得超过 ${MAX_COMMON_NAME} 个字符`,
      `the first host name may have ${MAX_COMMON_NAME} characters`
    )
  return { kind: 'broker', name: first, hosts: [...new Set(names)] }
}

// OpenSSL holds a common name that looks like a host name against the permitted domains, where no DNS name stands beside it.
export function commonNameOf({ kind, name }: Subject): string {
  return kind === 'broker' && isIP(name) !== 0 ? `broker ${name}` : name
}

export function subjectNames({ kind, name, hosts = [] }: Subject): SubjectName[] {
  if (kind === 'broker') return hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))
  return [{ type: 'url', value: `urn:penstock:${kind}:${name.replace('/', ':')}` }]
}

/** The files of a certificate, without their endings. */
export function fileOf({ kind, name }: Subject): string {
  return `${kind}-${name.replace('/', '.').replaceAll(':', '_')}`
}

function checkId(text: string, zh: string, en: string): string {
  if (Id.safeParse(text).success && text !== RESERVED) return text
  throw new PkiFault(
    'PKI_NAME',
    `${zh} ${JSON.stringify(text)} 不可用：须为小写字母、数字和连字符，最多 63 个，且不是 ${RESERVED}`,
    `${en} ${JSON.stringify(text)} cannot be used: it must be lower-case letters, digits and hyphens, at most 63, and not ${RESERVED}`
  )
}
