"""A model at work over HTTP, and the same model here: images through TLS with tokens, texts, rows, ratings."""

import json

import numpy as np

import metamap
from tests import program
from metamap.examples import png

WRITE, READ = "write-token-of-tests", "read-token-of-tests"


def write_images(folder, images):
    folder.mkdir(parents=True)
    for i, image in enumerate(images):
        (folder / f"{i}.png").write_bytes(png(image))


class ServiceTestCase(program.ProgramTestCase):
    def assert_same(self, actual, expected):
        """Predictions of the service and of numpy."""
        self.assertEqual(len(actual), len(expected))
        for one, other in zip(actual, expected):
            self.assertEqual(one.keys(), other.keys())
            if "value" in one:
                self.assertAlmostEqual(one["value"], other["value"], delta=1e-5 * max(1, abs(other["value"])))
            else:
                self.assertEqual(one["label"], other["label"])
                self.assertEqual(one["probabilities"].keys(), other["probabilities"].keys())
                for label, probability in one["probabilities"].items():
                    self.assertAlmostEqual(probability, other["probabilities"][label], delta=1e-5)


class ImageTests(ServiceTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        random = np.random.default_rng(5)
        for label in range(30):
            write_images(cls.folder / "data" / f"class{label}", random.integers(0, 256, (4, 3, 16, 16), np.uint8))
        cls.file = program.train(
            cls.folder / "pictures", "--dataset", "images", "--data", cls.folder / "data", "--image-size", 16, "--pixel-mean", 0.4, "--pixel-std", 0.3,
            "--algorithm", "protonet", "--model", "conv4", "--filters", 6, "--queries", 2
        )
        program.run("certs", "--out", cls.folder / "certs")
        cls.tokens = cls.folder / "tokens"
        cls.tokens.touch(0o600)
        cls.tokens.write_text(f"# of tests\nwrite {WRITE}\nread {READ}\n")
        cls.url = cls.start("serve", "--file", cls.file, "--http-port", 0, "--tls", cls.folder / "certs", "--tokens", cls.tokens).url
        cls.ca = cls.folder / "certs" / "ca.pem"
        cls.support = {label: random.integers(80 * i, 80 * i + 90, (4, 3, 16, 16), np.uint8) for i, label in enumerate(("zebra", "ape", "é"))}
        cls.query = random.integers(0, 256, (7, 3, 16, 16), np.uint8)

    def client(self, token=WRITE):
        return metamap.Client(self.url, token=token, ca=self.ca)

    def test_images_are_labelled_as_here(self):
        client = self.client()
        self.assertEqual([run["run_id"] for run in client.runs()], ["pictures"])
        self.assertEqual(client.model_info("pictures")["examples"], "image")
        with client.adapt("pictures", self.support) as session:
            self.assertEqual(session.labels, ["ape", "zebra", "é"])
            predicted = session.predict(self.query)
            self.assert_same(session.model().predict(self.query), predicted)
            self.assert_same(metamap.load(self.file).adapt(self.support).predict(self.query), predicted)
            self.assert_same(client.session(session.id).predict([png(image) for image in self.query]), predicted)
        with self.assertRaisesRegex(metamap.MetaMapError, "session") as refused:
            session.predict(self.query)
        self.assertEqual(refused.exception.status, 404)

    def test_files_are_labelled_as_the_command_does(self):
        for label, images in self.support.items():
            write_images(self.folder / "mine" / label, images)
        write_images(self.folder / "others", self.query)
        kept = self.folder / "adapted.safetensors"
        program.run("adapt", "--file", self.file, "--support", self.folder / "mine", "--out", kept)
        lines = [json.loads(line) for line in program.run("predict", "--file", kept, "--query", self.folder / "others", "--json").splitlines()]
        said = [{"label": line["label"], "probabilities": line["probabilities"]} for line in lines]
        self.assert_same(metamap.load(kept).predict(self.query), said)
        with self.client().adapt("pictures", {label: sorted((self.folder / "mine" / label).iterdir()) for label in self.support}) as session:
            self.assert_same(session.predict(sorted((self.folder / "others").iterdir())), said)

    def test_model_is_the_file(self):
        self.assertEqual(self.client(READ).model_file("pictures"), self.file.read_bytes())
        self.assertEqual(self.client(READ).model().parameters.keys(), metamap.load(self.file).parameters.keys())

    def test_tokens_and_authorities_are_asked_for(self):
        self.assert_refused(401, "token", lambda: self.client(token=None).runs())
        self.assert_refused(401, "token", lambda: self.client(token="another-token-of-tests").runs())
        self.assert_refused(403, "read", lambda: self.client(token=READ).adapt("pictures", self.support))
        self.assertEqual(len(metamap.Client(self.url, token_file=self._token_file(), ca=self.ca).runs()), 1)
        self.assert_refused(None, "does not answer", lambda: metamap.Client(self.url, token=READ).runs())
        self.assert_refused(None, "cannot be read", lambda: metamap.Client(self.url, ca=self.folder / "nowhere"))

    def test_refusals_are_sentences(self):
        client = self.client()
        self.assert_refused(404, "There is no run 'x y'", lambda: client.run("x y"))
        self.assert_refused(404, "Version 99 of run pictures is not kept", lambda: client.model("pictures", version=99))
        self.assert_refused(400, "two or more", lambda: client.adapt("pictures", {"a": self.query}))
        self.assert_refused(400, "model reads images", lambda: client.adapt("pictures", {"a": ["text"], "b": ["text"]}))
        self.assert_refused(409, "serves a model file", lambda: client.start_run({}))
        self.assert_refused(None, "expected \\[height, width\\]", lambda: client.adapt("pictures", {"a": [np.zeros(3)]}))
        self.assert_refused(None, "does not answer", lambda: metamap.Client(f"http://127.0.0.1:{program.free_port()}").runs())
        self.assert_refused(None, "expected http", lambda: metamap.Client("file:///etc/passwd"))

    def assert_refused(self, status, reason, call):
        with self.assertRaisesRegex(metamap.MetaMapError, reason) as refused:
            call()
        self.assertEqual(refused.exception.status, status)

    def _token_file(self):
        path = self.folder / "token"
        path.write_text(f"# mine\n{READ}\n")
        return path


class TextTests(ServiceTestCase):
    def test_texts_are_labelled_as_here(self):
        words = "red blue green small round old new fast slow wide cold warm soft loud calm".split()
        data = self.folder / "texts.tsv"
        data.write_text("".join(f"{word}\tthe {word} thing number {i}\n" for word in words for i in range(8)))
        file = program.train(self.folder / "texts", "--dataset", "text", "--data", data, "--ways", 3, "--shots", 2, "--queries", 2, "--buckets", 512)
        client = metamap.Client(self.start("serve", "--file", file, "--http-port", 0).url)
        support = {"bread": ["a loaf of BREAD", "fresh rolls"], "water": ["a glass of water", "Wasser, bitte: ÄÖÜ"], "米": ["一碗米饭", "米飯 please"]}
        texts = ["two loaves", "  more WATER ", "米", "İstanbul", "a", "x" * 3000]
        with client.adapt("texts", support) as session:
            predicted = session.predict(texts)
            self.assert_same(session.model().predict(texts), predicted)
        self.assert_same(metamap.load(file).adapt(support).predict(texts), predicted)


class RowTests(ServiceTestCase):
    def test_values_of_rows_are_those_of_here(self):
        data = self.folder / "table.csv"
        rows = [(f"p{task}", (i * 5 + task) % 12, "red" if i % 3 else "blue", "" if i % 4 == 0 else i, 100 + task + 2 * i) for task in range(20) for i in range(12)]
        data.write_text("plant,x,kind,z,y\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
        file = program.train(self.folder / "table", "--dataset", "csv", "--data", data, "--task-column", "plant", "--target-column", "y", "--shots", 5, "--queries", 5)
        client = metamap.Client(self.start("serve", "--file", file, "--http-port", 0).url)
        support = [{"x": i, "kind": ("red", "blue")[i % 2], "z": None if i == 3 else i, "y": 110 + 2 * i} for i in range(6)]
        asked = [{"x": 4.5, "kind": "red", "z": 1}, {"z": "?", "kind": "blue", "x": 10}, {"x": 2, "kind": "a new word", "z": 3.25}]
        with client.adapt("table", support) as session:
            adapted = session.model()
            self.assert_same(adapted.predict(asked), session.predict(asked))
        with self.assertRaisesRegex(metamap.MetaMapError, "a row has no column kind"):
            adapted.predict([{"x": 1, "z": 2}])
        with self.assertRaisesRegex(metamap.MetaMapError, "'many' in column x, expected a number"):
            adapted.predict([{"x": "many", "z": 2, "kind": "red"}])

    def test_ratings_of_items_are_those_of_here(self):
        data = self.folder / "ratings.csv"
        data.write_text("user,item,rating\n" + "".join(f"u{user},item{(i * 3 + user) % 11},{1 + (i * 2 + user) % 5}\n" for user in range(12) for i in range(8)))
        file = program.train(self.folder / "ratings", "--dataset", "ratings", "--data", data, "--shots", 3, "--queries", 3)
        client = metamap.Client(self.start("serve", "--file", file, "--http-port", 0).url)
        with client.adapt("ratings", [{"item": f"item{i}", "rating": 1 + i} for i in range(4)]) as session:
            items = ["item3", "item10", "nobody's"]
            self.assert_same(session.model().predict(items), session.predict([{"item": item} for item in items]))
