// The Chinese of the sentences by which schemas of the contract refuse a value; the schemas themselves say them in English.
export const REFUSALS_IN_CHINESE: ReadonlyMap<string, string> = new Map([
  ['must be 2 to 32 lower-case letters, digits, . _ -', '须为 2 至 32 个小写字母、数字或 . _ -，以字母开头'],
  ['must have at least 12 characters', '至少须有 12 个字符'],
  ['must be lower-case letters, digits and hyphens, at most 63', '须为小写字母、数字和连字符，最多 63 个'],
  ['must start with a letter and hold letters, digits, _ . -, at most 100', '须以字母开头，由字母、数字和 _ . - 组成，最多 100 个'],
  ['must be an ATT&CK for ICS technique id such as T0836', '须为 ATT&CK for ICS 技术编号，例如 T0836'],
  ['low must be below high', 'low 须小于 high']
])
