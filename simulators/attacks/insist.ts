// The parameter of attacks that write: they go on writing, or an operator who corrects the value would end the harm unlabelled.
import { z } from 'zod'

export const InsistSeconds = z
  .number()
  .min(0)
  .max(3600)
  .default(10)
  .describe('After how many seconds it is written again, should the operator have put it right; 0 writes it once.')
