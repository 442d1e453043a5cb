"""Servers that speak Redis's protocol and say what a test wants them to be; everything else is real elsewhere."""


def talk(sections):
    """What runs on a connection: INFO answers the section's text, everything else +OK."""

    def run(connection):
        stream = connection.makefile("rb")
        while line := stream.readline():
            count = int(line[1:])
            words = []
            for _ in range(count):
                size = int(stream.readline()[1:])
                words.append(stream.read(size + 2)[:-2].decode())
            if words[0].upper() == "INFO":
                text = sections.get(words[1] if len(words) > 1 else "server", "").encode()
                connection.sendall(b"$%d\r\n%s\r\n" % (len(text), text))
            elif words[0].upper() == "HELLO":
                connection.sendall(b"-ERR unknown command 'HELLO'\r\n")
            else:
                connection.sendall(b"+OK\r\n")

    return run


def server(**facts):
    """The lines of INFO server."""
    return "# Server\r\n" + "".join(f"{name}:{value}\r\n" for name, value in facts.items())
