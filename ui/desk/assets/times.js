// Times on the desk's page, in the agent's own time zone; and how long somebody has waited, which counts on.
"use strict";

window.deskTimes = (() => {
  const EVERY_MS = 5000;
  const LONG_S = 300; // from when on a wait is a long one
  const zh = () => document.documentElement.lang.startsWith("zh");

  function tell(element) {
    const today = new Date().toDateString();
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const locale = document.documentElement.lang || "en";
    for (const time of element.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      const near = at.toDateString() === today;
      const day = { month: "short", day: "numeric" };
      if ("day" in time.dataset) time.textContent = at.toLocaleDateString(locale, { weekday: "long", ...day });
      else time.textContent = near ? at.toLocaleTimeString(locale, clock) : at.toLocaleString(locale, { ...day, ...clock });
      time.title = at.toLocaleString(locale);
    }
    count();
  }

  function count() {
    for (const time of document.querySelectorAll(".dk-waited")) {
      const seconds = Math.max(0, (Date.now() - Date.parse(time.dataset.since)) / 1000);
      const units = zh() ? [" 秒", " 分钟", " 小时", " 天"] : [" s", " min", " h", " d"];
      const sizes = [1, 60, 3600, 86400];
      const unit = seconds < 60 ? 0 : seconds < 3600 ? 1 : seconds < 172800 ? 2 : 3;
      time.textContent = `${Math.floor(seconds / sizes[unit])}${units[unit]}`;
      time.classList.toggle("dk-long", "waiting" in time.dataset && seconds >= LONG_S);
    }
  }

  setInterval(count, EVERY_MS);

  return { tell };
})();
