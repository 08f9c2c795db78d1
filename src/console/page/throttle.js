// Calls a function soon, and not more often than a given time; what comes in between is one call.

export function throttle(run, pause) {
  let timer = 0;
  let last = -Infinity;
  let least = pause;
  const soon = () => {
    if (timer) return;
    timer = setTimeout(() => {
      timer = 0;
      last = performance.now();
      run();
    }, Math.max(0, last + least - performance.now()));
  };
  soon.pause = (milliseconds) => { least = milliseconds; };
  soon.cancel = () => {
    clearTimeout(timer);
    timer = 0;
  };
  return soon;
}
