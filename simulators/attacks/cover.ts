// The parameters of attacks that cover what they do.
import { z } from 'zod'

export const Cover = z.boolean().default(true).describe('Whether the reports that would show the harm are kept as they were.')
export const CoverSeed = z.int().min(0).max(0x7fff_ffff).default(1).describe('The seed of the noise of the kept reports.')
