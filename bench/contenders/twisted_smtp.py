"""Twisted's mail server, which takes everything and keeps nothing, on a port of the system's choice."""
from twisted.internet import defer, reactor
from twisted.internet.protocol import Factory
from twisted.mail import smtp
from zope.interface import implementer


@implementer(smtp.IMessage)
class Discard:
    def lineReceived(self, line):
        pass

    def eomReceived(self):
        return defer.succeed(None)

    def connectionLost(self):
        pass


@implementer(smtp.IMessageDelivery)
class Delivery:
    def receivedHeader(self, helo, origin, recipients):
        return b"Received: by bench"

    def validateFrom(self, helo, origin):
        return origin

    def validateTo(self, user):
        return Discard


class Server(smtp.ESMTP):
    noisy = False

    def connectionMade(self):
        self.transport.setTcpNoDelay(True)
        smtp.ESMTP.connectionMade(self)


class ServerFactory(Factory):
    noisy = False

    def buildProtocol(self, addr):
        protocol = Server()
        protocol.delivery = Delivery()
        protocol.host = b"mx.test"
        return protocol


port = reactor.listenTCP(0, ServerFactory(), backlog=4096, interface="127.0.0.1")
print("ready", port.getHost().port, flush=True)
reactor.run()
