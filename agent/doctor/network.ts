// Whether devices and broker can be reached: one connection each, closed at once, with nothing said over it but TLS.
import { X509Certificate } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { access, constants, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { type BrokerAccess, type BrokerConfig, readAccess } from '#runtime/broker-config.ts'
import { SecretFault } from '#runtime/config-file.ts'
import { connectedEndpoints, type Endpoint, isConnected, networkEndpoint } from '../commands/own-connections.ts'
import type { DeviceConfig } from '../config.ts'
import { transportOf } from '../modbus/transport.ts'
import { isModbus } from '../resolve.ts'
import { expiryFinding } from './certificates.ts'
import { bad, codeOf, type Finding, ok } from './finding.ts'

const PATIENCE_MS = 5000

export async function lookAtDevices(devices: readonly DeviceConfig[], signal: AbortSignal): Promise<Finding[]> {
  const connected = await connectedEndpoints()
  const findings: Finding[] = []
  const asked = new Set<string>()
  for (const device of devices) {
    const endpoint = networkEndpoint(device)
    if (endpoint === undefined) findings.push(await lookAtLine(device))
    else {
      const key = `${endpoint.host.toLowerCase()}:${endpoint.port}`
      // Units behind one gateway share its connection, and so does the look at it. One after the other, as gently as the agent.
      if (asked.has(key) || signal.aborted) continue
      asked.add(key)
      findings.push(await lookAtDevice(device.id, endpoint, connected))
    }
  }
  return findings
}

async function lookAtDevice(id: string, endpoint: Endpoint, connected: ReadonlySet<string>): Promise<Finding> {
  const at = `${endpoint.host}:${endpoint.port}`
  if (await isConnected(endpoint, connected))
    return ok(
      'network.device',
      id,
      `本机已与 ${at} 相连，不再另开连接`,
      `this machine is connected to ${at} already; no second connection is made`
    )
  try {
    const ms = await reach(endpoint)
    return ok('network.device', id, `${at} 可以连接（${ms} 毫秒）`, `${at} can be reached (${ms} ms)`)
  } catch (error) {
    return bad('fail', 'network.device', id, unreachable(at, error), adviceFor(error))
  }
}

async function lookAtLine(device: DeviceConfig): Promise<Finding> {
  const transport = isModbus(device) ? transportOf(device) : undefined
  const path = transport?.over === 'serial' ? transport.path : ''
  try {
    await access(path, constants.R_OK | constants.W_OK)
    if (!(await stat(path)).isCharacterDevice())
      return bad(
        'fail',
        'network.line',
        device.id,
        { zh: `${path} 不是串口`, en: `${path} is no serial line` },
        { zh: '改正配置中的 line.path', en: 'correct line.path in the configuration' }
      )
    return ok('network.line', device.id, `串口 ${path} 可以使用`, `the serial line ${path} can be used`)
  } catch (error) {
    return bad(
      'fail',
      'network.line',
      device.id,
      { zh: `串口 ${path} 无法使用（${codeOf(error)}）`, en: `the serial line ${path} cannot be used (${codeOf(error)})` },
      {
        zh: '检查接线和路径，并把运行采集代理的用户加入 dialout 组',
        en: 'look at the cable and the path, and add the user of the agent to the group dialout'
      }
    )
  }
}

/** Milliseconds until the connection stood; rejects with what stood in the way. */
async function reach({ host, port }: Endpoint): Promise<number> {
  const { address } = await lookup(host)
  const begun = performance.now()
  await using socket = disposable(connect({ host: address, port }))
  await opened(socket.value, 'connect')
  return Math.round(performance.now() - begun)
}

export async function lookAtBroker(config: BrokerConfig): Promise<Finding[]> {
  const url = new URL(config.url)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'mqtts:'
  const port = url.port === '' ? (secure ? 8883 : 1883) : Number(url.port)
  const at = `${host}:${port}`
  try {
    if (!secure) {
      const ms = await reach({ host, port })
      return [ok('network.broker', at, `消息代理可以连接（${ms} 毫秒），未加密`, `the broker can be reached (${ms} ms), without TLS`)]
    }
    const access = await readAccess(config).catch((error: unknown) => {
      if (error instanceof SecretFault) return undefined
      throw error
    })
    if (access !== undefined) return await lookAtTls(access, { host, port }, at)
    const ms = await reach({ host, port })
    const text = { zh: `可以连接（${ms} 毫秒），但未试 TLS`, en: `the broker can be reached (${ms} ms), but TLS was not tried` }
    return [bad('warn', 'network.broker', at, text, { zh: '先解决证书和密钥的问题', en: 'first see to the certificates and secrets' })]
  } catch (error) {
    const text = { zh: `消息代理无法连接（${codeOf(error)}）`, en: `the broker cannot be reached (${codeOf(error)})` }
    return [bad('fail', 'network.broker', at, text, adviceFor(error))]
  }
}

async function lookAtTls(access: BrokerAccess, { host, port }: Endpoint, at: string): Promise<Finding[]> {
  const { ca, cert, key, servername = host } = access
  const files = { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) }
  const { address } = await lookup(host)
  // Looked at although it may not be trusted, to say why; nothing is sent over it.
  const options = { host: address, port, ...files, rejectUnauthorized: false, ...(/^[\d.]+$|:/.test(servername) ? {} : { servername }) }
  await using socket = disposable(connectTls({ ...options, checkServerIdentity: () => undefined }))
  await opened(socket.value, 'secureConnect')
  return [...judged(socket.value, at), ...nameFinding(socket.value, servername, at)]
}

function judged(socket: TLSSocket, at: string): Finding[] {
  const x509 = certificateOf(socket)
  const expiry = x509 === undefined ? [] : [expiryFinding('certificate.broker', at, x509)]
  if (socket.authorized)
    return [ok('network.broker', at, `TLS 握手成功（${socket.getProtocol()}）`, `TLS stands (${socket.getProtocol()})`), ...expiry]
  const why = String(socket.authorizationError)
  return [
    bad(
      'fail',
      'network.broker',
      at,
      { zh: `消息代理的证书不可信（${why}）`, en: `the certificate of the broker is not trusted (${why})` },
      { zh: '在 broker.tls.ca 中填写签发该证书的 CA', en: 'name the CA that signed it in broker.tls.ca' }
    ),
    ...expiry
  ]
}

// Over a resumed or unverified connection the library gives the bytes, but not always the object.
function certificateOf(socket: TLSSocket): X509Certificate | undefined {
  const { raw } = socket.getPeerCertificate()
  return raw === undefined ? undefined : new X509Certificate(raw)
}

function nameFinding(socket: TLSSocket, servername: string, at: string): Finding[] {
  const x509 = certificateOf(socket)
  if (x509 === undefined) return []
  const fits = x509.checkHost(servername) !== undefined || x509.checkIP(servername) !== undefined
  if (fits) return [ok('certificate.name', at, `证书中的名称与 ${servername} 相符`, `the certificate carries the name ${servername}`)]
  return [
    bad(
      'fail',
      'certificate.name',
      at,
      {
        zh: `证书中没有名称 ${servername}，只有 ${x509.subjectAltName ?? x509.subject}`,
        en: `the certificate does not carry the name ${servername}, but ${x509.subjectAltName ?? x509.subject}`
      },
      {
        zh: '改用证书中的名称作为地址，或设置 broker.tls.serverName',
        en: 'use a name of the certificate as address, or set broker.tls.serverName'
      }
    )
  ]
}

function disposable<S extends { destroy(): void }>(value: S): { value: S } & AsyncDisposable {
  return { value, [Symbol.asyncDispose]: async () => value.destroy() }
}

async function opened(socket: ReturnType<typeof connect>, event: 'connect' | 'secureConnect'): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(() => reject(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })), PATIENCE_MS)
  socket.once(event, resolve)
  // Kept listening: what a peer does to a connection that is being closed is no fault of ours.
  socket.on('error', reject)
  socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
  try {
    await promise
  } finally {
    clearTimeout(timer)
  }
}

const unreachable = (at: string, error: unknown) => ({
  zh: `${at} 无法连接（${codeOf(error)}）`,
  en: `${at} cannot be reached (${codeOf(error)})`
})

function adviceFor(error: unknown) {
  return (
    ADVICE[codeOf(error)] ?? { zh: '检查地址、网线、交换机和防火墙', en: 'look at the address, the cable, the switch and the firewall' }
  )
}

const ADVICE: Readonly<Record<string, Finding['text']>> = {
  ENOTFOUND: {
    zh: '主机名无法解析：检查拼写和 DNS，或改用 IP 地址',
    en: 'the name is unknown: look at its spelling and at DNS, or use an IP address'
  },
  EAI_AGAIN: { zh: 'DNS 没有应答：检查 DNS，或改用 IP 地址', en: 'DNS does not answer: look at DNS, or use an IP address' },
  ECONNREFUSED: {
    zh: '主机在线但端口未开放：检查端口号以及对方程序是否运行',
    en: 'the host is there and the port is closed: look at the port and whether the program behind it runs'
  },
  ETIMEDOUT: { zh: '没有任何应答：检查地址、路由和防火墙', en: 'nothing answers: look at the address, the route and the firewall' },
  EHOSTUNREACH: {
    zh: '没有到该主机的路由：检查网线、网关和子网掩码',
    en: 'there is no route to the host: look at the cable, the gateway and the netmask'
  },
  ENETUNREACH: { zh: '没有到该网络的路由：检查网关', en: 'there is no route to its network: look at the gateway' },
  ECONNRESET: { zh: '对方断开了连接：设备的连接数可能已满', en: 'the other side closed the connection: it may have no connection to spare' }
}
