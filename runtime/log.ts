// The log of a process: pino, one JSON line per event, without secrets.
import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export type LogDestination = 'stdout' | 'stderr' | { file: string } | { write(line: string): void }

const SECRETS = ['password', 'passphrase', 'secret', 'token', 'authorization', 'cookie']

export function createLog(options: { name: string; level?: LogLevel; destination?: LogDestination }): Log {
  const { name, level = 'info', destination = 'stdout' } = options
  return pino(
    {
      name,
      level,
      redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError }
    },
    streamOf(destination)
  )
}

export function quietLog(): Log {
  return pino({ level: 'silent' })
}

// Library errors carry whole requests with their credentials (influx does), so only named fields pass.
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: String(error).slice(0, 2000) }
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...('code' in error ? { code: error.code } : {}),
    ...(error.cause !== undefined && depth < 4 ? { cause: describeError(error.cause, depth + 1) } : {})
  }
}

// Written at once: the last lines before a crash are the ones that matter.
function streamOf(destination: LogDestination): DestinationStream {
  if (typeof destination === 'object' && 'write' in destination) return destination
  const where = destination === 'stdout' ? 1 : destination === 'stderr' ? 2 : destination.file
  const stream = pino.destination({ dest: where, sync: true, mkdir: true })
  // A log that nobody reads any more, or a full disk, is no reason to stop watching a plant.
  stream.on('error', () => undefined)
  return stream
}
