"""Small Python programs that tests put under rules; each is told a port of this machine."""

CONNECT = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)"

#: Connects again and again, and tells of each change of the outcome.
INSIST = """
import socket, sys, time
last = None
while True:
    try:
        socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5).close()
        now = 'allowed'
    except PermissionError:
        now = 'rejected'
    if now != last:
        print(now, flush=True)
        last = now
    time.sleep(0.005)
"""
