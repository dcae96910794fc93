// Hostile address spaces and certificates: what a server shows to somebody who browses it, or who asks it who it is.
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as opcua from 'node-opcua'
import { createAuthority } from './certificates.ts'
import { endpointsAt } from './opcua-honest.ts'
import type { Trick, UaRequest } from './opcua-raw-server.ts'
import type { Tricks } from './opcua-tricks.ts'

const { StatusCodes } = opcua
const FOLDER = 'ns=0;i=61'
const ORGANIZES = 'ns=0;i=35'

const header = (request: UaRequest) => ({ requestHandle: request.body.requestHeader.requestHandle, serviceResult: StatusCodes.Good })

const reference = (nodeId: string, name = nodeId) =>
  new opcua.ReferenceDescription({
    ...{ referenceTypeId: opcua.coerceNodeId(ORGANIZES), isForward: true, nodeId: opcua.coerceExpandedNodeId(nodeId) },
    ...{ nodeClass: opcua.NodeClass.Object, typeDefinition: opcua.coerceExpandedNodeId(FOLDER) },
    ...{ browseName: { namespaceIndex: 1, name }, displayName: { text: name } }
  })

// For each node that is browsed, its references, and whether there are more of them.
const browsing =
  (show: (node: string, round: number) => { references: opcua.ReferenceDescription[]; more?: boolean }): (() => Trick) =>
  () => {
    let round = 0
    const result = (node: string) => {
      const { references, more = false } = show(node, round++)
      return { statusCode: StatusCodes.Good, references, ...(more ? { continuationPoint: Buffer.from(node) } : {}) }
    }
    return (_step, peer, request) => {
      const { body } = request
      const responseHeader = header(request)
      if (body instanceof opcua.BrowseRequest) {
        const results = (body.nodesToBrowse ?? []).map(({ nodeId }) => result(nodeId.toString()))
        peer.reply(request, new opcua.BrowseResponse({ responseHeader, results }))
        return true
      }
      if (!(body instanceof opcua.BrowseNextRequest)) return false
      const points = body.continuationPoints ?? []
      const results = body.releaseContinuationPoints
        ? points.map(() => ({ statusCode: StatusCodes.Good }))
        : points.map((point) => result(point.toString()))
      peer.reply(request, new opcua.BrowseNextResponse({ responseHeader, results }))
      return true
    }
  }

const few = (of: (i: number) => string) => Array.from({ length: 10 }, (_, i) => reference(of(i)))

export const ENDLESS_SPACES: Tricks = {
  'a node that lies in itself': browsing((node) => ({ references: [reference(node)] })),
  'two nodes that lie in each other': browsing((node) => ({ references: [reference(node === 'ns=1;s=a' ? 'ns=1;s=b' : 'ns=1;s=a')] })),
  'ten new nodes in each node': browsing((_, round) => ({ references: few((i) => `ns=1;s=${round}.${i}`) })),
  'a chain without an end': browsing((_, round) => ({ references: [reference(`ns=1;s=${round}`)] })),
  'always more to come': browsing((_, round) => ({ references: few((i) => `ns=1;s=${round}.${i}`), more: true })),
  'always more to come, and never anything': browsing(() => ({ references: [], more: true })),
  'always the same once more': browsing(() => ({ references: few((i) => `ns=1;s=${i}`), more: true })),
  'a hundred thousand references of one node': browsing((node) => ({
    references: node === 'ns=0;i=85' ? Array.from({ length: 100_000 }, (_, i) => reference(`ns=1;i=${i}`, 'n')) : []
  })),
  'names of a million letters': browsing((node) => ({
    references: node === 'ns=0;i=85' ? [reference(`ns=1;s=${'z'.repeat(1_000_000)}`)] : []
  })),
  'the nodes of other servers': browsing((_, round) => {
    const far = reference(`ns=1;s=${round}`)
    far.nodeId = new opcua.ExpandedNodeId(opcua.NodeIdType.STRING, `${round}`, 1, 'urn:elsewhere', 7)
    return { references: [far] }
  })
}

/** Certificates of one key that differ in their serial number only, so that a new one costs nothing. */
export async function manyCertificates(): Promise<() => Buffer> {
  const authority = await createAuthority()
  const { raw: first, serialNumber } = new X509Certificate(await readFile(authority.server().cert))
  const at = first.indexOf(Buffer.from(serialNumber, 'hex'))
  let count = 1
  return () => {
    const next = Buffer.from(first)
    next.writeUInt32BE(count++, at + 4)
    return next
  }
}

const AES = 'http://opcfoundation.org/UA/SecurityPolicy#Aes256_Sha256_RsaPss'

/** Offers one protected endpoint with the certificate of the moment. */
export const showing =
  (certificate: () => Buffer): Trick =>
  (step, peer, request) => {
    if (step !== 'GetEndpointsRequest') return false
    const endpoints = endpointsAt('opc.tcp://127.0.0.1')
    for (const endpoint of endpoints) {
      endpoint.securityMode = opcua.MessageSecurityMode.SignAndEncrypt
      endpoint.securityPolicyUri = AES
      endpoint.serverCertificate = certificate()
    }
    peer.reply(request, new opcua.GetEndpointsResponse({ responseHeader: header(request), endpoints }))
    return true
  }
