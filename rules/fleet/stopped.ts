// fleet/stopped: an agent said goodbye in order. Nobody watches its plant now, but nothing broke either.
import { z } from 'zod'

export const stopped = {
  kind: 'fleet/stopped',
  parameters: z.strictObject({}),
  figures: () => ['lastHeard']
} as const
