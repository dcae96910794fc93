// Standard output for what is too much or too dear for a plain print: what is written is waited for, and what went wrong is told.
import { OutputFault } from './output-fault.ts'

/** A reader that is slower than we are is waited for. False when it went away (`| head`), which is no fault. */
export function writeOut(text: string): Promise<boolean> {
  const { stdout } = process
  // The same is told to the callback below.
  if (stdout.listenerCount('error') === 0) stdout.on('error', () => {})
  return new Promise((resolve, reject) => {
    stdout.write(text, (error) => {
      if (error == null) resolve(true)
      else if ('code' in error && error.code === 'EPIPE') resolve(false)
      else reject(new OutputFault({ zh: '标准输出', en: 'standard output' }, error))
    })
  })
}
