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

# --- what it is made of -----------------------------------------------------------------------

# A passt that fails is found before this host's own.
mkdir "$work/no-passt"
printf '#!/bin/sh\nexit 1\n' >"$work/no-passt/passt"
chmod 755 "$work/no-passt" "$work/no-passt/passt"

# sandbox_by passt|SLIRP [OPTIONS] PROGRAM…
sandbox_by() {
    local network=$1
    shift
    if [ "$network" = SLIRP ]; then
        PATH=$work/no-passt:$PATH sandbox "$@"
    else
        sandbox "$@"
    fi
}

# First as it is: a daemon that is started for it keeps the PATH that it was started with.
sandbox -v -N user -- true
check_status "with what this host has there is a network" 0
chosen=$(sed -n 's/.*the user-mode network is //p' "$stderr")
check "it says which, and if not passt why" grep -qxE "passt|SLIRP: .+" <<<"$chosen"

# --- what it is for ---------------------------------------------------------------------------

check_use() {
    local network=$1
    sandbox_by "$network" -v -N dhcp -- curl -sS -m 20 "http://$host:$everybody/"
    check_status "$network: -N dhcp: a file is fetched" 0
    check_stdout "$network: -N dhcp: with its content" "hello from the host"
    [ "$network" = passt ] ||
        check "where passt does not start it is SLIRP" grep -q "user-mode network is SLIRP: ." "$stderr"
    sandbox_by "$network" -N user,mac=52:54:00:01:02:03 -- sh -c '
        echo "file=$(curl -sS -m 20 "$0")"
        cat /etc/resolv.conf
        cat /sys/class/net/*/address
        cat /proc/net/fib_trie
        cat /proc/net/if_inet6' "http://$host:$everybody/"
    check_value "$network: -N user: a file is fetched" file "hello from the host"
    check "$network: the hardware address is the one asked for" grep -qx 52:54:00:01:02:03 "$stdout"
    check "$network: the address is known" grep -q -- "-- 10.0.2.15$" "$stdout"
}

# The kernel makes that of the link in its own time.
other_addresses() {
    grep -E '^[0-9a-f]{32} ' "$stdout" | grep -vE '^(fe80|0{31}1 )'
}

check_use SLIRP
check "the name server is that of QEMU" grep -qx "nameserver 10.0.2.3" "$stdout"
check_equal "SLIRP: there is an IPv6 address, and no other but those of link and loopback" \
    fec00000000000000000000000000015 "$(other_addresses | cut -d ' ' -f 1)"

if [ "$chosen" = passt ]; then
    check_use passt
    check "passt: there are name servers" grep -q "^nameserver [1-9]" "$stdout"
    check_equal "passt: they are the host's" "" "$(sed -n 's/^nameserver //p' "$stdout" | while read -r server; do
        grep -qsE "^nameserver[[:blank:]]+${server//./\\.}([[:blank:]]|$)" /etc/resolv.conf \
            /run/systemd/resolve/resolv.conf || echo "$server"
    done)"
    check_equal "passt: there is no IPv6 address but those of link and loopback" "" "$(other_addresses)"
else
    skip "passt: the same" "$chosen"
fi

# With a resolv.conf of the test's own, seen by nobody else.
if [ "$DRIVER" = embed ]; then
    printf 'search example.org sub.example.org\nnameserver 192.0.2.1\n' >"$work/resolv.conf"
    run unshare -m --propagation private sh -c 'mount --bind "$0" "$(realpath /etc/resolv.conf)" && exec "$@"' \
        "$work/resolv.conf" "$VIRT_SANDBOX" "${connect[@]}" -N user -- cat /etc/resolv.conf
    check_stdout_matches "short names are looked for where the host does" '^search example.org sub.example.org$'
fi

sandbox -- sh -c 'ls /sys/class/net; cat /etc/resolv.conf'
check_stdout "without -N there is loopback only" $'lo\n# There is no name server in this sandbox.'

# --- what is left -----------------------------------------------------------------------------

# By the name of its socket, which for QEMU is only part of an argument.
no_passt_of() {
    ! grep -lzE "^/.*-$1-net0\.socket\$" /proc/[0-9]*/cmdline 2>/dev/null | grep -q .
}

if [ "$chosen" = passt ]; then
    name=passt-$$
    start killed -n "$name" -N user -- sh -c 'echo up; exec sleep 600'
    wait_for_output killed up
    no_passt_of "$name"
    check_equal "passt runs beside the machine" 1 $?
    check "passt: a killed caller takes the machine along" kill_caller killed "$name"
    check "and passt" wait_until 5 no_passt_of "$name"
    sandbox -n "$name" -N user -- true
    check_status "passt: the name can be used again" 0
    check "passt: it ends with the program" no_passt_of "$name"
else
    skip "passt: nothing is left of it" "$chosen"
fi

# --- what it must not reach -------------------------------------------------------------------

# By all ways that a program without privileges has: plain sockets, and those bound to the interface.
cat >"$work/attack.py" <<'END'
import concurrent.futures, os, socket, sys

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

def attack(target, way):
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    name = "%s %s" % (target, way.__name__)
    lines = []
    try:
        s = socket.socket(family, socket.SOCK_STREAM)
        s.settimeout(6)
        way(s)
        s.connect((target, port))
        s.sendall(b"GET / HTTP/1.0\r\n\r\n")
        if s.recv(1000):
            lines.append("REACHED tcp " + name)
    except OSError as e:
        print("tcp %s: %s" % (name, e), file=sys.stderr)
    try:
        s = socket.socket(family, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        way(s)
        s.sendto(("attack " + name).encode(), (target, port))
    except OSError as e:
        print("udp %s: %s" % (name, e), file=sys.stderr)
    return lines

# All at once: those that are not answered take all of their seconds.
with concurrent.futures.ThreadPoolExecutor(100) as threads:
    for attempt in [threads.submit(attack, target, way) for target in targets for way in (plain, to_device, unicast)]:
        for line in attempt.result():
            print(line)
print("done")
END
cp "$work/attack.py" "$work/attack"


# By the way that a program with privileges has: frames of its own.
cat >"$work/frames" <<'END'
import os, socket, struct, sys, time

port = int(sys.argv[1])
interface = next(n for n in sorted(os.listdir("/sys/class/net")) if n != "lo")
with open("/sys/class/net/%s/address" % interface) as f:
    source = bytes.fromhex(f.read().strip().replace(":", ""))
packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
packets.bind((interface, 0))

def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total >> 16) + (total & 0xffff)
    return ~total & 0xffff

def send(router, target):
    text = ("frame " + target).encode()
    udp = struct.pack("!HHHH", 4000, port, 8 + len(text), 0) + text
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0,
                       socket.inet_aton("10.0.2.15"), socket.inet_aton(target))
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    packets.send(router + source + b"\x08\x00" + head + udp)

# Both answer for all addresses of hardware, SLIRP for its own in particular.
for target in sys.argv[2:]:
    for router in b"\x52\x55\x0a\x00\x02\x02", b"\x52\x54\x00\xff\xff\xff":
        send(router, target)
        time.sleep(0.1)
time.sleep(1)
print("done")
END

attack_by() {
    local network=$1
    local router
    router=$(ip -4 route show default | awk '{print $3; exit}')
    # The attack works where it may: else it would prove nothing.
    : >"$work/server.err"
    sandbox_by "$network" -N user -- "$python" - "$everybody" "$host" <"$work/attack"
    check_equal "$network: the attack reaches what may be reached by TCP, in every way" 3 \
        "$(grep -c "^REACHED tcp $host" "$stdout")"
    check_equal "$network: and by UDP" 3 "$(grep -c "^udp $host attack $host" "$work/server.err")"
    check_equal "on the host, the private server answers" "not for guests" \
        "$(curl -sS "http://127.0.0.1:$private/")"

    : >"$work/server.err"
    sandbox_by "$network" -N user -- "$python" - "$private" 10.0.2.2 10.0.2.3 10.0.2.4 10.0.2.15 10.0.2.255 \
        127.0.0.1 127.1.2.3 0.0.0.0 255.255.255.255 fec0::2 fec0::3 fec0::ffff ::1 :: ::ffff:127.0.0.1 \
        169.254.2.2 ${router:+"$router"} <"$work/attack"
    check_status "$network: the attack on the host's loopback interface runs" 0
    check_stdout "$network: it reaches nothing by TCP" 'done'
    check_equal "$network: and nothing by UDP" "" "$(cat "$work/server.err")"

    sandbox_by "$network" -p -N user -- "$python" - "$everybody" "$host" <"$work/frames"
    check "$network: the attack with privileges reaches what may be reached" \
        grep -qx "udp $host frame $host" "$work/server.err"
    : >"$work/server.err"
    sandbox_by "$network" -p -N user -- "$python" - "$private" 10.0.2.2 127.0.0.1 0.0.0.0 255.255.255.255 \
        169.254.2.2 ${router:+"$router"} <"$work/frames"
    check_stdout "$network: the attack with privileges runs" 'done'
}

# QEMU and passt are started the same way in a session of libvirt's own.
if [ "$DRIVER" != session ]; then
    # A part of QEMU, whoever runs it.
    if [ "$DRIVER" = embed ]; then
        attack_by SLIRP
        # This is what docs/network.md warns of; it also shows that the attack works.
        check "SLIRP: with privileges it reaches the host's loopback interface" \
            grep -qx "udp 127.0.0.1 frame 10.0.2.2" "$work/server.err"
    fi
    if [ "$chosen" = passt ]; then
        attack_by passt
        check_equal "passt: with privileges it reaches nothing either" "" "$(cat "$work/server.err")"
    else
        skip "passt: what it must not reach" "$chosen"
    fi
fi

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
