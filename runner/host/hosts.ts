import type { Host, Instance, Launch } from "./host.ts";

/** Runs each service on the host that its specification asks for. */
export class Hosts implements Host {
  readonly #inline: Host;
  readonly #process: Host;

  constructor(inline: Host, process: Host) {
    this.#inline = inline;
    this.#process = process;
  }

  launch(launch: Launch): Instance {
    return (launch.spec.process === undefined ? this.#inline : this.#process).launch(launch);
  }
}
