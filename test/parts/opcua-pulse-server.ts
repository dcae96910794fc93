// An OPC UA server as a process of its own: every value is a function of its place and of its source time, so that a reader can be
// checked without asking the server. v0..v(N-1) hold 1000 i + s mod 1000, where s is the second of the source time.
// Usage: node opcua-pulse-server.ts <port> <folder> <variables> [none]. The names of all requests that ever came stand in
// <folder>/services.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { DataType, MessageSecurityMode, OPCUACertificateManager, OPCUAServer, SecurityPolicy, StatusCodes, Variant } from 'node-opcua'

export const pulseOf = (index: number, sourceTime: number): number => 1000 * index + (Math.floor(sourceTime / 1000) % 1000)

export async function servePulse({
  port,
  folder,
  variables,
  plain
}: {
  port: number
  folder: string
  variables: number
  /** Offers the endpoint without security only, so that a dissector can read it. */
  plain: boolean
}): Promise<OPCUAServer> {
  const certificates = new OPCUACertificateManager({ rootFolder: join(folder, 'pki'), automaticallyAcceptUnknownCertificate: true })
  const server = new OPCUAServer({
    port,
    hostname: '127.0.0.1',
    host: '127.0.0.1',
    serverCertificateManager: certificates,
    securityPolicies: [plain ? SecurityPolicy.None : SecurityPolicy.Aes256_Sha256_RsaPss],
    securityModes: [plain ? MessageSecurityMode.None : MessageSecurityMode.SignAndEncrypt],
    allowAnonymous: true,
    disableDiscovery: false,
    buildInfo: { productName: 'pulse', softwareVersion: '1.0' }
  })
  await server.initialize()
  const space = server.engine.addressSpace
  if (space === null) throw new Error('the server has no address space')
  const own = space.getOwnNamespace()
  const folderNode = own.addFolder('ObjectsFolder', { browseName: 'Pulse' })
  const nodes = Array.from({ length: variables }, (_, i) =>
    own.addVariable({
      componentOf: folderNode,
      browseName: `v${i}`,
      nodeId: `s=v${i}`,
      dataType: DataType.Double,
      accessLevel: 'CurrentRead',
      userAccessLevel: 'CurrentRead',
      value: new Variant({ dataType: DataType.Double, value: 0 })
    })
  )
  const seen = new Set<string>()
  server.on('request', (request: { schema: { name: string } }) => {
    const { name } = request.schema
    if (seen.has(name)) return
    seen.add(name)
    appendFileSync(join(folder, 'services'), `${name}\n`)
  })
  const tick = () => {
    const now = new Date(Math.floor(Date.now() / 1000) * 1000)
    for (const [i, node] of nodes.entries())
      node.setValueFromSource(new Variant({ dataType: DataType.Double, value: pulseOf(i, now.getTime()) }), StatusCodes.Good, now)
  }
  tick()
  const timer = setInterval(tick, 1000)
  await server.start()
  process.once('SIGTERM', () => {
    clearInterval(timer)
    void server.shutdown(0).then(() => process.exit(0))
  })
  return server
}

if (import.meta.main) {
  const [port = '', folder = '', variables = '100', plain] = process.argv.slice(2)
  await servePulse({ port: Number(port), folder, variables: Number(variables), plain: plain === 'none' })
  console.log('listening')
}
