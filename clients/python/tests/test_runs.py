"""Runs of a coordinator with a worker: started from parameters of one's own, watched, fetched, steered."""

import numpy as np

import metamap
from tests import program

OPTIONS = {"dataset": "noise", "size": 16, "classes": 40, "model": "conv4", "filters": 4, "iterations": 3, "meta_batch": 2, "eval_episodes": 0}


class RunTests(program.ProgramTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        port = program.free_port()
        cls.client = metamap.Client(cls.start("coordinator", "--no-run", "--runs", cls.folder / "runs", "--port", port, "--http-port", 0).url)
        cls.start("worker", "--coordinator", f"127.0.0.1:{port}", "--threads", 1)

    def test_run_from_parameters_of_ones_own_is_watched_and_fetched(self):
        random = np.random.default_rng(3)
        own = {f"encoder.{i - 1}.weight": random.normal(0, 0.1, (4, 1 if i == 1 else 4, 3, 3)) for i in range(1, 5)}
        start = self.folder / "start.safetensors"
        metamap.save_parameters(start, own, names={f"encoder.{i - 1}": f"conv{i}" for i in range(1, 5)})
        run = self.client.start_run(OPTIONS, name="mine", init=start)
        self.assertEqual((run["run_id"], run["iterations"]), ("mine", 3))
        self.assertEqual(self.client.wait("mine")["status"], "finished")
        first = self.client.model("mine", version=0)
        for i in range(1, 5):
            np.testing.assert_array_equal(first.parameters[f"conv{i}.weight"], own[f"encoder.{i - 1}.weight"].astype(np.float32))
        last = self.client.model("mine")
        self.assertEqual((last.version, last.options["filters"]), (3, 4))
        self.assertEqual(last.logits(np.zeros((2, 1, 16, 16))).shape, (2, 5))
        measures = list(self.client.metrics("mine"))
        self.assertEqual([measure["iteration"] for measure in measures], [1, 2, 3])
        events = list(self.client.events("mine", start=0))
        self.assertEqual([data["iteration"] for event, data in events if event == "iteration"], [1, 2, 3])
        self.assertEqual(events[-1][1]["status"], "finished")
        self.assertEqual(len(self.client.workers()), 1)
        self.client.delete("mine")
        self.assertEqual([one["run_id"] for one in self.client.runs() if one["run_id"] == "mine"], [])

    def test_run_is_paused_resumed_and_stopped(self):
        self.client.start_run({**OPTIONS, "iterations": 1_000_000}, name="long")
        self.assertEqual(next(event for event, _ in self.client.events("long") if event == "iteration"), "iteration")
        self.assertEqual(self.client.evaluate("long", episodes=10)["test_episodes"], 10)
        self.assertEqual(self.client.pause("long")["status"], "paused")
        self.assertEqual(self.client.wait("long")["status"], "paused")
        self.assertEqual(self.client.resume("long")["status"], "training")
        self.assertEqual(self.client.stop("long")["status"], "stopped")

    def test_run_that_cannot_be_is_refused(self):
        with self.assertRaisesRegex(metamap.MetaMapError, "filters") as refused:
            self.client.start_run({**OPTIONS, "filters": 0})
        self.assertEqual(refused.exception.status, 400)
