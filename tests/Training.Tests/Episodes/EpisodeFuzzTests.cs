using System.Collections.Immutable;
using System.Runtime.InteropServices;
using CsCheck;
using MetaMap.Core;
using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Testing;
using MetaMap.Training.Aggregation;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using Xunit.Abstractions;

namespace MetaMap.Training.Tests.Episodes;

[Trait("Category", "Fuzz")]
public sealed class EpisodeFuzzTests(ITestOutputHelper output)
{
    private const int Outputs = 2;

    private static readonly TaskShape[] _shapes =
    [
        new(new ImageShape(1, 1, 2), 0, 10), new(InputShape.Vector(2), 1, 10), new(InputShape.Tokens(2, 5), 0, 10), new(InputShape.Vector(2), 3, 10),
    ];

    private static readonly Gen<SafetensorsTensor> _inputs = Tensor(["support_inputs", "query_inputs"], [[2, 1, 1, 2], [2, 2], [1, 2]]);
    private static readonly Gen<SafetensorsTensor> _targets = Tensor(["support_targets", "query_targets"], [[2], [1], [2, 1], [1, 3]]);

    /// <summary>Episodes that fit one of the shapes, some with a tensor replaced by one that may not.</summary>
    private static readonly Gen<byte[]> _files = Gen.Select(
        Gen.Int[0, _shapes.Length - 1], Gen.Frequency((1, _inputs.Array[0, 0]), (2, _inputs.Array[0, 2])), Gen.Frequency((1, _targets.Array[0, 0]), (2, _targets.Array[0, 2])),
        (shape, inputs, targets) => SafetensorsWriter.Write(new SafetensorsContent(
            [.. ((SafetensorsTensor[])[.. inputs, .. targets, .. Good(_shapes[shape])]).DistinctBy(tensor => tensor.Name)],
            ImmutableDictionary<string, string>.Empty)));

    [Fact]
    public void Read_AnyFile_GivesAnEpisodeOrDataException() => new Fuzz(output).Sample<(byte[] File, TaskShape Shape), DataException>(
        Gen.Select(HostileBytes.From(_files), Extremes.AnyOf(_shapes)),
        input => input.File.Length,
        input => $"{Convert.ToHexStringLower(input.File)} as {input.Shape}",
        input => EpisodeFile.Read(SafetensorsReader.Read(input.File, "test"), input.Shape, Outputs, "test"),
        (input, value) =>
        {
            byte[] written = ((EpisodeFile)value).ToSafetensors(ImmutableDictionary<string, string>.Empty);
            Assert.Equal(written, EpisodeFile.Read(SafetensorsReader.Read(written, "test"), input.Shape, Outputs, "test")
                .ToSafetensors(ImmutableDictionary<string, string>.Empty));
        },
        count: 60_000);

    private static Gen<SafetensorsTensor> Tensor(string[] names, long[][] shapes) => Gen.Select(
        Extremes.AnyOf(names), Extremes.AnyOf(shapes), Extremes.AnyOf(TensorType.F32, TensorType.F64, TensorType.I64, TensorType.U8),
        Extremes.AnyOf(Extremes.Reals), Extremes.AnyOf(Extremes.Numbers), (name, shape, type, real, number) => new SafetensorsTensor(
            name, type, [.. shape], Filled(type, (int)shape.Aggregate(1L, (product, size) => product * size), real, number)));

    private static IEnumerable<SafetensorsTensor> Good(TaskShape shape) => ((string[])["support", "query"]).SelectMany(set => new[]
    {
        new SafetensorsTensor($"{set}_inputs", TensorType.F32, [1, .. shape.Input.Sizes.Select(size => (long)size)], Filled(TensorType.F32, shape.Input.Length, 1, 0)),
        shape.TargetLength > 0
            ? new SafetensorsTensor($"{set}_targets", TensorType.F64, [1, shape.TargetLength], Filled(TensorType.F64, shape.TargetLength, 0.5, 0))
            : new SafetensorsTensor($"{set}_targets", TensorType.I64, [1], Filled(TensorType.I64, 1, 0, 1)),
    });

    private static byte[] Filled(TensorType type, int length, double real, long number) => type switch
    {
        TensorType.F32 => MemoryMarshal.AsBytes(Enumerable.Repeat((float)real, length).ToArray().AsSpan()).ToArray(),
        TensorType.F64 => MemoryMarshal.AsBytes(Enumerable.Repeat(real, length).ToArray().AsSpan()).ToArray(),
        TensorType.I64 => MemoryMarshal.AsBytes(Enumerable.Repeat(number, length).ToArray().AsSpan()).ToArray(),
        _ => new byte[length],
    };
}
