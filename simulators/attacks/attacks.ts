// The table of all attacks. A new one is a file beside this one and a line here.
import { agentClockShifted } from './agent-clock-shifted.ts'
import { agentStopped } from './agent-stopped.ts'
import { anonymousSession } from './anonymous-session.ts'
import { certificateSwap } from './certificate-swap.ts'
import { configChanged } from './config-changed.ts'
import { connectionExhaustion } from './connection-exhaustion.ts'
import { downgradeToNone } from './downgrade-to-none.ts'
import { endpointSweep } from './endpoint-sweep.ts'
import { forgedMessage } from './forged-message.ts'
import { functionScan } from './function-scan.ts'
import { identityProbe } from './identity-probe.ts'
import { listenOnly } from './listen-only.ts'
import { malformedFrames } from './malformed-frames.ts'
import { messagesDropped } from './messages-dropped.ts'
import { newReader } from './new-reader.ts'
import { opcuaCall } from './opcua-call.ts'
import { opcuaWrite } from './opcua-write.ts'
import { passwordGuessing } from './password-guessing.ts'
import { programMode } from './program-mode.ts'
import { pumpStop } from './pump-stop.ts'
import { registerScan } from './register-scan.ts'
import { restartCommunications } from './restart-communications.ts'
import { rogueWrite } from './rogue-write.ts'
import { sensorFreeze } from './sensor-freeze.ts'
import { setpointTamper } from './setpoint-tamper.ts'
import { unitScan } from './unit-scan.ts'
import { writeFlood } from './write-flood.ts'

export const ATTACKS = {
  'pump-stop': pumpStop,
  'sensor-freeze': sensorFreeze,
  'setpoint-tamper': setpointTamper,
  'unit-scan': unitScan,
  'function-scan': functionScan,
  'register-scan': registerScan,
  'identity-probe': identityProbe,
  'new-reader': newReader,
  'rogue-write': rogueWrite,
  'write-flood': writeFlood,
  'listen-only': listenOnly,
  'restart-communications': restartCommunications,
  'program-mode': programMode,
  'malformed-frames': malformedFrames,
  'connection-exhaustion': connectionExhaustion,
  'agent-stopped': agentStopped,
  'agent-clock-shifted': agentClockShifted,
  'forged-message': forgedMessage,
  'messages-dropped': messagesDropped,
  'config-changed': configChanged,
  'endpoint-sweep': endpointSweep,
  'password-guessing': passwordGuessing,
  'anonymous-session': anonymousSession,
  'opcua-write': opcuaWrite,
  'opcua-call': opcuaCall,
  'certificate-swap': certificateSwap,
  'downgrade-to-none': downgradeToNone
} as const
