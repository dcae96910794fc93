// Waiting for promises of a library that leaves some of them unsettled.
import { BAD, OpcUaFault } from './fault.ts'

// The library leaves some promises unsettled when a connection goes; the signal settles them.
export async function orEnd<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => {})
  let end: (() => void) | undefined
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(new OpcUaFault('OPCUA_CLOSED', BAD.connectionClosed, 'the connection was closed'))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
  try {
    return await Promise.race([promise, ended])
  } finally {
    if (end !== undefined) signal.removeEventListener('abort', end)
  }
}

export async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  // A server that cannot be told goodbye is left without one.
  await Promise.race([promise.then(() => {}).catch(() => {}), late])
  clearTimeout(timer)
}
