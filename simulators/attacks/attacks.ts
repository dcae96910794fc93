// The table of all attacks. A new one is a file beside this one and a line here.
import { agentClockShifted } from './agent-clock-shifted.ts'
import { agentStopped } from './agent-stopped.ts'
import { alarmLimitRaise } from './alarm-limit-raise.ts'
import { alarmSuppression } from './alarm-suppression.ts'
import { anonymousSession } from './anonymous-session.ts'
import { certificateSwap } from './certificate-swap.ts'
import { chlorineOverdose } from './chlorine-overdose.ts'
import { chlorineUnderdose } from './chlorine-underdose.ts'
import { configChanged } from './config-changed.ts'
import { connectionExhaustion } from './connection-exhaustion.ts'
import { downgradeToNone } from './downgrade-to-none.ts'
import { endpointSweep } from './endpoint-sweep.ts'
import { forgedMessage } from './forged-message.ts'
import { functionScan } from './function-scan.ts'
import { heatingShift } from './heating-shift.ts'
import { identityProbe } from './identity-probe.ts'
import { listenOnly } from './listen-only.ts'
import { malformedFrames } from './malformed-frames.ts'
import { messagesDropped } from './messages-dropped.ts'
import { newReader } from './new-reader.ts'
import { odorantStop } from './odorant-stop.ts'
import { opcuaCall } from './opcua-call.ts'
import { opcuaWrite } from './opcua-write.ts'
import { passwordGuessing } from './password-guessing.ts'
import { programMode } from './program-mode.ts'
import { pumpSlowdown } from './pump-slowdown.ts'
import { pumpStop } from './pump-stop.ts'
import { registerScan } from './register-scan.ts'
import { regulatorOverpressure } from './regulator-overpressure.ts'
import { replay } from './replay.ts'
import { reportDrift } from './report-drift.ts'
import { reportNoise } from './report-noise.ts'
import { reportScaling } from './report-scaling.ts'
import { restartCommunications } from './restart-communications.ts'
import { rogueWrite } from './rogue-write.ts'
import { sensorBias } from './sensor-bias.ts'
import { sensorFreeze } from './sensor-freeze.ts'
import { setpointSalami } from './setpoint-salami.ts'
import { setpointTamper } from './setpoint-tamper.ts'
import { spoofedReply } from './spoofed-reply.ts'
import { spoofedRequest } from './spoofed-request.ts'
import { totaliserRollback } from './totaliser-rollback.ts'
import { unitScan } from './unit-scan.ts'
import { valveHammer } from './valve-hammer.ts'
import { writeFlood } from './write-flood.ts'

export const ATTACKS = {
  'setpoint-tamper': setpointTamper,
  'setpoint-salami': setpointSalami,
  'pump-stop': pumpStop,
  'pump-slowdown': pumpSlowdown,
  'valve-hammer': valveHammer,
  'alarm-limit-raise': alarmLimitRaise,
  'alarm-suppression': alarmSuppression,
  'chlorine-overdose': chlorineOverdose,
  'chlorine-underdose': chlorineUnderdose,
  'heating-shift': heatingShift,
  'regulator-overpressure': regulatorOverpressure,
  'odorant-stop': odorantStop,
  'sensor-freeze': sensorFreeze,
  'sensor-bias': sensorBias,
  'report-drift': reportDrift,
  'report-noise': reportNoise,
  'report-scaling': reportScaling,
  replay,
  'totaliser-rollback': totaliserRollback,
  'spoofed-reply': spoofedReply,
  'spoofed-request': spoofedRequest,
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
