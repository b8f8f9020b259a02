"""An http server over sqlite, a DNS server for dig, TLS for curl and wget: all in one process, asked by clients of their own."""
import http.server, json, os, shutil, socket, sqlite3, ssl, struct, subprocess, sys, tempfile, threading, urllib.request

folder = tempfile.mkdtemp()
database = os.path.join(folder, 'data')
with sqlite3.connect(database) as connection:
    connection.execute('pragma journal_mode=wal')
    connection.execute('create table item (name text primary key, size integer)')

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *arguments): pass
    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200); self.send_header('Content-Length', str(len(body))); self.end_headers(); self.wfile.write(body)
    def do_POST(self):
        item = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        with sqlite3.connect(database, timeout=30) as connection:
            connection.execute('insert or replace into item values (?, ?)', (item['name'], item['size']))
        self.answer('kept')
    def do_GET(self):
        with sqlite3.connect(database, timeout=30) as connection:
            self.answer(connection.execute('select count(*), sum(size) from item').fetchone())

server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f'http://127.0.0.1:{server.server_port}/'
def post(first):
    for i in range(first, first + 10):
        urllib.request.urlopen(urllib.request.Request(address, json.dumps({'name': f'n{i}', 'size': i}).encode())).read()
clients = [threading.Thread(target=post, args=(i * 10,)) for i in range(4)]
for client in clients: client.start()
for client in clients: client.join()
print(urllib.request.urlopen(address).read().decode())
if shutil.which('curl'):
    print(subprocess.run(['curl', '-sS', address], capture_output=True, text=True).stdout)
server.shutdown()

if shutil.which('dig'):
    dns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    dns.bind(('127.0.0.1', 0))
    def resolve():
        while True:
            query, client = dns.recvfrom(512)
            end = query.index(0, 12) + 5
            answer = b'\xc0\x0c' + struct.pack('>HHIH', 1, 1, 60, 4) + bytes([192, 0, 2, 7])
            dns.sendto(query[:2] + b'\x85\x80' + struct.pack('>HHHH', 1, 1, 0, 0) + query[12:end] + answer, client)
    threading.Thread(target=resolve, daemon=True).start()
    print(subprocess.run(['dig', '+short', '+noedns', '-p', str(dns.getsockname()[1]), '@127.0.0.1', 'name.example', 'A'], capture_output=True, text=True).stdout)

if shutil.which('openssl'):
    key, certificate = os.path.join(folder, 'key'), os.path.join(folder, 'certificate')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate,
        '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'], capture_output=True, check=True)
    secure = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    address = f'https://127.0.0.1:{secure.server_port}/'
    for command in ['curl', '-sS', '--cacert', certificate], ['wget', '-qO-', '--ca-certificate', certificate]:
        if shutil.which(command[0]):
            print(command[0], subprocess.run([*command, address], capture_output=True, text=True).stdout)
    trusted = ssl.create_default_context(cafile=certificate)
    print(urllib.request.urlopen(address, context=trusted).read().decode())
    secure.shutdown()
shutil.rmtree(folder)
