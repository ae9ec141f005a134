"""aiosmtpd, which takes everything and keeps nothing, on a port of the system's choice."""
import asyncio
import logging

from aiosmtpd.smtp import SMTP

logging.disable(logging.CRITICAL)


class Discard:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Discard(), loop=loop, hostname="mx.test", data_size_limit=None), "127.0.0.1", 0, backlog=4096
    )
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
