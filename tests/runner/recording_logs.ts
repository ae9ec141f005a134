import type { LogFields, Logger } from "../../services/log.ts";

/** Keeps what is logged under any path, each record as a line: `info web: Started {"took":1}`. */
export class RecordingLogs {
  readonly records: string[] = [];

  readonly log = (path: string): Logger => {
    const keep = (level: string) => (message: string, fields?: LogFields) => {
      const rest = fields === undefined || Object.keys(fields).length === 0
        ? ""
        : ` ${JSON.stringify(fields)}`;
      this.records.push(`${level} ${path || "heddle"}: ${message}${rest}`);
    };
    return { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
  };
}
