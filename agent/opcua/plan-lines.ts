// What an OPC UA server will be asked, in words: the lines of one device in the plan of an agent.
import { type Language, pick, type Text } from '#contract/text.ts'
import type { OpcUaDevice } from './config.ts'
import type { OpcUaPlan } from './resolve.ts'

export function opcUaPlanLines(config: OpcUaDevice, plan: OpcUaPlan, language: Language): string[] {
  const say = (zh: string, en: string) => pick({ zh, en }, language)
  const { requestsPerSecond: budget } = config.budget
  const share = Math.round((100 * plan.requestsPerSecond) / budget)
  const rate = plan.requestsPerSecond.toFixed(2)
  return [
    `${config.id}  ${config.endpoint}  ${securityText(config)}`,
    ...warningsOf(config).map((text) => `  ${pick(text, language)}`),
    ...(config.read === 'subscribe' ? [subscriptionLine(config, plan, say)] : readLines(config, plan, say)),
    ...(config.events.refresh && config.read === 'subscribe'
      ? [say('  每次连接后调用一次 ConditionRefresh', '  calls ConditionRefresh once after each connection')]
      : []),
    say(`  合计每秒 ${rate} 次请求，占预算 ${budget} 次的 ${share}%`, `  ${rate} requests a second, ${share}% of the budget of ${budget}`)
  ]
}

/** How a connection is protected, as health tells it too. */
export function securityText({ security: { policy, mode } }: Pick<OpcUaDevice, 'security'>): string {
  return policy === 'None' ? 'none' : `${policy} ${mode}`
}

/** What in the settings of the device weakens its protection. */
export function warningsOf({ id, security, user }: OpcUaDevice): Text[] {
  const warnings: Text[] = []
  if (security.policy === 'None')
    warnings.push({
      zh: `注意：${id} 的连接不加密也不验证服务器，数值可被途中读取或篡改`,
      en: `warning: the connection to ${id} is neither encrypted nor is the server verified; values can be read and changed on the way`
    })
  else if (security.mode === 'Sign')
    warnings.push({
      zh: `注意：${id} 的连接只签名不加密，数值可被途中读取`,
      en: `warning: the connection to ${id} is signed but not encrypted; values can be read on the way`
    })
  if (security.policy === 'None' && typeof user === 'object' && 'name' in user)
    warnings.push({
      zh: `注意：${id} 的口令在连接上可能未加密`,
      en: `warning: the password for ${id} may not be encrypted on the way`
    })
  return warnings
}

type Say = (zh: string, en: string) => string

function subscriptionLine({ subscription }: OpcUaDevice, { tags }: OpcUaPlan, say: Say): string {
  const cadences = [...new Set(tags.map(({ tag }) => tag.cadenceMs))].sort((a, b) => a - b).join(', ')
  const { publishingMs, keepAliveMs } = subscription
  return say(
    `  订阅 ${tags.length} 个测点，采样周期 ${cadences} 毫秒，每 ${publishingMs} 毫秒发布，无变化时 ${keepAliveMs} 毫秒保活`,
    `  subscribes to ${tags.length} tag(s), sampled each ${cadences} ms, published each ${publishingMs} ms, kept alive each ${keepAliveMs} ms`
  )
}

function readLines({ maxNodesPerCall }: OpcUaDevice, { tags }: OpcUaPlan, say: Say): string[] {
  return [...Map.groupBy(tags, ({ tag }) => tag.cadenceMs)].map(([cadence, group]) => {
    const calls = Math.ceil(group.length / maxNodesPerCall)
    return say(
      `  每 ${cadence} 毫秒  读取 ${group.length} 个测点，分 ${calls} 次请求`,
      `  each ${cadence} ms  reads ${group.length} tag(s) in ${calls} request(s)`
    )
  })
}
