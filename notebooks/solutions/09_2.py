"""Close all open sessions of a client, and count them."""


def stop_all(client):
    open_sessions = client.sessions
    for session in open_sessions:
        session.close()
    return len(open_sessions)


answer = stop_all
