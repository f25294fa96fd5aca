/** What a number counts: numbers of one family are comparable once each is multiplied by its scale. */
export interface Unit {
  /** `time` for all units of time, otherwise the unit without its prefix; '' for none. */
  readonly family: string;
  /** Milliseconds for a unit of time, the value of the prefix for another. */
  readonly scale: number;
  /** Whether programs switch between this unit and others by the size of the number. */
  readonly varies: boolean;
}

/** Units of time, with milliseconds; `m` is a minute, as in the durations of Go. */
const TIMES: ReadonlyMap<string, Unit> = /* @__PURE__ */ unitsOfTime();

function unitsOfTime(): Map<string, Unit> {
  return new Map(
    (
      [
        [1e-6, 'ns nsec nanos nanosecond nanoseconds 纳秒'],
        [1e-3, 'us µs μs usec micros microsecond microseconds 微秒'],
        [1, 'ms msec msecs millis millisecond milliseconds 毫秒 ミリ秒 밀리초 мс'],
        [1e3, 's sec secs second seconds 秒 초 с сек'],
        [6e4, 'm min mins minute minutes 分 分钟 분 мин'],
        [3.6e6, 'h hr hrs hour hours 小时 時間 시간 ч'],
        [8.64e7, 'd day days 天 日 д'],
      ] as const
    ).flatMap(([scale, names]) =>
      names.split(' ').map((name) => [name, { family: 'time', scale, varies: true }] as const),
    ),
  );
}

const MOST_LENGTH = 12;
/** A lower-case prefix counts in front of bytes only: `m` alone is a minute, and `mm` is not a million of anything. */
const PREFIXED = /^(?:([kKMGTP])(i?)|([kmgtp])(i?)(?=b))(b|B|[bB]ytes?|bits?|bps|Bps|Hz|W|Wh)?$/;
const BYTES = /^[bB](?:ytes?)?$/;
const PREFIXES = 'kmgtp';
const DECIMAL = [1e3, 1e6, 1e9, 1e12, 1e15];
const BINARY = [1024, 1048576, 1073741824, 1099511627776, 1125899906842624];

/** Reads a unit, a rate such as `MB/s` too; one that is not known is a family of its own. */
export function unitOf(text: string): Unit {
  const time = TIMES.get(text);
  if (time) return time;
  const slash = text.indexOf('/');
  if (slash >= 0) {
    const unit = unitOf(text.slice(0, slash));
    return { ...unit, family: unit.family + text.slice(slash) };
  }
  const prefixed = text.length > MOST_LENGTH ? null : PREFIXED.exec(text);
  const base = prefixed ? (prefixed[5] ?? '') : text;
  const isBytes = BYTES.test(base);
  const family = isBytes ? 'b' : base;
  if (!prefixed) return { family, scale: 1, varies: isBytes };
  const scales = (prefixed[2] ?? prefixed[4]) === 'i' ? BINARY : DECIMAL;
  return { family, scale: scales[PREFIXES.indexOf((prefixed[1] ?? prefixed[3])!.toLowerCase())]!, varies: true };
}
