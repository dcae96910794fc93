// `penstock agent trust`: a person judges the certificates that OPC UA servers have shown. None is ever accepted by itself.
import type { Language } from '#contract/language.ts'
import { type Outcome, type Say, sayIn, UsageFault } from '#runtime/command-line.ts'
import { readConfig } from '#runtime/config-file.ts'
import { consoleTable } from '#runtime/console-table.ts'
import { AgentConfig } from '../config.ts'
import { readSeen } from '../opcua/seen.ts'
import { acceptServerCertificate, listServerCertificates, rejectServerCertificate, type ServerCertificate } from '../opcua/trust.ts'
import { opcUaFolder } from './opcua-folder.ts'

export interface TrustOptions {
  file: string
  device?: string | undefined
  language: Language
}

export async function trustList({ file, device, language }: TrustOptions): Promise<Outcome> {
  const say = sayIn(language)
  const folder = await folderOf({ file, device, language })
  const all = await listServerCertificates(folder)
  const certificates = device === undefined ? all : await shownBy(folder, device, all)
  const none = say(
    '还没有见过服务器证书；请先让采集代理连接一次（例如 penstock agent once）',
    'no server has shown a certificate yet; let the agent connect once (for example penstock agent once)'
  )
  return { text: certificates.length === 0 ? none : tableOf(certificates, say), data: { certificates }, trouble: false }
}

export async function trustJudge(options: TrustOptions & { verdict: 'accept' | 'reject'; thumbprint: string }): Promise<Outcome> {
  const { device, verdict, thumbprint, language } = options
  const say = sayIn(language)
  const wanted = thumbprint.replace(/[:\s]/g, '').toLowerCase()
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(wanted))
    throw new UsageFault(
      '指纹应为 40 位（SHA-1）或 64 位（SHA-256）十六进制数',
      'a thumbprint has 40 (SHA-1) or 64 (SHA-256) hexadecimal digits'
    )
  const folder = await folderOf(options)
  const all = await listServerCertificates(folder)
  const of = device === undefined ? all : await shownBy(folder, device, all)
  const there = of.find((one) => one.thumbprint === wanted || one.sha256 === wanted)
  const done = verdict === 'accept' ? 'trusted' : 'rejected'
  if (there === undefined) {
    const text = say(
      `没有指纹为 ${wanted} 的证书${device === undefined ? '' : `由设备 ${device} 出示`}`,
      `no certificate ${wanted} was shown${device === undefined ? '' : ` by device ${device}`}`
    )
    return { text, data: { certificates: [] }, trouble: true }
  }
  const judge = verdict === 'accept' ? acceptServerCertificate : rejectServerCertificate
  // Undefined when it stands as wanted already.
  const judged = (await judge(folder, wanted)) ?? { ...there, state: done }
  const said =
    verdict === 'accept'
      ? say('已信任，下次连接时生效：', 'Trusted from the next connection on:')
      : say('已拒绝，下次连接时生效：', 'Rejected from the next connection on:')
  return { text: `${said}\n${tableOf([judged], say)}`, data: { certificates: [judged] }, trouble: false }
}

async function folderOf({ file, device, language }: TrustOptions): Promise<string> {
  const { config } = await readConfig({ file, language, schema: AgentConfig })
  const servers = config.devices.filter(({ protocol }) => protocol === 'opcua').map(({ id }) => id)
  if (device !== undefined && !servers.includes(device))
    throw new UsageFault(`配置中没有 OPC UA 设备 ${device}`, `the configuration has no OPC UA device ${device}`)
  return opcUaFolder(config)
}

async function shownBy(folder: string, device: string, all: readonly ServerCertificate[]): Promise<ServerCertificate[]> {
  const seen = await readSeen(folder, device)
  return all.filter(({ sha256 }) => sha256 === seen?.certificate)
}

function tableOf(certificates: readonly ServerCertificate[], say: Say): string {
  const columns = [say('状态', 'state'), say('指纹', 'thumbprint'), say('主体', 'subject'), 'URI', say('有效期至', 'valid to')]
  const rows = certificates.map(({ state, thumbprint, subject, applicationUri, validTo }) => [
    state === 'trusted'
      ? { text: say('信任', 'trusted'), style: 'green' as const }
      : { text: say('拒绝', 'rejected'), style: 'yellow' as const },
    thumbprint,
    subject,
    applicationUri ?? '',
    Number.isFinite(validTo) ? new Date(validTo).toISOString().slice(0, 10) : ''
  ])
  return consoleTable({ columns: columns.map((title) => ({ title })), rows })
}
