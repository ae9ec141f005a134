const [messages, form, text] = ["messages", "form", "text"].map((id) => document.getElementById(id));
const socket = new WebSocket(new URL("chat", location.href.replace(/^http/, "ws")));

socket.onopen = () => {
  text.disabled = false;
  text.focus();
};
socket.onclose = () => text.disabled = true;
socket.onmessage = ({ data }) => {
  const item = document.createElement("li");
  item.textContent = data;
  messages.append(item);
};
form.onsubmit = (event) => {
  event.preventDefault();
  if (text.value !== "") socket.send(text.value);
  text.value = "";
};
