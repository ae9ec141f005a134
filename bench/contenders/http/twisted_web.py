"""twisted.web on a port of the system's choice: `twisted_web.py hello`, or `twisted_web.py files FOLDER`."""
import sys

from twisted.internet import reactor
from twisted.web.resource import Resource
from twisted.web.server import Site
from twisted.web.static import File


class Hello(Resource):
    isLeaf = True

    def render_GET(self, request):
        request.setHeader(b"content-type", b"text/plain;charset=UTF-8")
        return b"Hello, world!\n"


root = Hello() if sys.argv[1] == "hello" else File(sys.argv[2])
port = reactor.listenTCP(0, Site(root, timeout=75), backlog=4096, interface="127.0.0.1")
print("ready", port.getHost().port, flush=True)
reactor.run()
