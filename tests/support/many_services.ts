/**
 * An application file with a dashboard and `count` echo services in groups of ten, on ports that the system
 * chooses.
 */
export function manyServices(count: number): string {
  const lines = [
    "name: fleet",
    "services:",
    "  dashboard: { plugin: dashboard, grants: [control], options: { listen: 'tcp:127.0.0.1:0' } }",
  ];
  const two = (number: number): string => String(number).padStart(2, "0");
  for (let at = 0; at < count; at++) {
    if (at % 10 === 0) lines.push(`  tenant-${two(at / 10 + 1)}:`, "    services:");
    lines.push(
      `      echo-${two(at % 10 + 1)}: { plugin: echo, options: { listen: 'tcp:127.0.0.1:0' } }`,
    );
  }
  return `${lines.join("\n")}\n`;
}
