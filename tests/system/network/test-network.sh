#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Interfaces on libvirt networks, made for the test: DHCP, static addresses, routes, filters.
# drivers: lxc system
# seconds: 900

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

python=/usr/bin/python3
for tool in "$python" curl dnsmasq iptables; do
    command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done

one=192.168.157 two=192.168.158 six=fd00:157:

# make_network NAME BRIDGE INNER-XML
make_network() {
    cat >"$work/$1.xml" <<-END
	<network><name>$1</name><forward mode='nat'/><bridge name='$2' stp='off' delay='0'/>$3</network>
	END
    virsh_here net-create "$work/$1.xml" >"$work/$1.log" 2>&1
}

make_network one vsbtest1 "<domain name='one.test'/>
    <ip address='$one.1' netmask='255.255.255.0'>
    <dhcp><range start='$one.100' end='$one.200'><lease expiry='2' unit='minutes'/></range></dhcp></ip>
    <ip family='ipv6' address='$six:1' prefix='64'/>" ||
    skip_all "no libvirt network here: $(tail -n 1 "$work/one.log")"
make_network two vsbtest2 "<ip address='$two.1' netmask='255.255.255.0'/>"

# --- the other side ---------------------------------------------------------------------------

mkdir "$work/www"
echo "hello from the network" >"$work/www/file"
head -c 3000000 /dev/urandom >"$work/www/large"
cat >"$work/server.py" <<'END'
import functools, http.server, socket, sys, threading

class Server6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6

handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
server = Server6(("::", 8000), handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
echo = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
echo.bind(("0.0.0.0", 9000))
print("ready", flush=True)
while True:
    data, sender = echo.recvfrom(2000)
    echo.sendto(data + b" from " + sender[0].encode(), sender)
END
"$python" "$work/server.py" "$work/www" >"$work/server.out" 2>"$work/server.err" &
server=$!
clean_up() {
    [ "$BASHPID" != $$ ] || { kill "$server" 2>/dev/null; }
    remove_work
}
wait_until 30 grep -q ready "$work/server.out" || skip_all "the server does not come up"

# What a program sees of its network, without a tool that the root may not have.
cat >"$work/probe.py" <<'END'
import fcntl, os, socket, struct
for name in sorted(os.listdir("/sys/class/net")):
    try:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        request = struct.pack("256s", name.encode())
        address = socket.inet_ntoa(fcntl.ioctl(s, 0x8915, request)[20:24])
        mask = socket.inet_ntoa(fcntl.ioctl(s, 0x891b, request)[20:24])
        broadcast = socket.inet_ntoa(fcntl.ioctl(s, 0x8919, request)[20:24])
    except OSError:
        address = mask = broadcast = "none"
    mac = open("/sys/class/net/%s/address" % name).read().strip()
    print("%s=%s %s %s" % (mac, address, mask, broadcast))
    up = int(open("/sys/class/net/%s/flags" % name).read(), 16) & 1
    print("%s.up=%d" % (name, up))
print("interfaces=%d" % len(os.listdir("/sys/class/net")))
END

fetch="curl -sS -m 20 http://$one.1:8000/file"

# --- without a network ------------------------------------------------------------------------

sandbox -- sh -c "cat /etc/resolv.conf; $python -; $fetch; echo fetched=\$?" <"$work/probe.py"
check_value "without -N there is one interface" interfaces 1
check_value "which is loopback" "00:00:00:00:00:00" "127.0.0.1 255.0.0.0 0.0.0.0"
check_value "and it is up" lo.up 1
check_value "without -N nothing can be fetched" fetched 7
check_equal "without -N there is no name server" "# There is no name server in this sandbox." "$(head -n 1 "$stdout")"

# --- DHCP -------------------------------------------------------------------------------------

# What takes long is begun here, and looked at when all else is done.
keeper='' lonely=''
if [ "$kind" = container ]; then
    start keeper -N "source=one,dhcp,mac=52:54:00:aa:bb:03" -- sleep 75
    lease() {
        virsh_here net-dhcp-leases one 52:54:00:aa:bb:03 | grep -oE "[0-9]+-[0-9-]+ [0-9:]+" | head -n 1
    }
    wait_until 60 eval '[ -n "$(lease)" ]'
    first=$(lease)
fi
# As a name in the DHCP server's own table: resolv.conf is used by the program.
virsh_here net-update one add dns-host "<host ip='$one.1'><hostname>www.one.test</hostname></host>" \
    >/dev/null 2>&1
mac=52:54:00:aa:bb:01
sandbox -N "source=one,dhcp,mac=$mac" -- bash -c "cat /etc/resolv.conf; $python -
    echo file=\$($fetch)
    exec 3<>/dev/udp/$one.1/9000; echo -n ping >&3; echo udp=\$(head -c 8 <&3)
    curl -sS -m 20 -o /dev/null http://host.one.test:8000/file; echo unknown=\$?
    echo named=\$(curl -sS -m 20 http://www.one.test:8000/file)" <"$work/probe.py"
check_status "DHCP: the probe runs" 0
check "DHCP: an address of the range" grep -qE "^$mac=$one\.1[0-9][0-9] 255.255.255.0 $one.255$" "$stdout"
check "DHCP: the name server" grep -qx "nameserver $one.1" "$stdout"
check "DHCP: the domain" grep -qx "search one.test" "$stdout"
check_value "DHCP: a file is fetched" file "hello from the network"
check_value "DHCP: UDP there and back" udp "ping fro"
check_value "a name that nobody knows is not resolved" unknown 6
check_value "a name is resolved by the network's server" named "hello from the network"

sandbox -N source=one,dhcp -S nobody -- sh -c "curl -sS -m 60 http://$one.1:8000/large | md5sum"
check_stdout "DHCP: a large file is fetched by nobody" "$(md5sum <"$work/www/large")"

lonely_started=$(date +%s)
start lonely -N source=two,dhcp -- true

# --- static addresses -------------------------------------------------------------------------

sandbox -N "source=one,mac=$mac,address=$one.50/24%$one.127" -- bash -c "$python -
    echo file=\$($fetch)
    exec 3<>/dev/udp/$one.1/9000; echo -n x >&3; echo udp=\$(head -c 21 <&3)
    curl -sS -m 5 http://$two.1:8000/file; echo elsewhere=\$?" <"$work/probe.py"
check_value "static: address, mask and broadcast" "$mac" "$one.50 255.255.255.0 $one.127"
check_value "static: a file is fetched" file "hello from the network"
check "static: UDP shows whence" grep -q "^udp=x from $one.50" "$stdout"
check_value "static: without a route elsewhere is not reached" elsewhere 7
sandbox -N "source=one,mac=$mac,address=$one.50/25,route=$two.0/24%$one.1" -- sh -c "$python -
    curl -sS -m 20 http://$two.1:8000/file" <"$work/probe.py"
check_value "static: the usual broadcast" "$mac" "$one.50 255.255.255.128 $one.127"
check "static: with a route it is" grep -qx "hello from the network" "$stdout"
sandbox -N "source=one,address=$six:50/64,route=fd00:99::/64%$six:1" -- \
    sh -c "curl -sS -m 20 'http://[$six:1]:8000/file'; cat /proc/net/ipv6_route"
check "static IPv6: a file is fetched" grep -qx "hello from the network" "$stdout"
check_stdout_matches "static IPv6: the route is there" "^fd0000990000000000000000000000"

# --- several ----------------------------------------------------------------------------------

sandbox -N "source=two,mac=52:54:00:aa:bb:02,address=$two.60/24" -N "source=one,dhcp,mac=$mac" -- \
    "$python" - <"$work/probe.py"
check_value "two interfaces and loopback" interfaces 3
check_value "the first has its address" 52:54:00:aa:bb:02 "$two.60 255.255.255.0 $two.255"
check "the second has its own" grep -qE "^$mac=$one\.1" "$stdout"

# --- filters ----------------------------------------------------------------------------------

cat >"$work/filter.xml" <<'END'
<filter name='sandbox-test-drop' chain='root'>
  <rule action='drop' direction='out' priority='100'><tcp dstportstart='$PORT'/></rule>
</filter>
END
if virsh_here nwfilter-define "$work/filter.xml" >"$work/filter.log" 2>&1; then
    sandbox -N "source=one,address=$one.50/24,filter=sandbox-test-drop,filter.PORT=8000" -- \
        curl -sS -m 5 "http://$one.1:8000/file"
    check_equal "a filter drops what it names" 28 "$status"
    # shellcheck disable=SC2086 # a command and its arguments
    sandbox -N "source=one,address=$one.50/24,filter=sandbox-test-drop,filter.PORT=8001" -- $fetch
    check_stdout "a filter lets other traffic through" "hello from the network"
else
    skip "a filter drops what it names" "no nwfilter: $(tail -n 1 "$work/filter.log")"
fi
sandbox -N source=one,dhcp,filter=no-such-filter -- true
check_message "an unknown filter is refused" 125 "no network filter no-such-filter.*nwfilter-list"

# --- a hostile server -------------------------------------------------------------------------

# Whom it answers is init, which is the same in both.
if [ "$kind" = container ]; then
    rogue=192.168.160
    make_network rogue vsbtest4 "<ip address='$rogue.1' netmask='255.255.255.0'/>"
    # For five seconds it offers addresses and refuses them, then it gives one, for a second, with name servers that are
    # not there; to who asks for that again it only makes offers. It prints how many questions there were.
    cat >"$work/rogue.py" <<'END'
import signal, socket, struct, sys, time

bridge, count, began = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)), 0, 0
bridge.bind((sys.argv[1], 0))
me, given = socket.inet_aton(sys.argv[2] + ".1"), socket.inet_aton(sys.argv[2] + ".77")

def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def answer(query, kind, options=b""):
    message = bytearray(240)
    message[0:3], message[4:8], message[28:34], message[236:240] = b"\2\1\6", query[4:8], query[28:34], b"\x63\x82\x53\x63"
    if kind != 6:
        message[16:20] = given
    message += bytes([53, 1, kind, 54, 4]) + me + bytes([51, 4, 0, 0, 0, 1, 1, 4, 255, 255, 255, 0]) + options + b"\xff"
    datagram = struct.pack("!HHHH", 67, 68, 8 + len(message), 0) + bytes(message)
    header = bytearray(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0, me, b"\xff" * 4))
    header[10:12] = struct.pack("!H", checksum(bytes(header)))
    bridge.send(b"\xff" * 6 + b"\2\0\0\0\0\1\x08\0" + bytes(header) + datagram)

def stop(number, frame):
    print(count, flush=True)
    sys.exit()

signal.signal(signal.SIGTERM, stop)
while True:
    packet = bridge.recv(2000)
    if len(packet) < 282 or packet[23] != 17 or packet[34:38] != struct.pack("!HH", 68, 67):
        continue
    count += 1
    began = began or time.monotonic()
    query = packet[42:]
    asks, renews = query[242] == 1, query[12:16] != bytes(4)
    if renews:
        answer(query, 2)
    elif time.monotonic() - began < 5:
        for kind in (6, 2) if asks else (2, 6):
            answer(query, kind)
    else:
        answer(query, 2 if asks else 5, bytes([6, 16, 127, 0, 0, 1, 0, 0, 0, 0, 224, 0, 0, 251]) + me)
END
    "$python" "$work/rogue.py" vsbtest4 "$rogue" >"$work/rogue.count" 2>"$work/rogue.err" &
    rogue_server=$!
    sandbox -N source=rogue,dhcp -- sh -c 'sleep 13; cat /etc/resolv.conf'
    kill "$rogue_server"
    wait "$rogue_server"
    check_status "a server that refuses what it offers: what it gives in the end is taken" 0
    check_stdout "name servers that can be none are left out" "nameserver $rogue.1"
    check "it is asked now and then only: $(<"$work/rogue.count") times" \
        eval '[ "$(<"$work/rogue.count")" -ge 4 ] && [ "$(<"$work/rogue.count")" -le 20 ]'
    virsh_here net-destroy rogue >"$work/rogue.log" 2>&1
fi

# --- what cannot be ---------------------------------------------------------------------------

sandbox -N source=no-such-network -- true
check_message "an unknown network is refused" 125 "no libvirt network no-such-network.*net-list"
sandbox -N dhcp -- true
check_message "without a source it is the network default" 125 "no libvirt network default"
sed 's/one/stopped/; s/vsbtest1/vsbtest3/; s/\.157\./.159./g; s/fd00:157/fd00:159/' "$work/one.xml" \
    >"$work/stopped.xml"
virsh_here net-define "$work/stopped.xml" >/dev/null 2>&1
sandbox -N source=stopped,dhcp -- true
check_message "a network that is not started is refused" 125 "not started; do: virsh.* net-start stopped"
sandbox -N "source=one,mac=$mac" -N "source=two,mac=$mac" -- true
check_message "a hardware address twice is refused" 125 "mac .* is there twice"
sandbox -N "source=one,address=$one.50/24,route=10.0.0.0/8%$six:1" -- true
check_message "a gateway of another family is refused" 125 "route"
if [ "$kind" = container ]; then
    sandbox -N user -- true
    check_message "user mode in a container is refused" 125 "container has no user-mode network"
else
    sandbox -N user -- "$python" -c 'import socket; print(socket.socket().fileno() > 0)'
    check_stdout "user mode in a machine of the system" True
fi

# --- what took long -----------------------------------------------------------------------------

finish lonely
check_message "no DHCP server: it is said" 125 "DHCP.*no answer within 30 seconds.*address="
check "no DHCP server: after 30 seconds" test $(($(stat -c %Y "$work/lonely.err") - lonely_started)) -lt 75
if [ "$kind" = container ]; then
    finish keeper
    check_status "DHCP: a lease of two minutes is taken" 0
    check "DHCP: and renewed" test -n "$first" -a "$first" != "$(lease)"
fi

done_testing
