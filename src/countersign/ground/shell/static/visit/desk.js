/* Rings once, and marks the title, when a new danger reaches the desk. */
(function () {
  "use strict";
  var before = null, title = document.title, Context = window.AudioContext || window.webkitAudioContext, sound = null;
  document.addEventListener("click", function () { if (!sound && Context) { sound = new Context(); } });
  function ring() {
    if (!sound) { return; }
    var tone = sound.createOscillator(), loud = sound.createGain();
    tone.frequency.value = 880; loud.gain.value = 0.2;
    tone.connect(loud); loud.connect(sound.destination);
    tone.start(); tone.stop(sound.currentTime + 0.6);
  }
  setInterval(function () {
    var list = document.querySelector("[data-alerts]");
    if (!list) { return; }
    var now = Number(list.getAttribute("data-alerts"));
    if (before !== null && now > before) { ring(); }
    document.title = now ? "(" + now + ") " + title : title;
    before = now;
  }, 1000);
})();
