/** Milliseconds that the processor has worked for this process: what is measured by it grows little beside other programs. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
