// Preloaded into a process: measures the longest turn of its event loop, in milliseconds of processor time, which a busy
// machine does not stretch, and sends it to the parent when asked.
const used = (): number => {
  const { user, system } = process.cpuUsage();
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
