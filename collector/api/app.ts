// What every room of routes is given: the application with its schemas, and the guard.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { Fault } from '#contract/api.ts'
import type { Guard } from './guard.ts'

// Typed as the TLS server, whose methods the plain one shares; Fastify makes either from its `https` option.
export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

export interface Routes {
  app: App
  guard: Guard
}

/** For the `response` of a route: every fault has one shape. */
export const FAULTS = { '4xx': Fault, '5xx': Fault } as const
