"""TCP and UDP echo for Twisted, each on a port of the system's choice: `twisted_echo.py tcp`."""
import sys

from twisted.internet import reactor
from twisted.internet.protocol import DatagramProtocol, Factory, Protocol


class Echo(Protocol):
    def connectionMade(self):
        self.transport.setTcpNoDelay(True)

    def dataReceived(self, data):
        self.transport.write(data)


class EchoDatagrams(DatagramProtocol):
    def datagramReceived(self, data, addr):
        self.transport.write(data, addr)


if sys.argv[1] == "tcp":
    port = reactor.listenTCP(0, Factory.forProtocol(Echo), backlog=4096, interface="127.0.0.1")
else:
    port = reactor.listenUDP(0, EchoDatagrams(), interface="127.0.0.1")
print("ready", port.getHost().port, flush=True)
reactor.run()
