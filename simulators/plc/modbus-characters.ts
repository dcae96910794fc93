// The manners of PLCs as clients meet them in the field: how many may connect, how much may be asked, how long a reply takes, and
// what happens beyond that. What a config says itself goes before what its character says.
import type { Text } from '#contract/text.ts'

export interface Manners {
  maxConnections: number
  whenFull: 'refuse-new' | 'close-oldest'
  maxRequestsPerSecond?: number | undefined
  responseDelayMs: number
  responseJitterMs: number
  /** Requests of one connection that may wait for their replies; one more is told that the PLC is busy. */
  maxOutstanding: number
  otherUnits: 'refuse' | 'ignore'
}

export const CHARACTER_NAMES = ['lenient', 'typical', 'small', 'gateway', 'strict'] as const
export type CharacterName = (typeof CHARACTER_NAMES)[number]

export interface Character {
  about: Text
  manners: Manners
}

const LENIENT: Manners = {
  maxConnections: 16,
  whenFull: 'refuse-new',
  responseDelayMs: 0,
  responseJitterMs: 0,
  maxOutstanding: 1000,
  otherUnits: 'refuse'
}

export const CHARACTERS: Readonly<Record<CharacterName, Character>> = {
  lenient: {
    about: {
      zh: '模拟器自身：16 个连接，立即应答，请求不限',
      en: "the simulator's own: 16 connections, answers at once, any number of requests"
    },
    manners: LENIENT
  },
  typical: {
    about: {
      zh: '常见 PLC：4 个连接，每秒 20 次请求，超出答忙（异常 6），20–80 ms 应答',
      en: 'many a PLC: 4 connections, 20 requests a second and busy (exception 6) beyond them, replies after 20 to 80 ms'
    },
    manners: { ...LENIENT, maxConnections: 4, maxRequestsPerSecond: 20, responseDelayMs: 20, responseJitterMs: 60, maxOutstanding: 8 }
  },
  small: {
    about: {
      zh: '小型 RTU：2 个连接，新连接取代最旧的，每秒 5 次请求，80–250 ms 应答',
      en: 'a small RTU: 2 connections, of which the oldest gives way to a newcomer, 5 requests a second, replies after 80 to 250 ms'
    },
    manners: {
      ...LENIENT,
      maxConnections: 2,
      whenFull: 'close-oldest',
      maxRequestsPerSecond: 5,
      responseDelayMs: 80,
      responseJitterMs: 170,
      maxOutstanding: 1
    }
  },
  gateway: {
    about: {
      zh: '串口网关后的仪表：8 个连接，每秒 10 次请求，60–300 ms 应答，其他单元号无应答',
      en: 'a device behind a serial gateway: 8 connections, 10 requests a second, replies after 60 to 300 ms, silence for other units'
    },
    manners: {
      ...LENIENT,
      maxConnections: 8,
      maxRequestsPerSecond: 10,
      responseDelayMs: 60,
      responseJitterMs: 240,
      maxOutstanding: 4,
      otherUnits: 'ignore'
    }
  },
  strict: {
    about: {
      zh: '严格 PLC：2 个连接，每个连接一次一个请求，10–30 ms 应答，只认自己的单元号（0 与 255 亦不答）',
      en: 'a strict PLC: 2 connections, one request at a time on each, replies after 10 to 30 ms, no unit id but its own, not 0 or 255'
    },
    manners: {
      ...LENIENT,
      maxConnections: 2,
      maxRequestsPerSecond: 50,
      responseDelayMs: 10,
      responseJitterMs: 20,
      maxOutstanding: 1,
      otherUnits: 'ignore'
    }
  }
}

/** What was given, filled up from the character. */
export function mannersOf(character: CharacterName, given: { readonly [K in keyof Manners]?: Manners[K] | undefined }): Manners {
  const own = CHARACTERS[character].manners
  return {
    maxConnections: given.maxConnections ?? own.maxConnections,
    whenFull: given.whenFull ?? own.whenFull,
    maxRequestsPerSecond: given.maxRequestsPerSecond ?? own.maxRequestsPerSecond,
    responseDelayMs: given.responseDelayMs ?? own.responseDelayMs,
    responseJitterMs: given.responseJitterMs ?? own.responseJitterMs,
    maxOutstanding: given.maxOutstanding ?? own.maxOutstanding,
    otherUnits: given.otherUnits ?? own.otherUnits
  }
}
