// The machine itself: its clock, its memory, its Node, and what the config has been warned of.
import { setTimeout as sleep } from 'node:timers/promises'
import { readAccess, warningsOf } from '#runtime/broker-config.ts'
import { quietLog } from '#runtime/log.ts'
import { ClockCheck, type ClockState } from '../clock-check.ts'
import type { AgentConfig } from '../config.ts'
import { planOf } from '../plan.ts'
import { checkSigningKey, signingKeyFile } from '../signing-key.ts'
import { bad, type Finding, ok } from './finding.ts'

const LEAST_NODE = 24
// What a small agent takes, twice over (bench/agent-polling.ts).
const LEAST_MEMORY = 160 << 20
const CLOCK_PATIENCE_MS = 10_000

export async function lookAtClock(config: AgentConfig, signal: AbortSignal): Promise<Finding> {
  const subject = config.clock?.server ?? 'systemd-timesyncd, chrony'
  const { synchronised, offsetMs } = await clockState(config, signal)
  const offset = offsetMs === null ? { zh: '', en: '' } : { zh: `，偏差 ${offsetMs} 毫秒`, en: `, off by ${offsetMs} ms` }
  const advice = {
    zh: '启用 chrony 或 systemd-timesyncd，并在配置 clock.server 中写明时间服务器；时间不准时告警的先后无法判断',
    en: 'run chrony or systemd-timesyncd, and name a time server in clock.server; with a wrong clock nobody can tell what came first'
  }
  if (synchronised === true) return ok('time.clock', subject, `时间已同步${offset.zh}`, `the clock is kept in time${offset.en}`)
  if (synchronised === false)
    return bad('fail', 'time.clock', subject, { zh: `时间未同步${offset.zh}`, en: `the clock is not kept in time${offset.en}` }, advice)
  return bad('warn', 'time.clock', subject, { zh: '无法得知时间是否准确', en: 'nobody knows whether the clock is right' }, advice)
}

async function clockState({ clock }: AgentConfig, signal: AbortSignal): Promise<ClockState> {
  const looking = new AbortController()
  const ending = AbortSignal.any([looking.signal, signal, AbortSignal.timeout(CLOCK_PATIENCE_MS)])
  const check = new ClockCheck({ config: clock, log: quietLog() })
  const before = check.state
  const running = check.run(ending)
  // The first look replaces the state that nobody has looked for.
  while (check.state === before && !ending.aborted) await sleep(20, undefined, { signal: ending }).catch(() => {})
  const { state } = check
  looking.abort()
  await running
  return state
}

export function lookAtMachine(): Finding[] {
  const { node } = process.versions
  const version = Number(node.split('.')[0])
  const available = process.availableMemory()
  const free = `${Math.round(available / (1 << 20))} MiB`
  return [
    version >= LEAST_NODE
      ? ok('machine.node', node, `Node ${node}`, `Node ${node}`)
      : bad(
          'fail',
          'machine.node',
          node,
          { zh: `Node ${node} 过旧`, en: `Node ${node} is too old` },
          { zh: `请安装 Node ${LEAST_NODE}`, en: `install Node ${LEAST_NODE}` }
        ),
    available >= LEAST_MEMORY
      ? ok('machine.memory', free, `可用内存 ${free}`, `${free} of memory are free`)
      : bad(
          'warn',
          'machine.memory',
          free,
          { zh: `可用内存仅 ${free}`, en: `only ${free} of memory are free` },
          { zh: '采集代理约需 80 MiB；请结束其他程序', en: 'an agent takes about 80 MiB; end other programs' }
        ),
    ok(
      'machine.capture',
      'dumpcap',
      '本版本不做被动监听，无需抓包工具',
      'this version does not listen passively; no capture tool is needed'
    )
  ]
}

export async function lookAtConfig(file: string, config: AgentConfig): Promise<Finding[]> {
  const plan = planOf(config)
  const weak = plan.devices.flatMap((device) => ('warnings' in device ? device.warnings : []))
  const key = signingKeyFile({ key: config.key, outbox: config.outbox.file })
  const secrets = await warningsOf(readAccess(config.broker), Promise.try(checkSigningKey, { file: key }))
  const warnings = [...secrets, ...weak, ...plan.lines.flatMap((line) => line.warnings)].map(({ zh, en }) =>
    bad(
      'warn',
      'config.warning',
      file,
      { zh: zh.replace(/^注意：/, ''), en: en.replace(/^warning: /, '') },
      { zh: '参见 penstock agent plan 和 docs/reference/agent.md', en: 'see penstock agent plan and docs/reference/agent.md' }
    )
  )
  if (config.broker.allowPlaintext)
    warnings.push(
      bad(
        'warn',
        'config.plaintext',
        config.broker.url,
        { zh: '到消息代理的连接未加密（allowPlaintext）', en: 'the connection to the broker is not encrypted (allowPlaintext)' },
        { zh: '改用 mqtts://，证书可用 penstock pki 生成', en: 'use mqtts://; penstock pki makes the certificates' }
      )
    )
  return [
    ok('config.file', file, `设备 ${plan.devices.length} 台，测点 ${plan.tags} 个`, `${plan.devices.length} device(s), ${plan.tags} tags`),
    ...warnings
  ]
}
