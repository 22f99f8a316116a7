import { live } from "../pages/live.js";
import { post } from "../pages/post.js";

const floor = document.getElementById("floor");

live({ show: ["board"], on: { board(now) { floor.textContent = now.text; } }, gone: {} });

document.getElementById("send").addEventListener("click", async () => {
  const said = document.getElementById("said");
  try {
    said.textContent = (await post("/board", { to: "do" })).done;
  } catch (refused) {
    said.textContent = refused.message;
  }
});
