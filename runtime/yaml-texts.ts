// What can be wrong with a YAML file, in both languages. The parser's own English words are exact, so they stay for English.
import { type Language, pick, type Text } from '#contract/text.ts'

export const YAML_TEXTS = {
  notUtf8: { zh: '文件不是 UTF-8 编码', en: 'the file is not UTF-8 text' },
  empty: { zh: '文件是空的', en: 'the file is empty' },
  tooManyAliases: { zh: '别名（*）引用次数过多', en: 'aliases (*) are used too often' },
  tooDeep: { zh: '嵌套层数过多', en: 'nested too deeply' },
  expectedOneOf: (options: readonly unknown[]): Text => ({
    zh: `应为以下之一：${options.join('、')}`,
    en: `expected one of ${options.join(', ')}`
  }),
  missing: { zh: '缺少此项', en: 'is missing' },
  unknownKey: (key: string): Text => ({ zh: `未知的键 ${quoted(key)}`, en: `unknown key ${quoted(key)}` }),
  unknownAlias: (name: string): Text => ({
    zh: `别名 *${name} 之前没有定义 &${name}`,
    en: `alias *${name} has no anchor &${name} before it`
  }),
  aliasOfItself: (name: string): Text => ({
    zh: `别名 *${name} 引用了包含它自身的节点`,
    en: `alias *${name} stands inside the node that it names`
  })
} as const

export function yamlText(error: { code: string; message: string }, language: Language): string {
  // The parser's sentences here name a function and a limit of its own.
  const en =
    { MULTIPLE_DOCS: 'the file may hold one YAML document only', RESOURCE_EXHAUSTION: YAML_TEXTS.tooDeep.en }[error.code] ?? error.message
  return pick({ zh: CHINESE[error.code] ?? error.message, en }, language)
}

const CHINESE: Readonly<Record<string, string>> = {
  ALIAS_PROPS: '别名不能带有锚点或标签',
  BAD_ALIAS: '锚点或别名的写法有误',
  BAD_COLLECTION_TYPE: '标签与集合类型不符',
  BAD_DIRECTIVE: '指令（%）有误',
  BAD_DQ_ESCAPE: '双引号字符串中有无效的转义序列',
  BAD_INDENT: '缩进有误',
  BAD_PROP_ORDER: '锚点和标签须写在指示符之后',
  BAD_SCALAR_START: '未加引号的值不能以该字符开头',
  BLOCK_AS_IMPLICIT_KEY: '同一行内不能嵌套映射',
  BLOCK_IN_FLOW: '花括号或方括号内不能使用块结构',
  DUPLICATE_KEY: '键重复',
  IMPOSSIBLE: '无法解析',
  KEY_OVER_1024_CHARS: '键超过 1024 个字符',
  MISSING_CHAR: '缺少字符（引号、逗号、冒号、空格或分隔符）',
  MULTILINE_IMPLICIT_KEY: '键不能跨行',
  MULTIPLE_ANCHORS: '一个节点只能有一个锚点',
  MULTIPLE_DOCS: '文件中只能有一个 YAML 文档',
  MULTIPLE_TAGS: '一个节点只能有一个标签',
  NON_STRING_KEY: '键必须是字符串',
  RESOURCE_EXHAUSTION: '嵌套层数过多',
  TAB_AS_INDENT: '不能用制表符缩进',
  TAG_RESOLVE_FAILED: '未知的标签（!）',
  UNEXPECTED_TOKEN: '此处出现意外的内容'
}

export function quoted(key: string): string {
  return JSON.stringify(key.length > 100 ? `${key.slice(0, 100)}…` : key)
}
