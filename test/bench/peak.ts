/** For `node --import`: says on standard error, when the process is over, how much memory it took at most (in KiB). */
process.on('exit', () => {
  process.stderr.write(`peak ${process.resourceUsage().maxRSS}\n`);
});
