// Words of the overview and of the health of the centre and its agents.
import type { Entries } from '../i18n.ts'

export const overview = {
  'overview.verdict.normal': { zh: '目前没有需要处理的事项', en: 'Nothing needs a person now' },
  'overview.verdict.attention': { zh: '{count} 项需要处理', en: '{count} {count|thing needs|things need} a person' },
  'overview.verdict.unknown': { zh: '尚无观测，状态未知', en: 'Nothing is watched yet, so nothing is known' },
  'overview.verdict.blind': {
    zh: '还没有采集代理报到。没有告警不代表一切正常。',
    en: 'No agent has reported yet. No alert does not mean that all is well.'
  },
  'overview.verdict.calm': {
    zh: '{sites} 个站点、{devices} 台设备、{tags} 个测点正在被观测，质量均良好。',
    en: '{sites} {sites|site|sites}, {devices} {devices|device|devices} and {tags} {tags|tag|tags} are watched, all of good quality.'
  },
  'overview.verdict.info': { zh: '另有 {count} 条提示。', en: '{count} {count|note|notes} of severity “Info” besides.' },
  'overview.unseen': {
    zh: '下面是 {time} 的状态，此后没有收到更新。',
    en: 'What follows is the state at {time}; nothing newer has been heard.'
  },

  'problem.alerts': {
    zh: '{site}：{count} 条未处置告警，最高{severity}',
    en: '{site}: {count} open {count|alert|alerts}, worst: {severity}'
  },
  'problem.agent.silent': { zh: '{site}：采集代理 {agent} 失去联系', en: '{site}: agent {agent} is silent' },
  'problem.agent.stopped': { zh: '{site}：采集代理 {agent} 已停止', en: '{site}: agent {agent} was stopped' },
  'problem.agent.since': { zh: '最后一次收到消息：{time}', en: 'last heard {time}' },
  'problem.device.offline': { zh: '{site}：设备 {device} 离线', en: '{site}: device {device} is offline' },
  'problem.device.degraded': { zh: '{site}：设备 {device} 降级', en: '{site}: device {device} is degraded' },
  'problem.device.unknown': { zh: '{site}：设备 {device} 状态未知', en: '{site}: the state of device {device} is unknown' },
  'problem.tags.bad': { zh: '{site}：{count} 个测点为坏值', en: '{site}: {count} {count|tag is|tags are} bad' },
  'problem.tags.uncertain': { zh: '{site}：{count} 个测点存疑', en: '{site}: {count} {count|tag is|tags are} uncertain' },
  'problem.tags.stale': { zh: '{site}：{count} 个测点已过时', en: '{site}: {count} {count|tag is|tags are} stale' },
  'problem.part.broker': { zh: '汇聚中心：消息代理异常', en: 'The centre: the message broker is failing' },
  'problem.part.store': { zh: '汇聚中心：存储异常', en: 'The centre: the store is failing' },
  'problem.part.judge': { zh: '汇聚中心：有规则运行出错', en: 'The centre: a rule is failing' },
  'problem.part.quarantine': { zh: '汇聚中心：有消息被隔离', en: 'The centre: messages are in quarantine' },
  'problem.part.agents': { zh: '汇聚中心：有采集代理重名', en: 'The centre: two programs speak as one agent' },
  'problem.since': { zh: '自 {time} 起', en: 'since {time}' },
  'part.since': { zh: '自 {time} 起。{detail}', en: 'Since {time}. {detail}' },

  site: { zh: '站点', en: 'Site' },
  sites: { zh: '站点', en: 'Sites' },
  'sector.water': { zh: '供水', en: 'Water' },
  'sector.heat': { zh: '供热', en: 'Heat' },
  'sector.gas': { zh: '供气', en: 'Gas' },
  'overview.open': { zh: '未处置告警', en: 'Open alerts' },
  'overview.recent': { zh: '最需处理的告警', en: 'Most pressing alerts' },
  'overview.noOpen': { zh: '没有未处置的告警', en: 'No open alerts' },
  'overview.allAlerts': { zh: '查看全部', en: 'See all' },
  'overview.agents': { zh: '采集代理', en: 'Agents' },
  'overview.devices': { zh: '设备', en: 'Devices' },
  'overview.quality': { zh: '测点质量', en: 'Tag quality' },
  'overview.centre': { zh: '汇聚中心', en: 'The centre' },
  'overview.waiting': { zh: '待存储', en: 'Waiting to be stored' },
  'overview.waiting.none': { zh: '没有', en: 'none' },
  'overview.waiting.some': { zh: '{count} 条消息（{size}）', en: '{count} {count|message|messages} ({size})' },
  'overview.safe': { zh: '{count} 条消息正在等待，没有丢失。', en: '{count} {count|message waits|messages wait}; nothing is lost.' },
  'overview.rate': { zh: '每秒入库采样值', en: 'Samples stored per second' },
  'overview.asOf': { zh: '截至 {time}（{zone}）', en: 'As of {time} ({zone})' },

  'state.online': { zh: '在线', en: 'Online' },
  'state.silent': { zh: '失联', en: 'Silent' },
  'state.stopped': { zh: '已停止', en: 'Stopped' },
  'state.degraded': { zh: '降级', en: 'Degraded' },
  'state.offline': { zh: '离线', en: 'Offline' },
  'state.unknown': { zh: '未知', en: 'Unknown' },
  'state.ok': { zh: '正常', en: 'Normal' },
  'state.failing': { zh: '异常', en: 'Failing' },

  'part.broker': { zh: '消息代理', en: 'Message broker' },
  'part.store': { zh: '存储', en: 'Store' },
  'part.judge': { zh: '规则判断', en: 'Judging by rules' },
  'part.agents': { zh: '采集代理身份', en: 'Names of agents' },
  'part.quarantine': { zh: '隔离区', en: 'Quarantine' },
  'part.broker.failing': {
    zh: '暂时收不到采集代理的消息。采集代理会把数据保留在本地磁盘上，恢复后补传。',
    en: 'No messages of agents arrive now. Agents keep their data on disk and send it when the broker is back.'
  },
  'part.store.failing': {
    zh: '暂时无法写入存储。消息在存好之前不会被确认，也不会丢弃。',
    en: 'Samples cannot be written now. No message is acknowledged or dropped before it is stored.'
  },
  'part.judge.failing': { zh: '有规则运行出错，其他规则照常判断。', en: 'A rule fails; the other rules go on judging.' },
  'part.agents.failing': {
    zh: '两个程序以同一采集代理的名义发送数据，一方的数据丢失可能因此不被发现。请停用其一或更改其名称。',
    en: 'Two programs send as the same agent, so a loss of one may go unnoticed. Stop one of them or give it another name.'
  },
  'part.quarantine.failing': { zh: '收到无法读取的消息，已隔离保存。', en: 'Messages came that cannot be read; they are kept aside.' },

  'centre.title': { zh: '运行健康', en: 'Health' },
  'centre.parts': { zh: '汇聚中心各部分', en: 'Parts of the centre' },
  'centre.agents': { zh: '采集代理', en: 'Agents' },
  'centre.agents.none': { zh: '还没有采集代理报到。', en: 'No agent has reported yet.' },
  'centre.version': { zh: '版本', en: 'Version' },
  'centre.uptime': { zh: '运行时长', en: 'Up for' },
  'centre.heard': { zh: '最近消息', en: 'Last heard' },
  'centre.read': { zh: '已采集采样值', en: 'Samples read' },
  'centre.queued': { zh: '已进入待发队列', en: 'Samples queued' },
  'centre.late': { zh: '错过的采集周期', en: 'Poll cycles left out' },
  'centre.outbox': { zh: '待发队列', en: 'Outgoing queue' },
  'centre.outbox.oldest': { zh: '最早一条', en: 'Oldest message' },
  'centre.outbox.value': { zh: '{count} 条（{size}）', en: '{count} {count|message|messages} ({size})' },
  'centre.replay': { zh: '补传积压', en: 'Backlog replayed' },
  'centre.replay.value': {
    zh: '剩余 {count} 个采样值，每秒 {rate} 个',
    en: '{count} {count|sample|samples} left, {rate} a second'
  },
  'centre.dropped': { zh: '已丢弃消息', en: 'Messages dropped' },
  'centre.resent': { zh: '重发消息', en: 'Messages sent again' },
  'centre.watermark': { zh: '已存储到', en: 'Stored up to' },
  'centre.watermark.value': { zh: '第 {sequence} 号', en: 'number {sequence}' },
  'centre.boot': { zh: '启动编号 {boot}', en: 'boot {boot}' },
  'centre.memory': { zh: '内存', en: 'Memory' },
  'centre.gaps24': { zh: '24 小时内缺口', en: 'Gaps in 24 hours' },
  'centre.gaps': { zh: '缺口', en: 'Gaps' },
  'centre.gaps.lead': {
    zh: '缺口记录说明哪段数据没有收到、为什么。没有缺口记录就没有静默丢失。',
    en: 'A gap record says which data never came and why. Nothing is lost without one.'
  },
  'centre.gaps.none': { zh: '最近 7 天没有缺口。', en: 'No gaps in the last 7 days.' },
  'centre.gaps.span': { zh: '缺失时段', en: 'Missing span' },
  'centre.gaps.reason': { zh: '原因', en: 'Reason' },
  'centre.gaps.samples': { zh: '丢失采样值', en: 'Samples lost' },
  'centre.gaps.numbers': { zh: '消息编号', en: 'Message numbers' },
  'centre.gaps.noted': { zh: '记录时间', en: 'Noted' },
  'gap.agent-down': { zh: '采集代理未运行', en: 'The agent was not running' },
  'gap.outbox-size': { zh: '待发队列超出容量上限', en: 'The outgoing queue reached its size cap' },
  'gap.outbox-age': { zh: '待发队列超出时间上限', en: 'The outgoing queue reached its age cap' },
  'gap.outbox-damaged': { zh: '待发队列文件损坏', en: 'The file of the outgoing queue was damaged' },
  'gap.never-arrived': { zh: '消息始终没有到达', en: 'The message never arrived' },
  'gap.unreadable': { zh: '消息无法读取', en: 'The message could not be read' },
  'gap.device-slow': { zh: '为保护设备或因其应答过慢而略过的周期', en: 'Cycles left out to spare a device, or because it was slow' },
  'gap.device-silent': { zh: '设备无应答，暂不询问', en: 'The device did not answer and was let alone' },
  'gap.subscription-replaced': { zh: 'OPC UA 订阅中断后重建', en: 'The OPC UA subscription was lost and made anew' },
  'gap.device-overflow': { zh: 'OPC UA 服务器队列溢出', en: 'A queue of the OPC UA server overflowed' },
  'gap.reconfigured': { zh: '设备配置更改，期间暂停读取', en: 'Reading was paused while the configuration of the device changed' },

  'quarantine.title': { zh: '隔离区', en: 'Quarantine' },
  'quarantine.lead': {
    zh: '无法读取的消息保存在这里，附有原因；不会被悄悄丢弃。',
    en: 'Messages that cannot be read are kept here with the reason, never dropped in silence.'
  },
  'quarantine.none': { zh: '隔离区是空的。', en: 'The quarantine is empty.' },
  'quarantine.topic': { zh: '主题', en: 'Topic' },
  'quarantine.code': { zh: '代码', en: 'Code' },
  'quarantine.reason': { zh: '原因', en: 'Reason' },
  'quarantine.size': { zh: '大小', en: 'Size' },
  'column.time': { zh: '时间', en: 'Time' },
  'column.agent': { zh: '采集代理', en: 'Agent' }
} as const satisfies Entries
