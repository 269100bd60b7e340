using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using CsCheck;
using MetaMap.Core.Safetensors;
using MetaMap.Testing;
using Xunit.Abstractions;

namespace MetaMap.Core.Tests.Safetensors;

[Trait("Category", "Fuzz")]
public sealed class SafetensorsFuzzTests(ITestOutputHelper output)
{
    private static readonly Gen<SafetensorsTensor> _tensor = Gen.Select(
        Extremes.Carried, Extremes.AnyOf(Enum.GetValues<TensorType>()), Gen.Long[0, 3].Array[0, 4], (name, type, shape) => new SafetensorsTensor(
            name, type, [.. shape], new byte[SafetensorsTensor.ElementBytes(type) * shape.Aggregate(1L, (product, size) => product * size)]));

    /// <summary>Whole files of up to twenty tensors, some of them empty.</summary>
    public static readonly Gen<SafetensorsContent> Content = Gen.Select(
        _tensor.Array[0, 20], Gen.Select(Extremes.Carried, Extremes.Carried).Array[0, 3], (tensors, metadata) => new SafetensorsContent(
            [.. tensors.DistinctBy(tensor => tensor.Name).Where(tensor => tensor.Name != "__metadata__")],
            metadata.DistinctBy(entry => entry.Item1).ToImmutableDictionary(entry => entry.Item1, entry => entry.Item2)));

    private static readonly Gen<byte[]> _file = Content.Select(SafetensorsWriter.Write);

    /// <summary>Files whose header is changed but has the right length in front, so that what is behind the length is reached.</summary>
    private static readonly Gen<byte[]> _framed = Gen.Select(
        HostileBytes.From(_file.Select(Header)), Gen.Byte.Array[0, 100], (header, data) => SafetensorsFile.Of(Encoding.Latin1.GetString(header), data));

    [Fact]
    public void Read_AnyBytes_GivesAFileOrDataException() => new Fuzz(output).Sample<DataException>(
        Gen.OneOf(HostileBytes.From(_file), _framed),
        file => SafetensorsReader.Read(file, "test"),
        value =>
        {
            byte[] once = SafetensorsWriter.Write((SafetensorsContent)value);
            Assert.Equal(once, SafetensorsWriter.Write(SafetensorsReader.Read(once, "test")));
        },
        count: 80_000);

    [Fact]
    public void Read_WhatWasWritten_IsTheSame() => Content.Repeatable().Sample(
        content =>
        {
            SafetensorsContent read = SafetensorsReader.Read(SafetensorsWriter.Write(content), "test");
            Assert.Equal(content.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal), read.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal));
            Assert.Equal(content.Tensors.Select(Describe), read.Tensors.Select(Describe));
        },
        iter: 5_000);

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void Read_HeaderNestedVeryDeep_IsRefused(char opening)
    {
        string header = "{\"a\":" + string.Concat(Enumerable.Repeat(opening == '[' ? "[" : "{\"a\":", 200_000));
        Assert.Throws<DataException>(() => SafetensorsReader.Read(SafetensorsFile.Of(header), "test"));
    }

    private static byte[] Header(byte[] file) => file[8..(8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file))];

    private static string Describe(SafetensorsTensor tensor) =>
        $"{tensor.Name} {tensor.Type} [{string.Join(',', tensor.Shape)}] {Convert.ToHexString(tensor.Bytes.Span)}";
}
