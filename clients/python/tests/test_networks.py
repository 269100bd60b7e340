"""The networks compute what MetaMap's own compute; ``tests/Interchange.Tests`` writes models and what comes of them."""

import os
import pathlib
import unittest

import numpy as np

import metamap
from metamap import networks, safetensors
from metamap.ngrams import buckets_of

CASES = os.environ.get("METAMAP_CASES")


def log_probabilities(logits):
    logits = np.asarray(logits, np.float64) - logits.max(1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(1, keepdims=True))


def examples_of(model, inputs):
    """Inputs as what people have: texts for tokens, images with values from 0 to 1."""
    if "tokens" in model.inputs.shape:
        return ["".join(chr(int(token) - 1) for token in row if token) for row in inputs]
    return list(inputs * model.options["pixel_std"] + model.options["pixel_mean"])


@unittest.skipUnless(CASES, "needs METAMAP_CASES: run ./metamap test --filter FullyQualifiedName~Interchange.Tests")
class NetworkTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cases = []
        for path in sorted(pathlib.Path(CASES).glob("*.expected.safetensors")):
            name = path.name.removesuffix(".expected.safetensors")
            model, adapted = (metamap.load(path.with_name(f"{name}.{kind}.safetensors")) for kind in ("model", "adapted"))
            cls.cases.append((name, model, adapted, safetensors.read(path)[0]))

    def of_algorithm(self, *algorithms):
        found = [case for case in self.cases if case[1].options["algorithm"] in algorithms]
        self.assertEqual({case[1].options["algorithm"] for case in found}, set(algorithms))
        return found

    def assert_same(self, actual, expected):
        self.assertEqual(actual.shape, expected.shape)
        np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5)

    def test_cases_are_of_every_network_and_head(self):
        self.assertEqual({model.network for _, model, *_ in self.cases}, set(networks.FEATURES))
        adapted = [adapted for _, _, adapted, _ in self.cases]
        self.assertTrue(any(model.unit_features for model in adapted))
        self.assertTrue(any(model.modulation is not None for model in adapted))
        self.assertTrue(any(model.skip_weight is not None for model in adapted))
        self.assertTrue(any(model.statistics for model in adapted))

    def test_adapted_model_has_the_same_logits(self):
        for name, _, adapted, expected in self.cases:
            with self.subTest(name):
                self.assert_same(adapted.logits(expected["query"]), expected["adapted"])

    def test_meta_model_has_the_same_logits_by_the_statistics_of_the_batch(self):
        for name, model, _, expected in self.of_algorithm("maml", "maml++", "supervised"):
            with self.subTest(name):
                self.assert_same(model.logits(expected["query"]), expected["transductive"])

    def test_meta_model_has_the_same_logits_by_the_statistics_of_the_support_set(self):
        for name, model, _, expected in self.of_algorithm("maml"):
            with self.subTest(name):
                self.assert_same(model.logits(expected["query"], model.statistics_of(expected["support"])), expected["inductive"])

    def test_closed_forms_adapt_as_metamap_does(self):
        for name, model, adapted, expected in self.of_algorithm("protonet", "feature-offset", "supervised"):
            with self.subTest(name):
                rows = np.split(expected["support"], 3)
                own = model.adapt({f"label {i}": examples_of(model, examples) for i, examples in enumerate(rows)})
                self.assert_same(log_probabilities(own.logits(expected["query"])), log_probabilities(expected["adapted"]))
                self.assertEqual(own.labels, adapted.labels)
                predicted = own.predict(examples_of(model, expected["query"]))
                self.assertEqual([row["label"] for row in predicted], [own.labels[i] for i in expected["adapted"].argmax(1)])

    def test_what_needs_an_inner_loop_is_refused(self):
        _, model, *_ = self.of_algorithm("maml")[0]
        with self.assertRaisesRegex(metamap.MetaMapError, "a model of maml on noise has no closed form .* metamap adapt"):
            model.adapt({"a": [], "b": []})
        with self.assertRaisesRegex(metamap.MetaMapError, "knows no labels"):
            model.predict([])
        with self.assertRaisesRegex(metamap.MetaMapError, r"the inputs are \[2, 3\], but the model reads \[inputs, 2, 19, 17\]"):
            model.logits(np.zeros((2, 3)))

    def test_head_that_is_not_there_is_named(self):
        _, model, *_ = self.of_algorithm("protonet")[0]
        with self.assertRaisesRegex(metamap.MetaMapError, "a model of protonet has no head of its own"):
            model.logits(np.zeros((1, *model.inputs.sizes)))


class NGramTests(unittest.TestCase):
    def test_text_of_letters_has_two_to_four_characters_in_lower_case(self):
        def buckets(text):
            return sorted(buckets_of(np.array([ord(c) + 1 for c in text] + [0, 7]), 1 << 30))

        self.assertEqual(len(buckets("abcde")), 4 + 3 + 2)
        self.assertEqual(buckets("ABCDE"), buckets("abcde"))
        self.assertEqual(len(buckets("a")), 1)
        self.assertEqual(len(buckets("日本語")), 3 + 2)
        self.assertEqual(len(buckets("")), 0)
