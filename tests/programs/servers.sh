#!/bin/bash
# Servers with their clients, all on loopback: servers.sh SECTION PORT. What differs between runs is left out of the output.
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'kill $(jobs -p) $(cat "$folder/pid" 2>/dev/null) 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT
port=$2
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null

# Ends when somebody listens at the port.
wait_for() {
    for _ in $(seq 400); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.05
    done
    echo "nothing listens at the port"
}

commit() {
    echo text > file && git add file && git -c user.name=a -c user.email=b@c commit -qm first
}

case $1 in
ssh)
    ssh-keygen -q -t ed25519 -N '' -f "$folder/host"
    ssh-keygen -q -t ed25519 -N '' -f "$folder/user"
    mkdir -p /run/sshd
    /usr/sbin/sshd -f /dev/null -h "$folder/host" -p "$port" -o "PidFile=$folder/pid" -o "AuthorizedKeysFile=$folder/user.pub" \
        -o StrictModes=no -o UsePAM=no -o ListenAddress=127.0.0.1 -o PermitRootLogin=yes -E "$folder/log"
    wait_for "$port"
    options=(-F /dev/null -p "$port" -i "$folder/user" -o IdentityAgent=none -o StrictHostKeyChecking=no
        -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes)
    ssh "${options[@]}" 127.0.0.1 'echo over ssh; exit 7'
    echo "status $?"
    echo piped | ssh "${options[@]}" 127.0.0.1 cat
    ssh -tt "${options[@]}" 127.0.0.1 'test -t 0 && echo a terminal' </dev/null | tr -d '\r'
    export GIT_SSH_COMMAND="ssh ${options[*]}"
    git init -q --bare -b main "$folder/bare"
    git clone -q "ssh://127.0.0.1$folder/bare" "$folder/clone" 2>/dev/null
    cd "$folder/clone" && commit && git push -q origin HEAD:main
    git --git-dir "$folder/bare" log --format=%s main
    head -c 3000000 /dev/zero | openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv 00112233445566778899aabbccddeeff > big
    rsync -a -e "$GIT_SSH_COMMAND" "$folder/clone/" "127.0.0.1:$folder/copy/"
    cmp big "$folder/copy/big" && echo same
    ;;
relays)
    socat "TCP-LISTEN:$port,fork,reuseaddr,bind=127.0.0.1" EXEC:'/usr/bin/tr a-z A-Z' &
    wait_for "$port"
    echo through socat | socat -t5 - "TCP:127.0.0.1:$port"
    echo through nc | nc -N 127.0.0.1 "$port"
    socat "UDP-RECVFROM:$port,fork,bind=127.0.0.1" EXEC:/bin/cat &
    for _ in $(seq 100); do
        answer=$(echo datagram | socat -t1 - "UDP:127.0.0.1:$port" 2>/dev/null)
        [ -n "$answer" ] && break
    done
    echo "$answer"
    ;;
iperf3)
    iperf3 -s -p "$port" -B 127.0.0.1 >/dev/null &
    wait_for "$port"
    for direction in "" -R; do
        for _ in $(seq 50); do
            iperf3 -c 127.0.0.1 -p "$port" -n 16M $direction -J > "$folder/iperf" 2>/dev/null && break
            sleep 0.1
        done
        python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["end"]["sum_received"]["bytes"] > 0)' "$folder/iperf"
    done
    ;;
git)
    mkdir -p "$folder/www/cgi-bin"
    git init -q -b main "$folder/work" && cd "$folder/work" && commit
    git clone -q --bare "$folder/work" "$folder/www/bare"
    # The server of CGI programs gives up its rights, and git wants to be told that it may read what others own.
    cat > "$folder/www/cgi-bin/git" << END
#!/bin/sh
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' GIT_PROJECT_ROOT=$folder/www GIT_HTTP_EXPORT_ALL=1 HOME=$folder
exec git http-backend
END
    chmod 755 "$folder/www/cgi-bin/git"
    (cd "$folder/www" && exec python3 -W ignore -m http.server --cgi --bind 127.0.0.1 "$port" >/dev/null 2>&1) &
    wait_for "$port"
    git clone -q "http://127.0.0.1:$port/cgi-bin/git/bare" "$folder/clone" && git -C "$folder/clone" log --format=%s
    curl -sS "http://127.0.0.1:$port/bare/HEAD"
    wget -qO- "http://127.0.0.1:$port/bare/HEAD"
    ;;
apache2)
    cat > "$folder/conf" << END
ServerName test
PidFile $folder/pid
Listen 127.0.0.1:$port
DefaultRuntimeDir $folder
Mutex file:$folder
ErrorLog $folder/log
User www-data
Group www-data
$(for module in mpm_event authz_core mime dir alias; do echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"; done)
StartServers 2
TypesConfig /etc/mime.types
DocumentRoot $folder
<Directory $folder>
Require all granted
</Directory>
Redirect "/moved" "/page.html"
END
    echo page > "$folder/page.html"
    /usr/sbin/apache2 -d "$folder" -f "$folder/conf" -D FOREGROUND &
    wait_for "$port"
    curl -sS "http://127.0.0.1:$port/page.html"
    curl -sSL "http://127.0.0.1:$port/moved"
    curl -sS -o /dev/null -w '%{http_code}\n' "http://127.0.0.1:$port/none"
    for _ in $(seq 20); do curl -sS "http://127.0.0.1:$port/page.html" & done | sort | uniq -c | tr -s ' '
    ;;
redis)
    # Snapshots by fork while clients write: each is of one moment, so that two counters that a script counts up together are equal in it.
    server=(redis-server --port 0 --unixsocket "$folder/socket" --dir "$folder" --save '' --loglevel warning)
    client=(redis-cli -s "$folder/socket")
    "${server[@]}" > /dev/null &
    until "${client[@]}" ping > /dev/null 2>&1; do sleep 0.05; done
    redis-benchmark -s "$folder/socket" -q -t set -n 20000 -r 4000 -d 500 -P 16 > /dev/null
    redis-benchmark -s "$folder/socket" -q -l -r 4000 eval "redis.call('incr', 'a') redis.call('set', KEYS[1], ARGV[1]) redis.call('incr', 'b')" \
        1 key:__rand_int__ __rand_int__ > /dev/null &
    load=$!
    for _ in 1 2 3; do
        before=$("${client[@]}" get a)
        "${client[@]}" bgsave
        until "${client[@]}" info persistence | grep -q rdb_bgsave_in_progress:0; do sleep 0.05; done
        "${client[@]}" info persistence | grep -a rdb_last_bgsave_status | tr -d '\r'
        redis-check-rdb "$folder/dump.rdb" | grep -ao 'RDB looks OK'
        until [ "$("${client[@]}" get a)" != "$before" ]; do sleep 0.01; done
    done
    kill $load
    "${client[@]}" shutdown nosave
    "${server[@]}" > /dev/null &
    until "${client[@]}" ping 2> /dev/null | grep -q PONG; do sleep 0.05; done
    [ "$("${client[@]}" get a)" = "$("${client[@]}" get b)" ] && echo of one moment
    "${client[@]}" shutdown nosave
    ;;
java)
    cat > "$folder/Server.java" << 'END'
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.*;
import java.util.concurrent.Executors;

public class Server {
    public static void main(String[] arguments) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = ("java " + exchange.getRequestURI()).getBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.setExecutor(Executors.newFixedThreadPool(2));
        server.start();
        HttpClient client = HttpClient.newHttpClient();
        for (int i = 0; i < 3; i++) {
            URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + i);
            System.out.println(client.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString()).body());
        }
        server.stop(0);
        System.exit(0);
    }
}
END
    java -Xmx128m "$folder/Server.java"
    ;;
esac
