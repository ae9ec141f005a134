"""Ten echo listeners for twistd."""
from twisted.application import internet, service
from twisted.internet import protocol, reactor


class Echo(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data)


application = service.Application("ten")
for _ in range(10):
    internet.TCPServer(0, protocol.Factory.forProtocol(Echo), interface="127.0.0.1").setServiceParent(application)
reactor.callWhenRunning(lambda: print("ready", flush=True))
