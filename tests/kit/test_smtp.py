"""The mail server of the tests does what its users rely on."""

import smtplib

from tests.kit.smtp import SmtpServer


def test_it_accepts_refuses_and_records() -> None:
    with SmtpServer({"jane@example.com": "250 2.1.5 OK"}) as server:
        with smtplib.SMTP("127.0.0.1", server.port, local_hostname="probe.example") as client:
            client.ehlo()
            client.mail("check@example.org")
            assert client.rcpt("jane@example.com") == (250, b"2.1.5 OK")
            assert client.rcpt("nobody@example.com")[0] == 550
        with smtplib.SMTP("127.0.0.1", server.port, local_hostname="probe.example") as client:
            client.sendmail("check@example.org", ["jane@example.com"], "Subject: x\r\n\r\nHello")
    assert [command.verb for command in server.commands[:4]] == ["EHLO", "MAIL", "RCPT", "RCPT"]
    assert server.asked == ["jane@example.com", "nobody@example.com", "jane@example.com"]
    assert server.connections == 2
    assert [message.rcpt_tos for message in server.messages] == [["jane@example.com"]]


def test_replies_may_be_worked_out() -> None:
    with (
        SmtpServer(lambda address: "250 OK" if address.endswith("@catch-all.example") else "451 4.7.1 Later") as server,
        smtplib.SMTP("127.0.0.1", server.port, local_hostname="probe.example") as client,
    ):
        client.ehlo()
        client.mail("check@example.org")
        assert client.rcpt("any@catch-all.example")[0] == 250
        assert client.rcpt("any@example.com")[0] == 451
