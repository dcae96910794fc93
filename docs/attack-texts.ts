// What each attack and each fault does, for people who write a timeline; the table of attacks wants a text here for each of its lines.
import type { Text } from '#contract/text.ts'
import type { ATTACKS } from '../simulators/attacks/attacks.ts'
import type { FAULTS } from '../simulators/faults/faults.ts'

export const ATTACK_TEXTS: Readonly<Record<keyof typeof ATTACKS, Text>> = {
  'setpoint-tamper': {
    zh: '外来 Modbus 客户端把一个设定值写到约定范围之外；操作员改回后再次写入。',
    en: 'A foreign Modbus client writes a setpoint far outside its agreed band, and again when the operator has put it right.'
  },
  'setpoint-salami': {
    zh: '外来 Modbus 客户端把设定值一小步一小步地挪走，每一步都小于任何变化率限值。',
    en: 'A foreign Modbus client moves a setpoint in slices, each too small for any limit on its rate.'
  },
  'pump-stop': {
    zh: '外来 Modbus 客户端用功能码 5 把泵切出自动并停掉。',
    en: 'A foreign Modbus client takes a pump out of automatic and switches it off with function 5.'
  },
  'pump-slowdown': {
    zh: '外来 Modbus 客户端调低泵的转速设定，PLC 内的代码继续上报原来的转速、流量与电流。',
    en: 'A foreign Modbus client lowers the speed setpoint of a pump, and code inside the PLC goes on reporting what the pump showed before.'
  },
  'valve-hammer': {
    zh: '外来 Modbus 客户端反复启闭一台阀门：执行机构跟得上，管道受不了。',
    en: 'A foreign Modbus client switches a valve to and fro, as fast as its drive can follow and faster than its pipe can bear.'
  },
  'alarm-limit-raise': {
    zh: '外来 Modbus 客户端把工艺报警限值挪到永远不会报警的位置。',
    en: 'A foreign Modbus client moves an alarm limit to where the alarm never comes.'
  },
  'alarm-suppression': {
    zh: 'PLC 内的代码把工艺报警一直报成“无”，不管工艺怎样。',
    en: 'Code inside the PLC reports alarms of the plant as quiet, whatever the plant does.'
  },
  'chlorine-overdose': {
    zh: '外来 Modbus 客户端要求过量加氯，同时余氯读数被保持在原来的样子。',
    en: 'A foreign Modbus client asks for too much chlorine, while the report of the residual is kept as it was.'
  },
  'chlorine-underdose': {
    zh: '外来 Modbus 客户端停止加氯，同时余氯读数被保持在原来的样子。',
    en: 'A foreign Modbus client stops the dosing of chlorine, while the report of the residual is kept as it was.'
  },
  'heating-shift': {
    zh: '外来 Modbus 客户端在严寒时下移供热曲线，同时供水温度与室温的读数被保持。',
    en: 'A foreign Modbus client lowers the heating curve in frost, while the reports of supply and room are kept.'
  },
  'regulator-overpressure': {
    zh: '外来 Modbus 客户端提高门站出口压力，并先抬高高限报警与两路监控调压器的设定，使其不报警、不动作。',
    en: 'A foreign Modbus client raises the outlet pressure of a gate station, and before it the alarm limit and the monitors that would hold it.'
  },
  'odorant-stop': {
    zh: '外来 Modbus 客户端停掉加臭泵，同时保持其读数：漏气再也闻不出来。',
    en: 'A foreign Modbus client stops the odorant pump, while its reports are kept: gas that leaks is no longer smelled.'
  },
  'sensor-freeze': {
    zh: 'PLC 内的代码一直上报某测点此刻的值，而工艺继续变化。',
    en: 'Code inside the PLC goes on reporting the present value of a tag while the plant moves on.'
  },
  'sensor-bias': {
    zh: 'PLC 内的代码上报的测量值偏移一个固定量。',
    en: 'Code inside the PLC reports a measurement shifted by a fixed amount.'
  },
  'report-drift': {
    zh: 'PLC 内的代码让上报的测量值慢慢偏离真值，到一定幅度为止。',
    en: 'Code inside the PLC lets the report of a measurement creep away from the truth, up to a bound.'
  },
  'report-noise': {
    zh: 'PLC 内的代码给上报值加噪声，掩住底下发生的事。',
    en: 'Code inside the PLC adds noise to a report, so that nobody can see what goes on beneath.'
  },
  'report-scaling': {
    zh: 'PLC 内的代码把测量值乘以一个系数再上报。',
    en: 'Code inside the PLC reports a measurement multiplied by a factor.'
  },
  replay: {
    zh: 'PLC 内的代码反复重放若干测点过去的一段，例如昨天的这个时候。',
    en: 'Code inside the PLC shows over and over what some measurements showed before, usually a day ago.'
  },
  'totaliser-rollback': {
    zh: 'PLC 内的代码把上报的累计量往回拨，使计费变少。',
    en: 'Code inside the PLC turns the reported counter of a meter back, so that less is billed.'
  },
  'spoofed-reply': {
    zh: '报文路径上的人篡改 PLC 给某个读取者的应答，而工艺继续变化。',
    en: 'Somebody on the wire alters what the PLC answers to one of its readers, while the plant moves on.'
  },
  'spoofed-request': {
    zh: '报文路径上的人篡改合法操作员写入的值，并让操作员读回原本的值。',
    en: 'Somebody on the wire alters what the rightful operator writes, and shows the operator what was meant.'
  },
  'unit-scan': {
    zh: '外来 Modbus 客户端逐个询问单元号，看谁在。',
    en: 'A foreign Modbus client asks one unit id after the other who is there.'
  },
  'function-scan': {
    zh: '外来 Modbus 客户端逐个试功能码。只发功能码本身：能看出 PLC 认不认得，不会改变任何东西。',
    en: 'A foreign Modbus client tries one function code after the other. It sends the code alone, which can change nothing.'
  },
  'register-scan': {
    zh: '外来 Modbus 客户端读遍四个区的地址，找出哪些存在。',
    en: 'A foreign Modbus client reads the addresses of all four tables to find out which exist.'
  },
  'identity-probe': {
    zh: '外来 Modbus 客户端用功能码 43/14 与 17 询问厂商、型号与固件版本。',
    en: 'A foreign Modbus client asks the PLC for maker, model and firmware, with functions 43/14 and 17.'
  },
  'new-reader': {
    zh: '从未来过的主机按固定节奏读取 PLC 的全部内容。',
    en: 'A host that never did so reads all that the PLC shows, in a steady rhythm.'
  },
  'rogue-write': {
    zh: '外来主站反复写一个设定值。默认写入原值：工艺不动，只有报文看得出来。',
    en: 'A foreign master writes a setpoint again and again. By default it writes what stands there: the plant does not move, only the traffic tells.'
  },
  'write-flood': {
    zh: '外来 Modbus 客户端一遍遍写所有可写的点，并把命令来回切换。',
    en: 'A foreign Modbus client writes everything that can be written, over and over, and switches commands to and fro.'
  },
  'listen-only': {
    zh: '用功能码 8/4 强制 PLC 只听不答：谁也读不到它。',
    en: 'Function 8/4 forces the PLC to listen only: nobody gets an answer any more.'
  },
  'restart-communications': {
    zh: '用功能码 8/1 重启 PLC 的通信，所有连接随之断开。',
    en: 'Function 8/1 restarts the communications of the PLC, which cuts off all who are connected.'
  },
  'program-mode': {
    zh: '外来工程师站用类似 UMAS 的功能码 90 占用 PLC 并下装程序块；需要时还停掉正在运行的程序。',
    en: 'A foreign workstation reserves the PLC with function 90, after the manner of UMAS, and sends blocks of a program; told to, it stops the one that runs.'
  },
  'malformed-frames': {
    zh: '外来客户端发送违反协议的请求与帧；做得不好的 PLC 会因此停下。',
    en: 'A foreign client sends requests and frames that break the protocol; a PLC that is not made well stops at them.'
  },
  'connection-exhaustion': {
    zh: '外来客户端一条接一条地占住连接，直到 PLC 再无空位。',
    en: 'A foreign client takes one connection after the other and keeps them, until the PLC has none left.'
  },
  'agent-stopped': {
    zh: '有人在采集代理的主机上把它停掉。',
    en: 'Somebody on the machine of our agent stops it.'
  },
  'agent-clock-shifted': {
    zh: '采集代理主机的时钟被拨偏，它上报的时间全是错的。',
    en: "The clock of the agent's machine is put off, so that all it reports bears a false time."
  },
  'forged-message': {
    zh: '有人在消息代理处冒采集代理之名发布采样值。',
    en: 'Somebody at the broker publishes values under the name of our agent.'
  },
  'messages-dropped': {
    zh: '消息代理丢掉采集代理所发报文的一部分。',
    en: 'The broker loses a share of what our agent publishes.'
  },
  'config-changed': {
    zh: '从采集代理的配置中删去一个测点，它便再不会告警。',
    en: 'A tag is taken out of the config of our agent, so that no alert can come of it.'
  },
  'endpoint-sweep': {
    zh: '外来客户端询问 OPC UA 服务器有哪些端点、知道哪些服务器。',
    en: 'A foreign client asks the OPC UA server for its endpoints and for the servers that it knows.'
  },
  'password-guessing': {
    zh: '外来客户端逐个试口令，直到登录成功。',
    en: 'A foreign client tries one password after the other until it is let in.'
  },
  'anonymous-session': {
    zh: '外来客户端匿名登录并读取；保留出厂设置的服务器会放行。',
    en: 'A foreign client signs in as nobody, which a server with the settings of its maker allows, and reads.'
  },
  'opcua-write': {
    zh: '服务器从未见过的客户端经 OPC UA 写入设定值。',
    en: 'A client that the server has never seen writes a setpoint over OPC UA.'
  },
  'opcua-call': {
    zh: '服务器从未见过的客户端调用方法，关闭某测点的报警。',
    en: 'A client that the server has never seen calls methods, and switches the alarms of a tag off.'
  },
  'certificate-swap': {
    zh: '原服务器的位置上换成另一台：看上去一样，证书是另一张。',
    en: 'Where the OPC UA server answered, another one answers that looks the same and has a certificate of its own.'
  },
  'downgrade-to-none': {
    zh: 'OPC UA 客户端只能得到毫无保护的连接，如同有人站在中间：往来内容可读可改，唯有登录口令仍加密传送。原有用户仍可登录。',
    en: 'Clients of the OPC UA server are offered nothing but unprotected connections, as somebody in between would do it: what they say can be read and changed, and only the password of a sign-in stays encrypted. Whoever may sign in still can.'
  }
}

export const FAULT_TEXTS: Readonly<Record<keyof typeof FAULTS, Text>> = {
  breakdown: {
    zh: '厂站里有东西坏了：泵跳闸、管道漏、停电。各厂站有哪些，见下文。',
    en: 'Something of the plant breaks: a pump trips, a main leaks, the power fails. What each plant has stands below.'
  },
  'comms-loss': {
    zh: '到 PLC 的线路断了：谁也得不到应答，无论经 Modbus 还是 OPC UA。',
    en: 'The line to the PLC fails: nobody gets an answer, over Modbus or OPC UA.'
  },
  maintenance: {
    zh: '工程师在规程之外的时刻前来：停用一台设备再恢复，或校准仪表。属合法操作。',
    en: 'The engineer comes at an hour that no book knows: takes a unit out of service and puts it back, or calibrates a meter. Rightful work.'
  },
  'plc-restart': {
    zh: 'PLC 失电后重新启动：期间无应答、输出释放，之后如冷启动。',
    en: 'The PLC loses its supply and starts again: it is silent, its outputs let go, and after that it stands as after a cold start.'
  },
  'sensor-drift': {
    zh: '仪表老化：读数自行偏离真值，或噪声变大。',
    en: "An instrument ages: its reading creeps away from the truth, or gets noisier, with nobody's help."
  },
  'sensor-dropout': {
    zh: '变送器回路断线：读数掉到量程下限。',
    en: 'A transmitter loses its loop: its reading falls to the low end of the range.'
  },
  'slow-line': {
    zh: '到 PLC 的线路变慢：Modbus 应答来得晚。',
    en: 'The line to the PLC gets slow: answers over Modbus come late.'
  }
}
