/** A duration for a reader, its two largest units: `3d4h`, `12m5s`, `8.2s`, `120ms`. `ms` milliseconds. */
export function briefDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  const [days, hours, minutes, rest] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
    Math.floor(seconds) % 60,
  ];
  if (days! > 0) return `${days}d${hours}h`;
  if (hours! > 0) return `${hours}h${minutes}m`;
  return minutes! > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}

/** A number of bytes for a reader: `512 B`, `1.4 KiB`, `83 MiB`. */
export function briefSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
