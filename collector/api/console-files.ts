// The built console: its files, the page for every address of it, and plain words when it was not built.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyRequest } from 'fastify'
import { pick, type Text } from '#contract/text.ts'
import { Refused } from '../refused.ts'
import type { App } from './app.ts'
import { languageOf } from './faults.ts'

const NOT_BUILT: Text = {
  zh: '控制台尚未构建：请运行 npm run build 后重新启动。接口说明见 /docs。',
  en: 'The console has not been built: run npm run build and start again. The interface is described at /docs.'
}

export async function consoleFiles({ app, folder }: { app: App; folder: string | undefined }): Promise<void> {
  const root = folder === undefined ? undefined : resolve(folder)
  const built = root !== undefined && existsSync(join(root, 'index.html'))
  if (built)
    await app.register(fastifyStatic, {
      root,
      wildcard: true,
      index: 'index.html',
      dotfiles: 'ignore',
      cacheControl: false,
      setHeaders(reply, path) {
        // The bundler puts a hash of the content into the names under assets/; everything else may change.
        reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
      }
    })

  app.setNotFoundHandler(async (request, reply) => {
    if (!wantsPage(request)) throw new Refused('NOT_FOUND')
    reply.header('cache-control', 'no-cache')
    if (built) return reply.sendFile('index.html')
    const language = languageOf(request)
    const page = `<!doctype html><html lang="${language}"><meta charset="utf-8"><title>Penstock</title><p>${pick(NOT_BUILT, language)}</p></html>`
    return reply.code(503).type('text/html; charset=utf-8').send(page)
  })
}

// Addresses of the console are its own; a missing file or route must not answer with a page.
function wantsPage({ method, url, headers }: FastifyRequest): boolean {
  const path = url.split('?')[0] ?? ''
  return method === 'GET' && !/^\/(api|docs|assets)(\/|$)/.test(path) && (headers.accept ?? '').includes('text/html')
}
