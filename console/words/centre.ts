// Words of rules, audit log and accounts.
import type { Entries } from '../i18n.ts'

export const centre = {
  'rules.title': { zh: '规则', en: 'Rules' },
  'rules.none': { zh: '没有加载任何规则，采样值不会被判断。', en: 'No rules are loaded, so nothing is judged.' },
  'rules.faults': { zh: '{count} 次出错', en: 'failed {count} {count|time|times}' },
  'rules.faults.some': { zh: '{count} 条规则出错', en: '{count} {count|rule fails|rules fail}' },
  'rules.subjects': { zh: '判断 {count} 个对象', en: 'judges {count} {count|subject|subjects}' },
  'rules.subjects.none': { zh: '没有可判断的对象', en: 'nothing to judge' },
  'rules.pack': { zh: '规则包', en: 'Rule pack' },
  'rules.count': { zh: '共 {count} 条', en: '{count} {count|rule|rules}' },
  'rules.search': { zh: '标题、编号或技术', en: 'Title, id or technique' },

  'audit.title': { zh: '审计日志', en: 'Audit log' },
  'audit.intact': { zh: '整条审计链已校验，未发现篡改。', en: 'The whole chain was checked; no entry was tampered with.' },
  'audit.broken': { zh: '审计链校验不通过，有记录被改动。', en: 'The chain does not hold: an entry was changed.' },
  'audit.account': { zh: '账号', en: 'Account' },
  'audit.system': { zh: '系统', en: 'the system' },
  'audit.action': { zh: '操作', en: 'Action' },
  'audit.subject': { zh: '对象', en: 'Subject' },
  'audit.detail': { zh: '详情', en: 'Detail' },
  'audit.hash': { zh: '散列值', en: 'Hash' },
  'audit.none': { zh: '还没有记录。', en: 'No entries yet.' },
  'audit.forbidden': { zh: '只有审计管理员可以查看审计日志。', en: 'Only the audit administrator may read the audit log.' },

  'accounts.title': { zh: '账号', en: 'Accounts' },
  'accounts.forbidden': { zh: '安全操作员不能查看账号。', en: 'A security operator may not see the accounts.' },
  'accounts.add': { zh: '新建账号', en: 'Add account' },
  'accounts.name': { zh: '账号名', en: 'Account name' },
  'accounts.name.rule': {
    zh: '2 至 32 个字符：小写字母、数字、. _ -，以字母开头。',
    en: '2 to 32 characters: lower-case letters, digits, . _ -, a letter first.'
  },
  'accounts.role': { zh: '角色', en: 'Role' },
  'accounts.role.system-administrator': { zh: '管理账号和设置', en: 'accounts and settings' },
  'accounts.role.security-operator': { zh: '处理告警', en: 'works on alerts' },
  'accounts.role.auditor': { zh: '查看一切，包括审计日志', en: 'reads everything, the audit log too' },
  'accounts.first': { zh: '初始口令', en: 'First password' },
  'accounts.first.rule': {
    zh: '至少 12 个字符；本人首次登录时须修改。',
    en: 'At least 12 characters; its owner changes it at the first sign-in.'
  },
  'accounts.created': { zh: '创建时间', en: 'Created' },
  'accounts.lastSignIn': { zh: '最近登录', en: 'Last sign-in' },
  'accounts.state': { zh: '状态', en: 'State' },
  'accounts.enabled': { zh: '启用', en: 'Enabled' },
  'accounts.disabled': { zh: '已停用', en: 'Disabled' },
  'accounts.mustChange': { zh: '须修改口令', en: 'must change password' },
  'accounts.disable': { zh: '停用', en: 'Disable' },
  'accounts.enable': { zh: '启用', en: 'Enable' },
  'accounts.reset': { zh: '重置口令', en: 'Reset password' },
  'accounts.reset.title': { zh: '重置 {name} 的口令', en: 'Reset the password of {name}' },
  'accounts.reset.effect': { zh: '该账号的所有会话会立即失效。', en: 'All sessions of the account end at once.' },
  'accounts.changed': { zh: '已更新账号 {name}。', en: 'Account {name} was updated.' },
  'accounts.self': { zh: '本人', en: 'you' },

  'keys.title': { zh: '采集代理密钥', en: 'Keys of agents' },
  'keys.lead': {
    zh: '每个代理用自己的密钥为健康报告签名。密钥变更须由安全操作员核对后确认。',
    en: 'Each agent signs its health with a key of its own. Another key counts only after a security operator has compared and accepted it.'
  },
  'keys.none': { zh: '还没有采集代理出示密钥。', en: 'No agent has shown a key yet.' },
  'keys.state': { zh: '状态', en: 'State' },
  'keys.state.trusted': { zh: '已信任', en: 'Trusted' },
  'keys.state.contested': { zh: '有待确认的新密钥', en: 'Another key is shown' },
  'keys.state.unsigned': { zh: '未签名', en: 'Does not sign' },
  'keys.state.unlisted': { zh: '未列入配置', en: 'Not listed' },
  'keys.key': { zh: '公钥', en: 'Public key' },
  'keys.offered': { zh: '新公钥', en: 'Shown instead' },
  'keys.basis': { zh: '依据', en: 'Trusted because' },
  'keys.basis.first-use': { zh: '首次出示', en: 'It was the first' },
  'keys.basis.accepted': { zh: '由 {by} 确认', en: 'Accepted by {by}' },
  'keys.basis.listed': { zh: '配置中列出', en: 'Listed in the config' },
  'keys.refused': { zh: '未采信', en: 'Not believed' },
  'keys.why.wrong-signature': { zh: '签名不符', en: 'wrong signature' },
  'keys.why.missing-signature': { zh: '没有签名', en: 'no signature' },
  'keys.why.unknown-key': { zh: '未列出的密钥', en: 'no key listed' },
  'keys.why.other-key': { zh: '另一把密钥', en: 'another key' },
  'keys.why.replayed': { zh: '重复的消息', en: 'a message repeated' },
  'keys.accept': { zh: '核对并确认', en: 'Compare and accept' },
  'keys.accept.title': { zh: '确认 {name} 的新公钥', en: 'Accept another key of {name}' },
  'keys.accept.compare': {
    zh: '请向现场核实更换原因，并与代理日志中的公钥逐字核对。确认后只信任此公钥，操作记入审计日志。',
    en: 'Ask on site why it changed, and compare it letter by letter with the key in the log of the agent. Then only this key is trusted; the audit log keeps who accepted it.'
  },
  'keys.accept.confirm': { zh: '一致，确认', en: 'It is the same: accept' },
  'keys.accepted': { zh: '已确认 {name} 的新公钥。', en: 'The key of {name} was accepted.' }
} as const satisfies Entries
