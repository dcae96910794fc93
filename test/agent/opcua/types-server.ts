// An OPC UA server with a variable of every kind, every policy and every way to sign in, in the process of the test.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  coerceInt64,
  coerceUInt64,
  DataType,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
  type UAVariable,
  Variant,
  VariantArrayType
} from 'node-opcua'
import { freePort, temporaryFolder } from '../../parts/wait.ts'

export interface TypesServer extends AsyncDisposable {
  readonly endpoint: string
  readonly server: OPCUAServer
  set(name: string, dataType: DataType, value: unknown, status?: typeof StatusCodes.Good): void
  /** The value as the server holds it. */
  get(name: string): unknown
  /** Names of the requests that came. */
  readonly requests: string[]
}

export interface TypesServerOptions {
  port?: number
  policies?: SecurityPolicy[]
  modes?: MessageSecurityMode[]
}

const ALL_POLICIES = [
  SecurityPolicy.None,
  SecurityPolicy.Basic256Sha256,
  SecurityPolicy.Aes128_Sha256_RsaOaep,
  SecurityPolicy.Aes256_Sha256_RsaPss
]
const ALL_MODES = [MessageSecurityMode.None, MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt]

export async function startTypesServer({
  port,
  policies = ALL_POLICIES,
  modes = ALL_MODES
}: TypesServerOptions = {}): Promise<TypesServer> {
  const folder = await temporaryFolder()
  const own = port ?? (await freePort())
  const keys = (name: string) =>
    new OPCUACertificateManager({ rootFolder: join(folder, name), automaticallyAcceptUnknownCertificate: true, disableFileWatchers: true })
  const userCertificateManager = keys('users')
  await userCertificateManager.initialize()
  const server = new OPCUAServer({
    port: own,
    host: '127.0.0.1',
    hostname: '127.0.0.1',
    serverCertificateManager: keys('pki'),
    userCertificateManager,
    securityPolicies: policies,
    securityModes: modes,
    allowAnonymous: true,
    userManager: { isValidUser: (name: string, password: string) => name === 'reader' && password === 'right' },
    buildInfo: { productName: 'types', manufacturerName: 'Penstock', softwareVersion: '2.0', buildNumber: '7' }
  })
  await server.initialize()
  const requests: string[] = []
  server.on('request', (request) => void requests.push(request.schema.name))
  const variables = addVariables(server)
  await server.start()
  return {
    endpoint: `opc.tcp://127.0.0.1:${own}`,
    server,
    requests,
    set(name, dataType, value, status = StatusCodes.Good) {
      variables.get(name)?.setValueFromSource(new Variant({ dataType, value }), status, new Date())
    },
    get: (name) => variables.get(name)?.readValue().value.value,
    async [Symbol.asyncDispose]() {
      await server.shutdown(50)
      await sleep(0)
    }
  }
}

function addVariables(server: OPCUAServer): Map<string, UAVariable> {
  const space = server.engine.addressSpace
  if (space === null) throw new Error('the server has no address space')
  const namespace = space.registerNamespace('urn:test:types')
  const folder = namespace.addFolder('ObjectsFolder', { browseName: 'Types', nodeId: 's=Types' })
  const deep = namespace.addFolder(folder, { browseName: 'Deep' })
  // A way back, so that a walk that does not look out never ends.
  deep.addReference({ referenceType: 'Organizes', nodeId: folder.nodeId })
  const variables = new Map<string, UAVariable>()
  const add = (name: string, dataType: DataType, value: unknown, arrayType = VariantArrayType.Scalar) => {
    const isArray = arrayType === VariantArrayType.Array
    const variable = namespace.addVariable({
      organizedBy: folder,
      browseName: name,
      nodeId: `s=${name}`,
      dataType,
      ...(isArray ? { valueRank: 1, arrayDimensions: [0] } : {}),
      minimumSamplingInterval: 50,
      value: new Variant({ dataType, arrayType, value })
    })
    variables.set(name, variable)
  }
  add('double', DataType.Double, 1.5)
  add('float', DataType.Float, 3.14)
  add('nan', DataType.Double, Number.NaN)
  add('int32', DataType.Int32, -7)
  add('int64', DataType.Int64, coerceInt64('-9007199254740993'))
  add('uint64', DataType.UInt64, coerceUInt64('18446744073709551615'))
  add('flag', DataType.Boolean, true)
  add('text', DataType.String, 'Nordwerk 北厂')
  add('long', DataType.String, 'x'.repeat(20_000))
  add('date', DataType.DateTime, new Date(Date.UTC(2026, 0, 5, 12)))
  add('array', DataType.Double, Float64Array.from([10, 20, 30]), VariantArrayType.Array)
  add(
    'huge',
    DataType.Double,
    Float64Array.from({ length: 20_000 }, (_, i) => i),
    VariantArrayType.Array
  )
  return variables
}
