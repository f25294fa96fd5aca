import type { Severity } from './logRecord.js';

/** Names of levels in lower case: of logging libraries, shortened as they print them, and as messages are translated. */
const WORDS: Readonly<Record<Severity, string>> = {
  trace: 'trace trc trce finest finer verbose vrb',
  debug: 'debug dbg dbug fine отладка デバッグ 调试 調試 디버그',
  info:
    'info information informational inf infos log note success ' +
    'información informação informazione информация инфо 信息 資訊 情報 정보',
  notice: 'notice hinweis avis примечание замечание 通知',
  warn:
    'warn warning wrn warnung avertissement attention advertencia aviso advertência avviso avvertenza waarschuwing ' +
    'ostrzeżenie varning предупреждение внимание попередження 警告 경고',
  error:
    'error err eror fail failed failure severe fehler erreur grave erro errore fout błąd fel chyba ошибка ошибки помилка ' +
    '错误 錯誤 エラー 오류',
  critical:
    'critical crit fatal ftl dpanic alert emerg emergency panic schwerwiegend kritisch critique crítico critico kritiek krytyczny ' +
    'критично критический критическая фатальная 严重 嚴重 致命 致命的 重大 심각',
};
const SEVERITIES: ReadonlyMap<string, Severity> = /* @__PURE__ */ severities();

function severities(): Map<string, Severity> {
  const words = Object.entries(WORDS) as [Severity, string][];
  return new Map(words.flatMap(([severity, list]) => list.split(' ').map((word) => [word, severity])));
}
const OF_SYSLOG: readonly Severity[] = ['critical', 'critical', 'critical', 'error', 'warn', 'notice', 'info', 'debug'];
const OF_PINO: readonly Severity[] = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];
const OF_MONOLOG: readonly Severity[] = ['debug', 'info', 'warn', 'error', 'critical', 'critical'];

/**
 * The severity that a word or a number stands for: names in any case, English or of other languages, 0 to 7 as of syslog, 10 to 60
 * as of pino and bunyan, those between as the next lower one, 100 to 600 as of monolog; null for any other.
 */
export function severityOf(level: string | number): Severity | null {
  const number = Number(level);
  if (level === '' || Number.isNaN(number)) return SEVERITIES.get(String(level).toLowerCase()) ?? null;
  if (number >= 100) return OF_MONOLOG[Math.floor(number / 100) - 1] ?? null;
  if (number >= 10) return OF_PINO[Math.floor(number / 10) - 1] ?? null;
  return OF_SYSLOG[number] ?? null;
}
