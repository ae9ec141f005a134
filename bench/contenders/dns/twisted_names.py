"""twisted.names with a number of services in its zone, on UDP and TCP: twisted_names.py SERVICES."""

import socket
import sys

from twisted.internet import reactor
from twisted.names import authority, dns, server

services = int(sys.argv[1])


class Zone(authority.FileAuthority):
    def loadFile(self, filename):
        soa = dns.Record_SOA(mname="ns.bench.test", rname="hostmaster.bench.test", serial=1, ttl=5)
        self.soa = (b"bench.test", soa)
        self.records = {b"bench.test": [soa]}
        for i in range(services):
            address = f"10.0.{i >> 8}.{i & 255}"
            host = f"{address.replace('.', '-')}.ip4.bench.test".encode()
            self.records[f"s{i}.bench.test".encode()] = [
                dns.Record_SRV(priority=0, weight=1, port=8080, target=host, ttl=5),
                dns.Record_A(address=address, ttl=5),
            ]
            self.records[host] = [dns.Record_A(address=address, ttl=5)]


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
factory = server.DNSServerFactory(authorities=[Zone("")])
reactor.listenUDP(port, dns.DNSDatagramProtocol(controller=factory), interface="127.0.0.1")
reactor.listenTCP(port, factory, interface="127.0.0.1")
reactor.callWhenRunning(lambda: print(f"ready {port}", flush=True))
reactor.run()
