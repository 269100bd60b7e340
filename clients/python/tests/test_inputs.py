"""From examples to inputs, and to what is sent."""

import unittest
import zlib

import numpy as np

from metamap import MetaMapError
from metamap.examples import png, query_body, support_body
from metamap.inputs import Inputs


class ImageTests(unittest.TestCase):
    inputs = Inputs("1x2x3", 0, {"dataset": "images", "pixel_mean": 0.5, "pixel_std": 0.25})

    def test_images_of_bytes_and_of_floats_are_the_same(self):
        image = np.array([[0, 51, 255], [102, 153, 204]], np.uint8)
        expected = [[[-2, -1.2, 2], [-0.4, 0.4, 1.2]]]
        for one in (image, image / 255, image[None], (image / 255).tolist()):
            np.testing.assert_allclose(self.inputs([one]), [expected], atol=1e-6)

    def test_images_that_do_not_fit_are_refused(self):
        for images, reason in (
            ([], "there are no examples"), ([np.zeros((3, 2))], r"the inputs are \[1, 1, 3, 2\], but the model reads \[inputs, 1, 2, 3\]"),
            ([np.zeros((2, 3)), np.zeros((4, 4))], r"the images are \[2, 3\] and \[4, 4\], but the model reads those of 1x2x3"),
        ):
            with self.subTest(reason), self.assertRaisesRegex(MetaMapError, reason):
                self.inputs(images)

    def test_png_has_the_pixels(self):
        for shape in ((2, 3), (1, 2, 3), (3, 2, 3)):
            image = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
            file = png(image)
            length, data = int.from_bytes(file[33:37], "big"), file[41:]
            rows = np.frombuffer(zlib.decompress(data[:length]), np.uint8).reshape(2, -1)[:, 1:]
            np.testing.assert_array_equal(rows.reshape(2, 3, -1), image.reshape(-1, 2, 3).transpose(1, 2, 0))


class OtherInputsTests(unittest.TestCase):
    def test_texts_become_tokens(self):
        characters = Inputs("tokens 4 of 1114113", 0, {"dataset": "text", "text_tokens": "characters"})
        self.assertEqual(characters([" Äb", "日本語です"]).tolist(), [[ord("ä") + 1, ord("b") + 1, 0, 0], [ord(c) + 1 for c in "日本語で"]])
        in_bytes = Inputs("tokens 4 of 257", 0, {"dataset": "text", "text_tokens": "bytes"})
        self.assertEqual(in_bytes(["Äb", ""]).tolist(), [[0xC3 + 1, 0x84 + 1, ord("b") + 1, 0], [0, 0, 0, 0]])

    def test_other_kinds_are_refused(self):
        texts = Inputs("tokens 4 of 257", 0, {"dataset": "text", "text_tokens": "bytes"})
        for examples in ("one text", [b"bytes"], {"a": "b"}):
            with self.subTest(examples), self.assertRaisesRegex(MetaMapError, "the model reads a list of texts"):
                texts(examples)
        with self.assertRaisesRegex(MetaMapError, "does not name the columns or items"):
            Inputs("tokens 1 of 9", 1, {"dataset": "ratings"})(["item"])

    def test_vectors_stay_as_they_are(self):
        self.assertEqual(Inputs("vector 2", 1, {"dataset": "sinusoid"})([[1, 2], (3, 4)]).tolist(), [[1, 2], [3, 4]])


class BodyTests(unittest.TestCase):
    def test_kinds_are_named(self):
        self.assertEqual(query_body(["a", "b"]), {"texts": ["a", "b"]})
        self.assertEqual(query_body([{"x": 1}]), {"rows": [{"x": 1}]})
        self.assertEqual(query_body([b"file"]), {"images": ["ZmlsZQ=="]})
        self.assertEqual(support_body({"a": ["x"], "b": ["y", "z"]}), [{"label": "a", "text": "x"}, {"label": "b", "text": "y"}, {"label": "b", "text": "z"}])
        self.assertEqual(support_body([{"x": 1, "y": 2}]), [{"row": {"x": 1, "y": 2}}])

    def test_mixed_or_no_examples_are_refused(self):
        for examples, reason in ((["a", {"x": 1}], "the examples are rows and texts"), ([], "the examples are none")):
            with self.subTest(reason), self.assertRaisesRegex(MetaMapError, reason):
                query_body(examples)
