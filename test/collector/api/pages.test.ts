// What a browser gets: security headers, the documentation, the built console, and TLS.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ROUTES } from '#contract/api.ts'
import { type Centre, codeOf, startCentre } from './centre.ts'

const folder = mkdtempSync(join(tmpdir(), 'penstock-console-'))
const built = join(folder, 'dist')
let centre: Centre

beforeAll(() => {
  mkdirSync(join(built, 'assets'), { recursive: true })
  writeFileSync(join(built, 'index.html'), '<!doctype html><title>console</title>')
  writeFileSync(join(built, 'assets', 'app-1a2b.js'), 'let a = 1')
  writeFileSync(join(built, '.secret'), 'hidden')
  writeFileSync(join(folder, 'outside.txt'), 'outside')
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => centre.stop())

const page = (path: string, headers: Record<string, string> = {}) =>
  centre.request(path, { headers: { accept: 'text/html,*/*', ...headers } })

describe('headers', () => {
  it('are the same whole policy on every kind of answer', async () => {
    centre = await startCentre({ consoleFolder: built })
    const changing = [
      'date',
      'connection',
      'keep-alive',
      'content-length',
      'etag',
      'last-modified',
      'x-ratelimit-remaining',
      'x-ratelimit-reset'
    ]
    const headersOf = async (path: string) => {
      const response = await page(path)
      await response.arrayBuffer()
      return Object.fromEntries([...response.headers].filter(([name]) => !changing.includes(name)))
    }
    expect(await headersOf('/api/overview')).toMatchInlineSnapshot(`
      {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'self';script-src 'self';script-src-attr 'none';style-src 'self';font-src 'self';img-src 'self' data:;connect-src 'self';object-src 'none';base-uri 'self';form-action 'self';frame-ancestors 'none'",
        "content-type": "application/json; charset=utf-8",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "origin-agent-cluster": "?1",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-dns-prefetch-control": "off",
        "x-download-options": "noopen",
        "x-frame-options": "DENY",
        "x-permitted-cross-domain-policies": "none",
        "x-ratelimit-limit": "1200",
        "x-xss-protection": "0",
      }
    `)
    const policy = ({ 'content-type': _, 'cache-control': __, 'accept-ranges': ___, ...rest }: Record<string, string>) => rest
    const expected = policy(await headersOf('/api/overview'))
    for (const path of [
      '/',
      '/assets/app-1a2b.js',
      '/some/page',
      '/docs',
      '/docs/static/swagger-ui.css',
      '/api/nowhere',
      '/healthz',
      '/metrics'
    ])
      expect(policy(await headersOf(path)), path).toEqual(expected)
  })
})

describe('the documentation', () => {
  it('is a page whose every part comes from here, without inline code or style', async () => {
    centre = await startCentre()
    const html = await (await page('/docs/')).text()
    expect(html).toContain('Penstock API')
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son\w+=/i)
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part = '']) => part)
    expect(parts.length).toBeGreaterThan(3)
    for (const part of parts) {
      expect(part).not.toMatch(/^(https?:)?\/\//)
      const response = await page(new URL(part, `${centre.server.url}/docs/`).pathname)
      await response.arrayBuffer()
      expect(response.status, part).toBe(200)
    }
  })

  it('describes every route in OpenAPI 3.1, with closed bodies and the shape of faults', async () => {
    centre = await startCentre()
    const document = await (await centre.request('/docs/json')).json()
    const { openapi, paths } = document as { openapi: string; paths: Record<string, Record<string, Operation>> }
    expect(openapi).toBe('3.1.0')
    for (const route of Object.values(ROUTES)) expect(Object.keys(paths)).toContain(route)
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => ({ name: `${method} ${path}`, path, ...one }))
    )
    for (const { name, path, summary, tags, responses, requestBody } of operations) {
      expect(summary, name).toMatch(/\w/)
      expect(tags, name).toHaveLength(1)
      expect(Object.keys(responses).length, name).toBeGreaterThan(0)
      if (path.startsWith('/api/')) expect(responses, name).toHaveProperty('4XX.content.application/json.schema.properties.error')
      if (requestBody !== undefined) expect(requestBody.content['application/json']?.schema.additionalProperties, name).toBe(false)
    }
    expect(operations.filter(({ requestBody }) => requestBody !== undefined)).toHaveLength(6)
    expect(JSON.stringify(document)).not.toContain('"$ref":"#/definitions')
  })
})

interface Operation {
  summary: string
  tags: string[]
  responses: Record<string, unknown>
  requestBody?: { content: Record<string, { schema: { additionalProperties?: boolean } }> }
}

describe('the console', () => {
  it('is served with its own addresses, and only its own files', async () => {
    centre = await startCentre({ consoleFolder: built })
    for (const path of ['/', '/alerts', '/tags/east-water/tower.level?from=1']) {
      const response = await page(path)
      expect([response.status, await response.text()], path).toEqual([200, '<!doctype html><title>console</title>'])
      expect(response.headers.get('cache-control'), path).toBe('no-cache')
    }
    const asset = await page('/assets/app-1a2b.js')
    expect([asset.headers.get('content-type'), asset.headers.get('cache-control')]).toEqual([
      'application/javascript; charset=utf-8',
      'public, max-age=31536000, immutable'
    ])
    for (const path of ['/assets/gone.js', '/api/gone', '/docs/gone']) expect([path, (await page(path)).status]).toEqual([path, 404])
    for (const path of ['/.secret', '/..%2foutside.txt', '/%2e%2e/outside.txt', '/assets/..%2f..%2foutside.txt']) {
      const response = await page(path)
      expect(await response.text(), path).not.toMatch(/hidden|outside$|JSON/)
      expect(response.status, path).not.toBe(400)
    }
    expect(await codeOf(await centre.request('/alerts', { headers: { accept: 'application/json' } }))).toBe('NOT_FOUND')
    expect((await centre.request('/alerts', { method: 'POST', headers: { accept: 'text/html' } })).status).toBe(404)
  })

  it('says in plain words when it was not built', async () => {
    centre = await startCentre({ consoleFolder: join(folder, 'nothing') })
    const [english, chinese] = [await page('/', { 'accept-language': 'en' }), await page('/', { 'accept-language': 'zh-CN' })]
    expect([english.status, english.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8'])
    expect(await english.text()).toContain('npm run build')
    expect(await chinese.text()).toContain('控制台尚未构建')
  })
})

it('says so when its port is taken, and leaves nothing running', async () => {
  centre = await startCentre()
  await expect(startCentre({ port: centre.server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect((await page('/healthz')).status).toBe(200)
})

it('speaks TLS with a certificate of its own, and then insists on it', async () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      ...subject,
      '-keyout',
      key,
      '-out',
      cert
    ],
    {
      stdio: 'ignore'
    }
  )
  const ca = readFileSync(cert, 'utf8')
  centre = await startCentre({ tls: { cert: ca, key: readFileSync(key, 'utf8') } })
  expect(centre.server.url).toMatch(/^https:/)
  const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
    httpsRequest(`${centre.server.url}/healthz`, { ca }, (response) => {
      response.resume()
      resolve({ status: response.statusCode, sts: response.headers['strict-transport-security'] })
    })
      .on('error', reject)
      .end()
  })
  expect(headers).toEqual({ status: 200, sts: 'max-age=31536000' })
})
