// Words of device events and of the health of devices.
import type { Entries } from '../i18n.ts'

export const events = {
  'events.title': { zh: '设备事件', en: 'Device events' },
  'events.lead': {
    zh: '设备自身或通往设备的连接发生的、与安全有关的变化。首次出现和工艺报警只在此列出，不作为告警。',
    en: 'What devices, or the way to them, did that bears on security. First sights and alarms of the plant are listed here only; they are no alerts by themselves.'
  },
  'events.none': { zh: '没有符合条件的事件', en: 'No event matches' },
  'events.kind': { zh: '类型', en: 'Kind' },
  'events.message': { zh: '内容', en: 'What happened' },
  'events.details': { zh: '详情', en: 'Details' },
  'events.severity': { zh: '设备给出的级别', en: 'Severity given' },
  'events.said': { zh: '设备时间 {time}', en: 'the device says {time}' },
  'events.leftOut': {
    zh: '{agent} 当日事件过多，另有 {count} 条未保存（{day}）',
    en: '{agent} told too many events in a day: {count} more were not kept ({day})'
  },
  'event.kind.identity': { zh: '身份', en: 'Identity' },
  'event.kind.certificate': { zh: '证书', en: 'Certificate' },
  'event.kind.endpoint': { zh: '接入点', en: 'Endpoints' },
  'event.kind.session': { zh: '会话', en: 'Session' },
  'event.kind.server-state': { zh: '服务状态', en: 'Server state' },
  'event.kind.subscription': { zh: '订阅', en: 'Subscription' },
  'event.kind.model': { zh: '地址空间', en: 'Address space' },
  'event.kind.audit': { zh: '审计', en: 'Audit' },
  'event.kind.alarm': { zh: '工艺报警', en: 'Alarm of the plant' },
  'event.change.first': { zh: '首次出现', en: 'First seen' },
  'event.change.changed': { zh: '已改变', en: 'Changed' },
  'event.change.worse': { zh: '变差', en: 'Worse' },
  'event.change.better': { zh: '好转', en: 'Better' },
  'event.change.told': { zh: '转报', en: 'Passed on' },

  'device.availability': { zh: '近一小时可用率', en: 'Available, last hour' },
  'device.budgetUse': { zh: '预算占用', en: 'Budget in use' },
  'device.slowedTo': { zh: '降速读取', en: 'Slowed down to' },
  'device.security': { zh: '连接防护', en: 'Protection' },
  'device.security.none': { zh: '无防护', en: 'None' },
  'device.gaps': { zh: '近七日缺口', en: 'Gaps, last 7 days' },
  'device.events': { zh: '查看事件', en: 'See its events' },
  'centre.gaps.device': { zh: '设备', en: 'Device' },
  'centre.clock': { zh: '时钟偏差', en: 'Clock off by' },
  'centre.clock.kept': { zh: '已同步', en: 'kept in time' },
  'centre.clock.notKept': { zh: '未同步', en: 'not kept in time' },
  'centre.config': { zh: '配置', en: 'Config' }
} as const satisfies Entries
