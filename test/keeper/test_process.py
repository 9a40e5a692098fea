"""The keeper as a process: restarts, its state, its end, its config."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

from world import PYTHON, KeeperCase, eventually

import eip_keeper


class Restarts(KeeperCase):
    def test_a_restarted_keeper_knows_that_it_is_master(self):
        self.a.start()
        self.a.becomes_holder()
        self.a.stop()
        self.b.steals()
        self.a.start()
        eventually("the address comes back", self.a.holds)

    def test_what_keepalived_says_while_the_keeper_is_down_is_heard_later(self):
        self.a.start(interval_sec=60)
        self.a.stop()
        self.a.says("BACKUP", "MASTER")
        self.a.start(interval_sec=60)
        eventually("the address moves", self.a.holds)

    def test_a_restarted_keeper_does_not_believe_the_word_of_an_older_keepalived(self):
        self.a.start()
        self.a.becomes_holder()
        self.a.stop()
        self.a.kill_keepalived()
        self.a.start_keepalived()
        self.b.steals()
        self.a.start()
        self.assertIn("event=started instance=service vrrp=BACKUP", self.a.log())
        self.holds_for(0.7, "the address stays", self.b.holds)

    def test_a_keepalived_that_dies_without_a_word_is_no_longer_master(self):
        self.a.start()
        self.a.becomes_holder()
        self.a.kill_keepalived()
        eventually("the keeper saw it", lambda: "state=STOP was=MASTER" in self.a.log())
        self.b.steals()
        self.holds_for(0.7, "the address stays", self.b.holds)

    def test_a_fifo_that_was_removed_ends_the_keeper_so_that_its_restart_opens_the_new_one(self):
        self.a.start()
        self.a.fifo.unlink()
        self.assertEqual(self.a.keeper.wait(4), 1)
        self.assertIn("fifo-removed", self.a.log())

    def test_it_waits_idly_while_keepalived_has_not_opened_the_fifo(self):
        self.a.start(interval_sec=60)
        os.close(self.a.fifo_fd)
        self.a.fifo_fd = None
        begun = self.cpu_ticks()
        time.sleep(1)
        self.assertLess(self.cpu_ticks() - begun, 20)

    def cpu_ticks(self):
        """Processor time of the keeper in hundredths of a second, see proc(5)."""
        fields = pathlib.Path(f"/proc/{self.a.keeper.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def test_the_fifo_is_private(self):
        self.a.start()
        self.assertEqual(self.a.fifo.stat().st_mode & 0o777, 0o600)

    def test_a_termination_signal_ends_it_at_once_even_amid_a_call(self):
        self.a.start(interval_sec=60)
        self.a.api.spoil("AssociateAddress", "slow", 1)
        self.a.says("MASTER")
        eventually("the call is under way", lambda: self.a.api.count("AssociateAddress") == 1)
        begun = time.monotonic()
        self.assertEqual(self.a.stop(), -signal.SIGTERM)
        self.assertLess(time.monotonic() - begun, 0.5)


class ConfigFaults(unittest.TestCase):
    GOOD = {
        "region": "eu-west-1",
        "cluster": "c",
        "addressRole": "service-address",
        "instance": "service",
        "fifo": "/run/eip-keeper/vrrp.fifo",
        "healthUrl": "http://127.0.0.1/healthz",
        "peerUrl": "http://{peer}/master",
        "masterFile": "/run/eip-keeper/master",
        "reconcileIntervalSec": 5,
        "apiTimeoutSec": 3,
    }

    def test_what_is_not_given_has_a_default(self):
        config = eip_keeper.parse_config(json.dumps(self.GOOD))
        self.assertEqual(config.keepalived_pid_file, "/run/keepalived.pid")
        self.assertEqual(config.api_timeout_sec, 3)

    def test_every_fault_is_named(self):
        bad = {
            "region": "",
            "cluster": 7,
            "fifo": "run/fifo",
            "healthUrl": "127.0.0.1:8080",
            "peerUrl": "https://{peer}/master",
            "masterFile": "master",
            "reconcileIntervalSec": 0,
            "apiTimeoutSec": "3",
            "stateFile": None,
            "colour": "blue",
        }
        with self.assertRaises(ValueError) as caught:
            eip_keeper.parse_config(json.dumps(bad))
        faults = str(caught.exception).split("; ")
        self.assertEqual({fault.split(":")[0] for fault in faults}, {*bad, "addressRole", "instance"})
        self.assertIn('apiTimeoutSec: must be a number of seconds above 0, got "3"', faults)
        self.assertIn("instance: missing, must be text that is not empty", faults)

    def test_a_bad_config_ends_the_process_with_code_2(self):
        for text, message in (("{", "Expecting"), ("[]", "JSON object"), ("{}", "region: missing")):
            with self.subTest(text):
                self.assertIn(message, self.run_with(text))

    def test_a_file_is_checked_without_being_used(self):
        checked = self.checked(json.dumps(self.GOOD))
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        self.assertFalse(os.path.exists(self.GOOD["fifo"]))

    def test_a_bad_file_that_is_checked_is_told_with_code_2(self):
        checked = self.checked(json.dumps({**self.GOOD, "reconcileIntervalSec": "5s"}))
        self.assertEqual(checked.returncode, 2)
        self.assertIn('reconcileIntervalSec: must be a number of seconds above 0, got \\"5s\\"', checked.stderr)

    def test_a_file_in_the_place_of_the_fifo_ends_the_process_with_code_2(self):
        self.assertIn("is not a FIFO", self.run_with(json.dumps({**self.GOOD, "fifo": __file__})))

    def run_with(self, text):
        ended = self.ended("--config", text)
        self.assertEqual(ended.returncode, 2, ended.stderr)
        self.assertIn("event=bad-config", ended.stderr)
        return ended.stderr

    def checked(self, text):
        return self.ended("--check", text)

    def ended(self, option, text):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(text)
            file.flush()
            command = [PYTHON, pathlib.Path(eip_keeper.__file__), option, file.name]
            return subprocess.run(command, capture_output=True, text=True, timeout=10)
