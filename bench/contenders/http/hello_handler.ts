// The module of a route of kind `handler`.
import { type Handler, Reply } from "../../../services/http/mod.ts";
import { HELLO } from "./_replies.ts";

const hello: Handler = () => new Reply(HELLO);

export default hello;
