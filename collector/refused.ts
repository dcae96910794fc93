// What the collector refuses people, with the words for it; the API turns a Refused into its answer.
import type { Text } from '#contract/text.ts'

interface Refusal {
  /** The HTTP status. */
  status: number
  text: Text
}

export const REFUSALS = {
  NOT_SIGNED_IN: { status: 401, text: { zh: '尚未登录，或登录已过期。', en: 'You are not signed in, or the sign-in has expired.' } },
  WRONG_NAME_OR_PASSWORD: { status: 401, text: { zh: '账号或口令错误。', en: 'The name or the password is wrong.' } },
  WRONG_PASSWORD: { status: 400, text: { zh: '当前口令错误。', en: 'The current password is wrong.' } },
  PASSWORD_CHANGE_NEEDED: {
    status: 403,
    text: { zh: '首次登录须先修改口令。', en: 'The password must be changed before anything else.' }
  },
  NOT_PERMITTED: { status: 403, text: { zh: '当前角色无权执行此操作。', en: 'Your role does not permit this.' } },
  FOREIGN_ORIGIN: { status: 403, text: { zh: '请求来自其他站点，已拒绝。', en: 'The request comes from another origin.' } },
  NOT_FOUND: { status: 404, text: { zh: '请求的内容不存在。', en: 'There is no such thing here.' } },
  ALERT_UNKNOWN: { status: 404, text: { zh: '该告警不存在。', en: 'There is no such alert.' } },
  ACCOUNT_UNKNOWN: { status: 404, text: { zh: '该账号不存在。', en: 'There is no such account.' } },
  SERIES_UNKNOWN: { status: 404, text: { zh: '该测点不存在。', en: 'There is no such tag.' } },
  REQUEST_INVALID: { status: 400, text: { zh: '请求有误，请见各项说明。', en: 'The request does not fit; see each fault.' } },
  VERSION_CONFLICT: {
    status: 409,
    text: {
      zh: '告警在此期间已有变化，请查看后重新操作。',
      en: 'The alert has changed in the meantime. Look at it again and decide anew.'
    }
  },
  ACTION_NOT_POSSIBLE: {
    status: 409,
    text: { zh: '告警当前的处置进度不允许此操作。', en: 'The handling of the alert does not allow this action now.' }
  },
  DISPOSITION_NEEDED: {
    status: 400,
    text: { zh: '处置高危及以上告警须填写研判结论。', en: 'A disposition is needed to resolve an alert of severity 4 or 5.' }
  },
  SECOND_PERSON_NEEDED: {
    status: 409,
    text: {
      zh: '危急告警须由处置人以外的人员复核关闭。',
      en: 'A critical alert must be closed by another person than the one who resolved it.'
    }
  },
  NEWER_ALERT_OPEN: {
    status: 409,
    text: {
      zh: '同一问题已有新的未处置告警，请在新告警上处理。',
      en: 'A newer alert about the same matter is open. Work on that one.'
    }
  },
  KEYS_ARE_LISTED: {
    status: 409,
    text: {
      zh: '本中心的代理公钥由配置文件列出，只能在配置中修改。',
      en: 'The keys of agents are listed in the config of this centre and are changed there only.'
    }
  },
  KEY_NOT_OFFERED: {
    status: 409,
    text: { zh: '该代理没有待确认的此公钥，请刷新后核对。', en: 'The agent does not offer this key. Look again and compare.' }
  },
  ACCOUNT_EXISTS: { status: 409, text: { zh: '已有同名账号。', en: 'An account of that name exists.' } },
  LAST_ADMINISTRATOR: {
    status: 409,
    text: { zh: '至少须保留一个启用的系统管理员。', en: 'The last enabled system administrator must stay.' }
  },
  OWN_ACCOUNT: {
    status: 409,
    text: { zh: '不能停用自己的账号或更改自己的角色。', en: 'Nobody can disable the own account or change the own role.' }
  },
  PASSWORD_UNCHANGED: { status: 400, text: { zh: '新口令不能与原口令相同。', en: 'The new password must differ from the old one.' } },
  PASSWORD_HOLDS_NAME: { status: 400, text: { zh: '口令不能包含账号名。', en: 'The password must not contain the name of the account.' } },
  TOO_MANY_ATTEMPTS: {
    status: 429,
    text: { zh: '登录失败次数过多，请稍后再试。', en: 'Too many failed sign-ins. Wait a while and try again.' }
  },
  TOO_MANY_REQUESTS: { status: 429, text: { zh: '请求过于频繁，请稍后再试。', en: 'Too many requests. Wait a while and try again.' } },
  BODY_TOO_LARGE: { status: 413, text: { zh: '请求内容过大。', en: 'The body of the request is too large.' } },
  NOT_JSON: { status: 415, text: { zh: '请求内容须为 JSON。', en: 'The body of the request must be JSON.' } },
  STORE_AWAY: {
    status: 503,
    text: {
      zh: '时序库暂时不可用，采样值会在恢复后补存。',
      en: 'The store of samples is away for now; samples are kept and stored when it is back.'
    }
  },
  BUSY: { status: 503, text: { zh: '服务繁忙，请稍后再试。', en: 'Too busy for now. Try again soon.' } },
  INTERNAL: { status: 500, text: { zh: '内部错误，详见日志。', en: 'An internal fault; the log has the details.' } }
} as const satisfies Record<string, Refusal>

export type RefusalCode = keyof typeof REFUSALS

export interface RequestFault {
  path: string
  text: Text
}

export class Refused extends Error {
  readonly code: RefusalCode
  readonly faults: readonly RequestFault[]
  readonly retryAfterSeconds: number | undefined
  constructor(
    code: RefusalCode,
    { faults = [], retryAfterSeconds, ...options }: ErrorOptions & { faults?: RequestFault[]; retryAfterSeconds?: number } = {}
  ) {
    super(REFUSALS[code].text.en, options)
    this.name = 'Refused'
    this.code = code
    this.faults = faults
    this.retryAfterSeconds = retryAfterSeconds
  }
}
