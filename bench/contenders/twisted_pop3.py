"""Twisted's POP3 server on its Maildir, on a port of the system's choice: twisted_pop3.py FOLDER."""
import os
import sys
from hashlib import md5

from twisted.internet import reactor
from twisted.internet.protocol import Factory
from twisted.mail import maildir, pop3


class Mailbox(maildir.MaildirMailbox):
    # As they are in twisted.mail, these two have been left behind by Python 3.
    def getMessage(self, i):
        return open(self.list[i], "rb")

    def getUidl(self, i):
        return md5(os.path.basename(self.list[i]).encode()).hexdigest().encode()


class Server(pop3.POP3):
    noisy = False

    def authenticateUserPASS(self, user, password):
        return pop3.IMailbox, Mailbox(os.path.join(sys.argv[1], "inbox")), lambda: None

    def connectionMade(self):
        self.transport.setTcpNoDelay(True)
        pop3.POP3.connectionMade(self)


port = reactor.listenTCP(0, Factory.forProtocol(Server), interface="127.0.0.1")
port.factory.noisy = False
print("ready", port.getHost().port, flush=True)
reactor.run()
