import io
import tempfile
import unittest
from datetime import UTC, datetime
from pathlib import Path

from support import settings

from cloud.calls import Call, read_call
from cloud.faults import Faults
from cloud.front import nginx_conf
from cloud.past_answers import Answer, PastAnswers
from cloud.refusals import throttled, wrong_clock
from cloud.settings import FAULTS_DIRECTORY


class FaultsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.faults = Faults(self.folder.name)

    def test_there_are_none_before_the_lab_driver_injects_one(self):
        self.assertEqual(Faults("/no/such/folder").of("10.80.0.5"), [])

    def test_a_fault_strikes_the_node_it_names_and_no_other(self):
        Path(self.folder.name, "api-slow-10.80.0.5").touch()
        self.assertEqual(self.faults.of("10.80.0.5"), ["api-slow"])
        self.assertEqual(self.faults.of("10.80.0.50"), [])

    def test_a_node_may_be_struck_by_several(self):
        for fault in ("api-throttled", "api-slow"):
            Path(self.folder.name, f"{fault}-10.80.0.5").touch()
        self.assertEqual(self.faults.of("10.80.0.5"), ["api-slow", "api-throttled"])

    def test_a_fault_ends_when_its_file_goes(self):
        mark = Path(self.folder.name, "api-throttled-10.80.0.5")
        mark.touch()
        mark.unlink()
        self.assertEqual(self.faults.of("10.80.0.5"), [])


class FaultyFrontTest(unittest.TestCase):
    def test_s3_looks_for_its_faults_by_the_callers_address(self):
        text = nginx_conf(settings())
        for fault in ("s3-slow", "s3-503"):
            self.assertIn(f"if (-f {FAULTS_DIRECTORY}/{fault}-$remote_addr)", text)

    def test_a_registry_without_a_fault_has_no_limit(self):
        self.assertIn("limit_req_zone $slow zone=slow:1m rate=2r/s;", nginx_conf(settings()))
        self.assertIn('set $slow "";', nginx_conf(settings()))


class PastAnswersTest(unittest.TestCase):
    def setUp(self):
        self.now = 0.0
        self.past = PastAnswers(lambda: self.now)

    def asks(self, answer=None, **parameters):
        call = Call("ec2", "DescribeAddresses", parameters, None, None, "10.80.0.5")
        if answer:
            self.past.keep(call, Answer("200 OK", [], answer))
        found = self.past.of(call)
        return found and found.body

    def moves(self):
        self.past.keep(Call("ec2", "AssociateAddress", {}, None, None, "10.80.0.5"), Answer("200 OK", [], b""))

    def test_after_a_move_the_answer_is_the_one_from_before_it_for_ten_seconds(self):
        self.assertIsNone(self.asks(b"at a"))
        self.moves()
        self.assertEqual(self.asks(b"at b"), b"at a")
        self.now = 9.9
        self.assertEqual(self.asks(), b"at a")
        self.now = 10
        self.assertIsNone(self.asks())

    def test_what_was_never_asked_has_no_past(self):
        self.asks(b"at a", tag="one")
        self.moves()
        self.assertIsNone(self.asks(tag="another"))

    def test_a_second_move_shows_the_state_between_both(self):
        self.asks(b"at a")
        self.moves()
        self.asks(b"at b")
        self.moves()
        self.assertEqual(self.asks(), b"at b")


class WordsTest(unittest.TestCase):
    def test_each_service_has_its_own_word_for_too_many_calls(self):
        words = {"ec2": "RequestLimitExceeded", "s3": "SlowDown", "sts": "Throttling", "ssm": "ThrottlingException"}
        for service, word in words.items():
            self.assertIn(word, throttled(service).body)

    def test_each_service_has_its_own_word_for_a_wrong_clock(self):
        words = {
            "ec2": "RequestExpired",
            "s3": "RequestTimeTooSkewed",
            "iam": "SignatureDoesNotMatch",
            "ssm": "InvalidSignatureException",
        }
        for service, word in words.items():
            self.assertIn(word, wrong_clock(service).body)


class SignedAtTest(unittest.TestCase):
    def signed_at(self, **headers):
        return read_call({"wsgi.input": io.BytesIO(), "REQUEST_METHOD": "GET", "PATH_INFO": "/", **headers}).signed_at

    def test_a_call_tells_the_callers_clock(self):
        self.assertEqual(
            self.signed_at(HTTP_X_AMZ_DATE="20261122T114125Z"), datetime(2026, 11, 22, 11, 41, 25, tzinfo=UTC)
        )

    def test_a_call_may_leave_it_out(self):
        self.assertIsNone(self.signed_at())


if __name__ == "__main__":
    unittest.main()
