// Hearing a prompt before it is kept: its text by the browser's own voice, a recording from the disk as it is.

for (const button of document.querySelectorAll("[data-speak]")) {
  if (!("speechSynthesis" in window)) break;
  button.hidden = false;
  button.addEventListener("click", () => {
    const said = document.getElementById(button.dataset.speak).value.replaceAll(/\{([a-z_]+)\}/g, (_, place) => place.replaceAll("_", " "));
    const voice = new SpeechSynthesisUtterance(said);
    voice.lang = button.dataset.voice;
    speechSynthesis.cancel();
    speechSynthesis.speak(voice);
  });
}

for (const place of document.querySelectorAll("[data-heard]")) {
  const chosen = document.getElementById(place.dataset.heard);
  chosen.addEventListener("change", () => {
    const before = place.querySelector("audio");
    if (before) URL.revokeObjectURL(before.src);
    const [file] = chosen.files;
    if (!file) { place.replaceChildren(); return; }
    const sound = document.createElement("audio");
    sound.controls = true;
    sound.src = URL.createObjectURL(file);
    place.replaceChildren(sound);
  });
}
