// Certificates for tests: an authority, a server on loopback and clients, made with openssl.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './wait.ts'

export interface CertificateFiles {
  ca: string
  cert: string
  key: string
}

export interface Authority {
  ca: string
  /** For 127.0.0.1 and localhost. */
  server(): CertificateFiles
  client(commonName: string): CertificateFiles
}

export async function createAuthority(): Promise<Authority> {
  const folder = await temporaryFolder()
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Penstock test authority')
  const issue = (name: string, commonName: string, extension: string): CertificateFiles => {
    writeFileSync(at(`${name}.ext`), extension)
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${commonName}`)
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`]
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`)
    return { ca: at('ca.pem'), cert: at(`${name}.pem`), key: at(`${name}.key`) }
  }
  return {
    ca: at('ca.pem'),
    server: () => issue('server', 'localhost', 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n'),
    client: (commonName) => issue(`client-${commonName}`, commonName, 'extendedKeyUsage=clientAuth\n')
  }
}
