using System.Collections.Immutable;
using System.Text;
using CsCheck;
using MetaMap.Core.Safetensors;
using MetaMap.Testing;

namespace MetaMap.Core.Tests.Safetensors;

public sealed class SafetensorsWriterTests
{
    [Fact]
    public void Write_SmallModel_GivesTheGoldenBytes()
    {
        var content = new SafetensorsContent(
            [
                new SafetensorsTensor("w", TensorType.F32, [1, 2], new byte[] { 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0 }),
                new SafetensorsTensor("b", TensorType.U8, [], new byte[] { 7 }),
            ],
            ImmutableDictionary<string, string>.Empty.Add("z", "1").Add("a", "2"));
        string header = """{"__metadata__":{"a":"2","z":"1"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}""";
        string padded = header.PadRight((header.Length + 7) / 8 * 8);
        byte[] expected =
        [
            (byte)padded.Length, 0, 0, 0, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(padded),
            0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 7,
        ];
        Assert.Equal(expected, SafetensorsWriter.Write(content));
        Assert.Equal(0, padded.Length % 8);
    }

    [Fact]
    public void Write_AnyContent_ReadsBackEqual()
    {
        Gen<SafetensorsTensor> tensor = Gen.Select(Gen.Enum<TensorType>(), Gen.Long[0, 4].Array[0, 3], Gen.Byte.Array[8 * 64]).Select((type, shape, bytes) =>
            new SafetensorsTensor("", type, [.. shape], bytes.AsMemory(0, (int)shape.Aggregate((long)SafetensorsTensor.ElementBytes(type), (a, b) => a * b))));
        Gen.Select(tensor.Array[0, 5], Gen.Dictionary(Gen.String, Gen.String)[0, 4]).Repeatable().Sample((tensors, metadata) =>
        {
            var content = new SafetensorsContent(
                [.. tensors.Select((tensor, i) => tensor with { Name = $"tensor {i} \"ü\"" })],
                metadata.Where(pair => IsUnicode(pair.Key) && IsUnicode(pair.Value)).ToImmutableDictionary(StringComparer.Ordinal));
            SafetensorsContent read = SafetensorsReader.Read(SafetensorsWriter.Write(content), "test");
            Assert.Equal(content.Tensors.Select(Describe).Order(), read.Tensors.Select(Describe).Order());
            Assert.Equal(content.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal), read.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        }, iter: 300);
    }

    [Fact]
    public void Write_LengthThatDoesNotFitTheShape_IsRefused() => Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(
        new SafetensorsContent([new SafetensorsTensor("w", TensorType.F32, [2], new byte[4])], ImmutableDictionary<string, string>.Empty)));

    private static string Describe(SafetensorsTensor tensor) =>
        $"{tensor.Name} {tensor.Type} [{string.Join(',', tensor.Shape)}] {Convert.ToHexString(tensor.Bytes.Span)}";

    // A lone surrogate has no UTF-8 form, and JSON replaces it.
    private static bool IsUnicode(string text) => !text.Any(char.IsSurrogate);
}
