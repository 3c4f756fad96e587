#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# User mode: a network without libvirt networks and without root, and what it must not reach.
# drivers: embed embed-user session
# seconds: 600

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

python=/usr/bin/python3
for tool in "$python" curl ip; do
    command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
host=$(ip -4 -o addr show scope global up | awk '{sub("/.*", "", $4); print $4; exit}')
[ -n "$host" ] || skip_all "this machine has no address but loopback"

# One server for everybody, one for the host's loopback only; both write down who came.
cat >"$work/server.py" <<'END'
import http.server, socket, socketserver, sys, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.text)))
        self.end_headers()
        self.wfile.write(self.server.text)

class Server6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6

def serve(kind, address, text, port=0):
    server = kind((address, port), Handler)
    server.text = text
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]

def watch(address, port):
    udp = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((address, port))
    def listen():
        while True:
            data, sender = udp.recvfrom(2000)
            print("udp %s %s" % (address, data.decode(errors="replace")), file=sys.stderr, flush=True)
    threading.Thread(target=listen, daemon=True).start()

everybody = serve(http.server.ThreadingHTTPServer, sys.argv[1], b"hello from the host\n")
watch(sys.argv[1], everybody)
private = serve(http.server.ThreadingHTTPServer, "127.0.0.1", b"not for guests\n")
serve(Server6, "::1", b"not for guests\n", private)
watch("127.0.0.1", private)
watch("::1", private)
print(everybody, private, flush=True)
threading.Event().wait()
END
"$python" "$work/server.py" "$host" >"$work/server.out" 2>"$work/server.err" &
server=$!
clean_up() {
    [ "$BASHPID" != $$ ] || { kill "$server" 2>/dev/null; }
    remove_work
}
wait_until 30 test -s "$work/server.out" || skip_all "the server does not come up"
read -r everybody private <"$work/server.out"

# --- what it is for ---------------------------------------------------------------------------

for options in user dhcp; do
    sandbox -N $options -- curl -sS -m 20 "http://$host:$everybody/"
    check_status "-N $options: a file is fetched" 0
    check_stdout "-N $options: with its content" "hello from the host"
done

sandbox -N user,mac=52:54:00:01:02:03 -- sh -c '
    cat /etc/resolv.conf
    cat /sys/class/net/*/address
    cat /proc/net/if_inet6'
check "the name server is that of QEMU" grep -qx "nameserver 10.0.2.3" "$stdout"
check "the hardware address is the one asked for" grep -qx 52:54:00:01:02:03 "$stdout"
check "there is an IPv6 address" grep -q "^fec00000000000000000000000000015" "$stdout"
# The kernel makes that of the link in its own time.
check_equal "and no other but those of link and loopback" "" \
    "$(grep -E '^[0-9a-f]{32} ' "$stdout" | grep -vE '^(fe80|fec00000000000000000000000000015|0{31}1 )')"

sandbox -- sh -c 'ls /sys/class/net; cat /etc/resolv.conf'
check_stdout "without -N there is loopback only" $'lo\n# There is no name server in this sandbox.'

# --- what it must not reach -------------------------------------------------------------------

# By all ways that a program without privileges has: plain sockets, and those bound to the interface.
cat >"$work/attack.py" <<'END'
import os, socket, sys

port = int(sys.argv[1])
targets = sys.argv[2:]
interface = next(n for n in sorted(os.listdir("/sys/class/net")) if n != "lo")
SO_BINDTODEVICE, IP_UNICAST_IF, IPV6_UNICAST_IF = 25, 50, 76
index = socket.if_nametoindex(interface)

def plain(s):
    pass

def to_device(s):
    s.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, interface.encode())

def unicast(s):
    if s.family == socket.AF_INET:
        s.setsockopt(socket.IPPROTO_IP, IP_UNICAST_IF, socket.htonl(index).to_bytes(4, sys.byteorder))
    else:
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_UNICAST_IF, socket.htonl(index).to_bytes(4, sys.byteorder))

for target in targets:
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    for way in plain, to_device, unicast:
        name = "%s %s" % (target, way.__name__)
        try:
            s = socket.socket(family, socket.SOCK_STREAM)
            s.settimeout(3)
            way(s)
            s.connect((target, port))
            s.sendall(b"GET / HTTP/1.0\r\n\r\n")
            if s.recv(1000):
                print("REACHED tcp " + name)
        except OSError as e:
            print("tcp %s: %s" % (name, e), file=sys.stderr)
        try:
            s = socket.socket(family, socket.SOCK_DGRAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            way(s)
            s.sendto(("attack " + name).encode(), (target, port))
        except OSError as e:
            print("udp %s: %s" % (name, e), file=sys.stderr)
print("done")
END
cp "$work/attack.py" "$work/attack"

# The attack works where it may: else it would prove nothing.
sandbox -N user -- "$python" - "$everybody" "$host" <"$work/attack"
check_equal "the attack reaches what may be reached by TCP, in every way" 3 \
    "$(grep -c "^REACHED tcp $host" "$stdout")"
check_equal "and by UDP" 3 "$(grep -c "^udp $host attack $host" "$work/server.err")"
check_equal "on the host, the private server answers" "not for guests" \
    "$(curl -sS "http://127.0.0.1:$private/")"

: >"$work/server.err"
sandbox -N user -- "$python" - "$private" 10.0.2.2 10.0.2.3 10.0.2.4 10.0.2.15 10.0.2.255 127.0.0.1 \
    127.1.2.3 0.0.0.0 255.255.255.255 fec0::2 fec0::3 fec0::ffff ::1 :: ::ffff:127.0.0.1 <"$work/attack"
check_status "the attack on the host's loopback interface runs" 0
check_stdout "it reaches nothing by TCP" done
check_equal "and nothing by UDP" "" "$(cat "$work/server.err")"

# --- what cannot be ---------------------------------------------------------------------------

refused() {
    local name=$1 pattern=$2
    shift 2
    sandbox "$@" -- true
    check_message "$name" 125 "$pattern"
}

refused "a source" "network 0: source: .*no libvirt networks.*qemu:///system" -N source=default
refused "an address" "network 0: address: a user-mode network" -N user,address=10.0.2.16/24
refused "a route" "route needs an address" -N user,route=10.0.0.0/8%10.0.2.2
refused "a filter" "network 0: filter:" -N user,filter=clean-traffic
refused "two in user mode" "one in user mode" -N user -N user
refused "user with a source" "user and source" -N user,source=default
refused "user with a value" "user takes no value" -N user=1
refused "user twice" "user is there twice" -N user,user
refused "an unknown option" "wifi" -N user,wifi
refused "a bad hardware address" "mac" -N user,mac=1:2:3
refused "a group's hardware address" "mac" -N user,mac=01:00:00:00:00:01

# --- saved ------------------------------------------------------------------------------------

run "$VIRT_SANDBOX" -N user --save "$work/saved" -- true
check "user is saved" grep -qx user=true "$work/saved"
run "$VIRT_SANDBOX" --config "$work/saved" --save "$work/again"
check "and saved again the same" cmp "$work/saved" "$work/again"

done_testing
