// The plan of an agent in words: every request it will ever send, before it touches a device.
import { type Language, pick } from '#contract/text.ts'
import type { AgentConfig } from './config.ts'
import type { LinePlan, ModbusDevicePlan, PlannedRequest } from './modbus/plan.ts'
import { opcUaPlanLines } from './opcua/plan-lines.ts'
import { planOf } from './plan.ts'
import { planOf as resolvedOf } from './resolve.ts'

type Say = (zh: string, en: string) => string

export function describePlan(config: AgentConfig, language: Language): string {
  const say: Say = (zh, en) => pick({ zh, en }, language)
  const plan = planOf(config)
  const head = say(
    `配置无误：采集代理 ${plan.agent}，站点 ${plan.site}，设备 ${plan.devices.length} 台，测点 ${plan.tags} 个`,
    `ok: agent ${plan.agent} of site ${plan.site}, ${plan.devices.length} device(s), ${plan.tags} tags`
  )
  const devices = config.devices.flatMap((device, i) => {
    const resolved = resolvedOf(device, config.defaults)
    if (resolved.family === 'opcua') return opcUaPlanLines(resolved.config, resolved.resolved, language)
    const planned = plan.devices[i]
    return planned === undefined || planned.protocol === 'opcua' ? [] : deviceLines(planned, say)
  })
  const shared = plan.lines.filter(({ units }) => units.length > 1).flatMap((line) => lineLines(line, say))
  const warnings = plan.lines.flatMap((line) => line.warnings).map((text) => say(`注意：${text.zh}`, `warning: ${text.en}`))
  return [head, ...devices, ...shared, ...warnings].join('\n')
}

function deviceLines(plan: ModbusDevicePlan, say: Say): string[] {
  const { budget, requestShare, registerShare, lineShare, forbidden, identity } = plan
  const rate = plan.requestsPerSecond.toFixed(2)
  const registers = plan.registersPerSecond.toFixed(1)
  const bytes = Math.round(plan.bytesPerSecond)
  const ranges = forbidden.map(({ table, from, to }) => `${table} ${from}..${to}`).join(', ')
  return [
    `${plan.id}  ${plan.endpoint}  ${say('单元', 'unit')} ${plan.unit}${plan.profile === undefined ? '' : `  ${say('设备模板', 'profile')} ${plan.profile}`}`,
    ...plan.requests.map((request) => requestLine(request, say)),
    say(
      `  合计每秒 ${rate} 次请求，占预算 ${budget.requestsPerSecond} 次的 ${percent(requestShare)}`,
      `  ${rate} requests a second, ${percent(requestShare)} of the budget of ${budget.requestsPerSecond}`
    ),
    say(
      `  每秒 ${registers} 个寄存器，占预算 ${budget.registersPerSecond} 个的 ${percent(registerShare)}；往返 ${bytes} 字节/秒，预计占线 ${percent(lineShare)}`,
      `  ${registers} registers a second, ${percent(registerShare)} of the budget of ${budget.registersPerSecond}; ${bytes} bytes a second both ways, line busy ${percent(lineShare)} as expected`
    ),
    ...(ranges === '' ? [] : [say(`  永不读取：${ranges}`, `  never read: ${ranges}`)]),
    ...(identity === undefined ? [] : [identityLine(identity, say)]),
    say('  以上未列出的地址和功能码一概不用', '  no address and no function but those above is asked for')
  ]
}

function identityLine({ functions, everyHours, mostRequests }: NonNullable<ModbusDevicePlan['identity']>, say: Say): string {
  const names = functions.map((code) => (code === 43 ? '43/14' : code)).join(', ')
  return say(
    `  另在连接后及每 ${everyHours} 小时询问设备身份（功能码 ${names}），最多 ${mostRequests} 次请求，不超出预算`,
    `  asked what it is (function ${names}) after connecting and each ${everyHours} h, in at most ${mostRequests} request(s), within the budget`
  )
}

function requestLine(request: PlannedRequest, say: Say): string {
  const { cadenceMs, functionCode, table, from, to, numbers, count, unused, requestBytes, replyBytes, tags } = request
  const listed = tags.length > 4 ? `${tags.slice(0, 3).join(', ')} … ${tags.at(-1)}` : tags.join(', ')
  const range = from === to ? `${from}` : `${from}..${to}`
  const manual = from === to ? numbers[0] : `${numbers[0]}..${numbers[1]}`
  return say(
    `  每 ${cadenceMs} 毫秒  ${table} ${range}（${manual}，功能码 ${functionCode}）  共 ${count} 个（空闲 ${unused} 个）  ${requestBytes}+${replyBytes} 字节  测点 ${tags.length} 个：${listed}`,
    `  each ${cadenceMs} ms  ${table} ${range} (${manual}, function ${functionCode})  ${count} in all (${unused} unused)  ${requestBytes}+${replyBytes} bytes  ${tags.length} tag(s): ${listed}`
  )
}

function lineLines({ endpoint, units, requestsPerSecond, registersPerSecond, lineShare }: LinePlan, say: Say): string[] {
  const rate = requestsPerSecond.toFixed(2)
  const registers = registersPerSecond.toFixed(1)
  return [
    say(
      `${endpoint}  共 ${units.length} 个单元（${units.join(', ')}）：每秒 ${rate} 次请求，${registers} 个寄存器，预计占线 ${percent(lineShare)}`,
      `${endpoint}  ${units.length} units (${units.join(', ')}) together: ${rate} requests a second, ${registers} registers, line busy ${percent(lineShare)} as expected`
    )
  ]
}

const percent = (share: number): string => `${Math.round(100 * share)}%`
