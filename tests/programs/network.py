# Sockets as Python's own modules use them: loopback of both versions, threads, asyncio, selectors, datagrams. Prints the same everywhere.
import asyncio, http.server, selectors, socket, threading, urllib.request


def http_server():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = ("path " + self.path).encode() * 1000
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for path in ("/one", "/two"):
        print(len(urllib.request.urlopen("http://127.0.0.1:%d%s" % (server.server_address[1], path)).read()))
    server.shutdown()


async def streams():
    async def echo(reader, writer):
        while line := await reader.readline():
            writer.write(b"echo " + line)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def client(number):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        total = 0
        for i in range(10):
            writer.write(b"%d %d\n" % (number, i))
            total += len(await reader.readline())
        writer.close()
        return total

    print(sum(await asyncio.gather(*(client(i) for i in range(50)))))
    server.close()


def version_six():
    listener = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    port = listener.getsockname()[1]
    for address in ("::1", "127.0.0.1"):
        client = socket.create_connection((address, port))
        server, peer = listener.accept()
        print(peer[0], client.getpeername()[0])
        client.sendall(b"x" * 100000)
        client.shutdown(socket.SHUT_WR)
        total = 0
        while data := server.recv(65536):
            total += len(data)
        print(total)


def datagrams():
    one, two = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    ready = selectors.DefaultSelector()
    ready.register(one, selectors.EVENT_READ)
    print(ready.select(0))
    two.sendto(b"datagram", one.getsockname())
    print([events for _, events in ready.select(10)], one.recvfrom(100)[0])
    print(sorted(name for _, name in socket.if_nameindex())[-1], socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)[0][4][1])


http_server()
asyncio.run(streams())
version_six()
datagrams()
