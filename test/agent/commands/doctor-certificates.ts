// Certificates that are right, expired, or of another authority, made with openssl for one test.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../parts/wait.ts'

interface Made {
  cert: string
  key: string
}

export async function makeCertificates(): Promise<{ ca: string; server: Made; own: Made; expired: Made; foreign: Made }> {
  const folder = await temporaryFolder()
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const authority = (name: string) =>
    openssl('req', '-x509', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '90', '-subj', `/CN=${name}`)
  const issue = (by: string, name: string, days: number): Made => {
    writeFileSync(join(folder, 'ext'), 'subjectAltName=DNS:localhost\n')
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', '/CN=edge-1')
    const signer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial', '-extfile', 'ext']
    openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-days', String(days), '-out', `${name}.pem`)
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) }
  }
  authority('site')
  authority('other')
  return {
    ca: read('site.pem'),
    server: issue('site', 'server', 90),
    own: issue('site', 'own', 90),
    expired: issue('site', 'expired', -1),
    foreign: issue('other', 'foreign', 90)
  }
}
