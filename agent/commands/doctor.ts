// `penstock agent doctor`: looks at all that an agent needs and says what to do. It reads no device and writes nothing anywhere.
import { type Language, pick } from '#contract/language.ts'
import { interruption, type Outcome, progress, type Say, sayIn } from '#runtime/command-line.ts'
import { readConfig } from '#runtime/config-file.ts'
import { consoleTable } from '#runtime/console-table.ts'
import { AgentConfig } from '../config.ts'
import { lookAtCertificates, lookAtServers } from '../doctor/certificates.ts'
import { lookAtFiles } from '../doctor/files.ts'
import type { Finding } from '../doctor/finding.ts'
import { lookAtClock, lookAtConfig, lookAtMachine } from '../doctor/machine.ts'
import { lookAtBroker, lookAtDevices } from '../doctor/network.ts'
import { signingKeyFile } from '../signing-key.ts'
import { opcUaFolder } from './opcua-folder.ts'
import type { DoctorResult } from './results.ts'

/** Rejects with ConfigFault. */
export async function doctor({ file, language }: { file: string; language: Language }): Promise<Outcome> {
  const say = sayIn(language)
  const { config } = await readConfig({ file, language, schema: AgentConfig })
  using interrupted = interruption()
  const { signal } = interrupted
  const key = signingKeyFile({ key: config.key, outbox: config.outbox.file })
  const found: Finding[] = [...(await lookAtConfig(file, config)), ...lookAtMachine(), ...(await lookAtFiles(file, config, key))]
  progress(say('检查时间……', 'Looking at the clock…'))
  found.push(await lookAtClock(config, signal), ...(await lookAtCertificates(config.broker)))
  if (config.devices.some(({ protocol }) => protocol === 'opcua')) found.push(...(await lookAtServers(opcUaFolder(config))))
  progress(say('检查网络……', 'Looking at the network…'))
  found.push(...(await lookAtBroker(config.broker)), ...(await lookAtDevices(config.devices, signal)))
  const findings = found.map(({ text, advice, ...rest }) => ({
    ...rest,
    text: pick(text, language),
    ...(advice === undefined ? {} : { advice: pick(advice, language) })
  }))
  const ok = findings.every(({ level }) => level !== 'fail')
  const data: DoctorResult = { ok, findings }
  return { text: textOf(data, say), data, trouble: !ok }
}

const STYLES = { ok: 'green', warn: 'yellow', fail: 'red' } as const

function textOf({ findings }: DoctorResult, say: Say): string {
  const levels = { ok: say('正常', 'ok'), warn: say('注意', 'warn'), fail: say('故障', 'fail') }
  const rows = findings.flatMap(({ check, subject, level, text, advice }) => [
    [{ text: levels[level], style: STYLES[level] }, check, `${subject}: ${text}`],
    ...(advice === undefined ? [] : [['', '', `→ ${advice}`]])
  ])
  const columns = [say('结论', 'level'), say('检查', 'check'), say('发现', 'finding')].map((title) => ({ title }))
  const count = (level: keyof typeof STYLES) => findings.filter((one) => one.level === level).length
  const sum = say(
    `正常 ${count('ok')} 项，注意 ${count('warn')} 项，故障 ${count('fail')} 项`,
    `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed`
  )
  return `${consoleTable({ columns, rows })}\n\n${sum}`
}
