// Words of the frame: navigation, sign-in, settings, live connection, common buttons, faults.
import type { Entries } from '../i18n.ts'

export const shell = {
  'app.name': { zh: '闸哨', en: 'Penstock' },
  'app.claim': { zh: '只读守望供水、供热、供气控制系统', en: 'Read-only watch over water, heat and gas control systems' },
  'app.skip': { zh: '跳到正文', en: 'Skip to content' },

  'nav.main': { zh: '主导航', en: 'Main navigation' },
  'nav.overview': { zh: '态势总览', en: 'Situation overview' },
  'nav.overview.short': { zh: '总览', en: 'Overview' },
  'nav.alerts': { zh: '告警中心', en: 'Alert queue' },
  'nav.alerts.short': { zh: '告警', en: 'Alerts' },
  'nav.tags': { zh: '测点与趋势', en: 'Tags and trends' },
  'nav.tags.short': { zh: '测点', en: 'Tags' },
  'nav.devices': { zh: '设备', en: 'Devices' },
  'nav.events': { zh: '设备事件', en: 'Device events' },
  'nav.rules': { zh: '规则', en: 'Rules' },
  'nav.centre': { zh: '运行健康', en: 'Health' },
  'nav.audit': { zh: '审计日志', en: 'Audit log' },
  'nav.accounts': { zh: '账号', en: 'Accounts' },
  'nav.more': { zh: '更多', en: 'More' },

  'role.system-administrator': { zh: '系统管理员', en: 'System administrator' },
  'role.security-operator': { zh: '安全操作员', en: 'Security operator' },
  'role.auditor': { zh: '审计管理员', en: 'Audit administrator' },

  'signin.title': { zh: '登录', en: 'Sign in' },
  'signin.name': { zh: '账号名', en: 'Account name' },
  'signin.password': { zh: '口令', en: 'Password' },
  'signin.submit': { zh: '登录', en: 'Sign in' },
  'signin.busy': { zh: '正在登录…', en: 'Signing in…' },
  'signin.wrong': { zh: '账号名或口令不正确。', en: 'The account name or the password is wrong.' },
  'signin.tooMany': { zh: '尝试次数过多，请稍候再试。', en: 'Too many attempts. Wait a little and try again.' },
  'signin.first': {
    zh: '首次启动时，汇聚中心会打印一次性的管理员口令。',
    en: 'On its first start the collector prints a one-time administrator password.'
  },
  'signin.out': { zh: '退出登录', en: 'Sign out' },

  'password.title': { zh: '修改口令', en: 'Change password' },
  'password.must': { zh: '请先设置自己的口令，然后才能使用控制台。', en: 'Set a password of your own before you use the console.' },
  'password.current': { zh: '当前口令', en: 'Current password' },
  'password.next': { zh: '新口令', en: 'New password' },
  'password.again': { zh: '再次输入新口令', en: 'New password again' },
  'password.rule': { zh: '至少 12 个字符。', en: 'At least 12 characters.' },
  'password.differs': { zh: '两次输入的新口令不一致。', en: 'The two new passwords differ.' },
  'password.wrong': { zh: '当前口令不正确。', en: 'The current password is wrong.' },
  'password.save': { zh: '保存新口令', en: 'Save new password' },
  'password.saved': { zh: '口令已修改。', en: 'The password was changed.' },

  'setting.language': { zh: '切换到英文', en: 'Switch to Chinese' },
  'setting.language.other': { zh: 'English', en: '中文' },
  'setting.theme': { zh: '外观：{theme}', en: 'Appearance: {theme}' },
  'setting.theme.auto': { zh: '跟随系统', en: 'follows the system' },
  'setting.theme.light': { zh: '浅色', en: 'light' },
  'setting.theme.dark': { zh: '深色', en: 'dark' },
  'setting.account': { zh: '账号：{name}', en: 'Account: {name}' },

  'live.on': { zh: '实时', en: 'Live' },
  'live.connecting': { zh: '正在连接…', en: 'Connecting…' },
  'live.lost': { zh: '实时连接中断', en: 'Live connection lost' },
  'live.lost.detail': {
    zh: '与汇聚中心的实时连接已中断。自 {time} 起，页面上的数值可能已过时。正在重新连接…',
    en: 'The live connection to the collector is lost. Values on this page may be old since {time}. Connecting again…'
  },
  'live.never': { zh: '尚未连上汇聚中心的实时数据。正在连接…', en: 'Live data of the collector has not been reached yet. Connecting…' },

  'time.beijing': { zh: '北京时间', en: 'Beijing time (UTC+8)' },
  'time.utc': { zh: '世界时 {time}', en: '{time} UTC' },
  'time.never': { zh: '从未', en: 'never' },
  'time.now': { zh: '刚刚', en: 'now' },

  'ui.cancel': { zh: '取消', en: 'Cancel' },
  'ui.save': { zh: '保存', en: 'Save' },
  'ui.retry': { zh: '重试', en: 'Try again' },
  'ui.search': { zh: '搜索', en: 'Search' },
  'ui.all': { zh: '全部', en: 'All' },
  'ui.yes': { zh: '是', en: 'Yes' },
  'ui.no': { zh: '否', en: 'No' },
  'ui.none': { zh: '无', en: 'None' },
  'ui.unknown': { zh: '未知', en: 'Unknown' },
  'ui.loading': { zh: '正在加载…', en: 'Loading…' },
  'ui.more': { zh: '加载更多', en: 'Load more' },
  'ui.shown': { zh: '显示 {shown} / {total}', en: '{shown} of {total} shown' },
  'ui.clear': { zh: '清除筛选', en: 'Clear filters' },

  'fault.title': { zh: '无法加载', en: 'This could not be loaded' },
  'fault.network': { zh: '无法连接汇聚中心。', en: 'The collector cannot be reached.' },
  'fault.timeout': { zh: '汇聚中心未在限时内应答。', en: 'The collector did not answer in time.' },
  'fault.server': { zh: '汇聚中心出错（{status}）。', en: 'The collector failed ({status}).' },
  'fault.page': { zh: '没有这个页面', en: 'There is no such page' },
  'fault.home': { zh: '回到态势总览', en: 'Back to the overview' },
  'fault.crash': { zh: '页面出错了', en: 'This page failed' },
  'fault.reload': { zh: '重新加载', en: 'Load again' }
} as const satisfies Entries
