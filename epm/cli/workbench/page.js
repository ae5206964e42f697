// The keyboard belongs to the terminal from the start, and again whenever the window gets it.
"use strict";
function takeKeyboard() {
  document.querySelector(".xterm-helper-textarea")?.focus();
}
window.addEventListener("load", takeKeyboard);
window.addEventListener("focus", takeKeyboard);
