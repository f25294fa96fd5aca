// Preloaded into a process: measures the longest turn of its event loop, in milliseconds of processor time, which a busy
// machine does not stretch, and sends it to the parent when asked. Before Node 23.9, which can tell threads apart, the time
// of those that compile and collect garbage beside it is counted, too.
const { threadCpuUsage } = process as { threadCpuUsage?: typeof process.cpuUsage };
const used = (): number => {
  const { user, system } = threadCpuUsage?.call(process) ?? process.cpuUsage();
  return (user + system) / 1000;
};
let before = used();
let longest = 0;
setInterval(() => {
  const now = used();
  longest = Math.max(longest, now - before);
  before = now;
}, 1).unref();
process.on('message', () => {
  process.send!(longest);
  longest = 0;
});
process.channel!.unref();
