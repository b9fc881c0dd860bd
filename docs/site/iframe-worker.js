// A page that was opened from a disk (file:) may not start a Worker, and the search is one. Here it
// runs in a hidden frame instead. Over http this file does nothing. The builder knows it by its name.
"use strict";
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.onmessage = this.onerror = null;
      this.waiting = []; // what was sent before the script had been loaded
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.documentElement.append(this.frame);
      const inside = this.frame.contentWindow;
      inside.postMessage = (data) => this.tell(this, "message", data);
      const script = inside.document.createElement("script");
      script.src = new URL(url, location.href);
      script.onload = () => {
        const waiting = this.waiting;
        this.waiting = null;
        waiting.forEach((data) => this.postMessage(data));
      };
      script.onerror = () => this.tell(this, "error", null);
      inside.document.body.append(script);
    }
    postMessage(data) {
      if (this.waiting) this.waiting.push(data);
      else this.tell(this.frame.contentWindow, "message", data);
    }
    terminate() {
      this.frame.remove();
    }
    tell(target, type, data) {
      // A message is a copy, and comes later: each side may go on changing what is its own.
      const event = new MessageEvent(type, { data: structuredClone(data) });
      setTimeout(() => {
        target.dispatchEvent(event);
        if (target === this) this["on" + type]?.(event);
      });
    }
  };
}
