"""aio.py serve PORT: an asyncio server. aio.py get PORT N: N connections at once."""

import asyncio
import sys


async def serve(port):
    async def hello(_reader, writer):
        writer.write(b"hello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hello, "127.0.0.1", port)
    print("ready", flush=True)
    await server.serve_forever()


async def get(port, number):
    async def one():
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError as error:
            return error.errno
        text = await reader.read()
        writer.close()
        return text.decode()

    answers = await asyncio.gather(*(one() for _ in range(number)))
    print({answer: answers.count(answer) for answer in sorted(set(answers), key=str)})


what, port, *rest = sys.argv[1:]
asyncio.run(serve(int(port)) if what == "serve" else get(int(port), int(rest[0])))
