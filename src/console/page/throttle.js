// Calls a function soon, and not more often than a given time; what comes in between is one call.

export function throttle(run, pause) {
  let timer = 0;
  let last = -Infinity;
  const soon = () => {
    if (timer) return;
    timer = setTimeout(() => {
      timer = 0;
      last = performance.now();
      run();
    }, Math.max(0, last + pause - performance.now()));
  };
  soon.cancel = () => {
    clearTimeout(timer);
    timer = 0;
  };
  return soon;
}
