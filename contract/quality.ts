// Quality of a sample: an OPC UA StatusCode for both protocols (OPC 10000-4, 7.39 and 10000-8, 6.3), with texts.
import type { Text } from './text.ts'

export const QUALITY_CLASSES = ['good', 'uncertain', 'bad'] as const
export type QualityClass = (typeof QUALITY_CLASSES)[number]

// The two highest bits of a StatusCode are its severity: 00 good, 01 uncertain, 10 bad.
export function qualityClass(quality: number): QualityClass {
  if (quality < 0x40000000) return 'good'
  return quality < 0x80000000 ? 'uncertain' : 'bad'
}

export const isBad = (quality: number): boolean => quality >= 0x80000000

export const GOOD = 0
export const UNCERTAIN_OUT_OF_RANGE = 0x40940000
export const UNCERTAIN_PRECISION_LOST = 0x40920000
export const BAD_COMMUNICATION = 0x80050000
export const BAD_TIMEOUT = 0x800a0000
export const BAD_NOT_CONNECTED = 0x808a0000
export const BAD_CONNECTION_CLOSED = 0x80ae0000
export const BAD_UNEXPECTED_REPLY = 0x80090000
export const BAD_DECODING = 0x80070000
export const BAD_FUNCTION_REFUSED = 0x803d0000
export const BAD_ADDRESS_REFUSED = 0x80340000
export const BAD_VALUE_REFUSED = 0x803c0000
export const BAD_DEVICE_FAILURE = 0x808b0000
export const BAD_DEVICE_BUSY = 0x80ee0000
export const BAD_GATEWAY = 0x80310000
export const BAD_NOT_A_NUMBER = 0x80740000
export const BAD_NO_DATA = 0x809b0000

// Codes not listed here are legal: they are shown by class and number.
export const QUALITY_TEXTS: ReadonlyMap<number, { name: string; text: Text }> = new Map([
  [GOOD, { name: 'Good', text: { zh: '良好', en: 'Good' } }],
  [UNCERTAIN_OUT_OF_RANGE, { name: 'UncertainEngineeringUnitsExceeded', text: { zh: '超出量程', en: 'Outside its engineering range' } }],
  [UNCERTAIN_PRECISION_LOST, { name: 'UncertainSubNormal', text: { zh: '数值过大，精度有损', en: 'Too large to be shown exactly' } }],
  [BAD_COMMUNICATION, { name: 'BadCommunicationError', text: { zh: '通信错误', en: 'Communication error' } }],
  [BAD_TIMEOUT, { name: 'BadTimeout', text: { zh: '设备未在限时内应答', en: 'No answer in time' } }],
  [BAD_NOT_CONNECTED, { name: 'BadNotConnected', text: { zh: '无法连接设备', en: 'The device cannot be reached' } }],
  [BAD_CONNECTION_CLOSED, { name: 'BadConnectionClosed', text: { zh: '连接被设备断开', en: 'The device closed the connection' } }],
  [BAD_UNEXPECTED_REPLY, { name: 'BadUnknownResponse', text: { zh: '应答与请求不符', en: 'The reply does not belong to the request' } }],
  [BAD_DECODING, { name: 'BadDecodingError', text: { zh: '应答无法解析', en: 'The reply cannot be decoded' } }],
  [
    BAD_FUNCTION_REFUSED,
    { name: 'BadNotSupported', text: { zh: '设备不支持该功能码（异常 1）', en: 'The device refuses the function (exception 1)' } }
  ],
  [BAD_ADDRESS_REFUSED, { name: 'BadNodeIdUnknown', text: { zh: '地址不存在', en: 'The device has no such address' } }],
  [
    BAD_VALUE_REFUSED,
    { name: 'BadOutOfRange', text: { zh: '设备拒绝该请求数值（异常 3）', en: 'The device refuses the request value (exception 3)' } }
  ],
  [BAD_DEVICE_FAILURE, { name: 'BadDeviceFailure', text: { zh: '设备故障（异常 4）', en: 'The device reports a failure (exception 4)' } }],
  [BAD_DEVICE_BUSY, { name: 'BadServerTooBusy', text: { zh: '设备忙（异常 5、6）', en: 'The device is busy (exception 5 or 6)' } }],
  [
    BAD_GATEWAY,
    {
      name: 'BadNoCommunication',
      text: { zh: '网关后的设备无应答（异常 10、11）', en: 'The device behind the gateway does not answer (exception 10 or 11)' }
    }
  ],
  [0x80120000, { name: 'BadCertificateInvalid', text: { zh: '服务器证书无效', en: 'The certificate of the server is not valid' } }],
  [0x80130000, { name: 'BadSecurityChecksFailed', text: { zh: '安全校验失败', en: 'The security checks failed' } }],
  [
    0x80140000,
    { name: 'BadCertificateTimeInvalid', text: { zh: '服务器证书不在有效期内', en: 'The certificate of the server is outside its time' } }
  ],
  [
    0x801a0000,
    { name: 'BadCertificateUntrusted', text: { zh: '服务器证书尚未受信任', en: 'The certificate of the server is not trusted' } }
  ],
  [0x801f0000, { name: 'BadUserAccessDenied', text: { zh: '用户被拒绝', en: 'The user is refused' } }],
  [0x80210000, { name: 'BadIdentityTokenRejected', text: { zh: '登录方式被拒绝', en: 'This way of signing in is refused' } }],
  [0x80320000, { name: 'BadWaitingForInitialData', text: { zh: '尚未收到首个数值', en: 'No value has come yet' } }],
  [0x80360000, { name: 'BadIndexRangeInvalid', text: { zh: '数组下标无效', en: 'The index is no index of the array' } }],
  [0x80370000, { name: 'BadIndexRangeNoData', text: { zh: '数组中没有该元素', en: 'The array has no such element' } }],
  [0x803a0000, { name: 'BadNotReadable', text: { zh: '不允许读取', en: 'It may not be read' } }],
  [
    0x80550000,
    {
      name: 'BadSecurityPolicyRejected',
      text: { zh: '服务器不提供所要求的安全策略', en: 'The server does not offer the security that is wanted' }
    }
  ],
  [0x80560000, { name: 'BadTooManySessions', text: { zh: '服务器会话数已满', en: 'The server has no session left' } }],
  [0x80790000, { name: 'BadNoSubscription', text: { zh: '订阅已失效', en: 'The subscription is gone' } }],
  [0x808c0000, { name: 'BadSensorFailure', text: { zh: '传感器故障', en: 'The sensor fails' } }],
  [0x808d0000, { name: 'BadOutOfService', text: { zh: '已停用', en: 'Out of service' } }],
  [BAD_NO_DATA, { name: 'BadNoData', text: { zh: '没有数据', en: 'There are no data' } }],
  [0x40900000, { name: 'UncertainLastUsableValue', text: { zh: '最后可用值', en: 'The last usable value' } }],
  [0x40930000, { name: 'UncertainSensorNotAccurate', text: { zh: '传感器不准确', en: 'The sensor is not accurate' } }],
  [BAD_NOT_A_NUMBER, { name: 'BadTypeMismatch', text: { zh: '不是有效数值', en: 'Not a number' } }]
])
