using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Training.Aggregation;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Tests.Episodes;

public sealed class EpisodeFileTests
{
    private static readonly TaskShape _classes = new(new ImageShape(1, 1, 2), 0, 10);
    private static readonly TaskShape _values = new(InputShape.Vector(2), 1, 10);
    private static readonly TaskShape _tokens = new(InputShape.Tokens(2, 5), 0, 10);

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        EpisodeExamples examples = new(
            _classes.Input, 0, new ExampleSet([1, 2, 3, 4], [0, 1], []), new ExampleSet([5, 6], [1], []));
        var written = EpisodeFile.Of(examples);
        EpisodeFile read = EpisodeFile.Read(SafetensorsReader.Read(written.ToSafetensors(ImmutableDictionary<string, string>.Empty), "x"), _classes, 2, "x");
        Assert.Equal([2, 1, 1, 2], read.SupportInputs.Shape.AsEnumerable());
        Assert.Equal([1, 1, 1, 2], read.QueryInputs.Shape.AsEnumerable());
        Assert.Equal(written.SupportInputs.Bytes.ToArray(), read.SupportInputs.Bytes.ToArray());
        Assert.Equal(written.QueryTargets.Bytes.ToArray(), read.QueryTargets.Bytes.ToArray());
        Assert.False(read.IsDouble);
    }

    [Fact]
    public void Read_Good_IsTaken()
    {
        Read(_classes, Good());
        Read(_values, Set(Good(), Floats("support_inputs", [1, 2], 1, 2), Floats("query_inputs", [1, 2], 1, 2), Floats("support_targets", [7], 1, 1), Floats("query_targets", [7], 1, 1)));
        Read(_tokens, Set(Good(), Floats("support_inputs", [0, 4], 1, 2), Floats("query_inputs", [1, 2], 1, 2)));
    }

    [Fact]
    public void Read_WhatTheModelCannotRead_IsRefusedInOneSentence()
    {
        Refuse("no tensor 'query_targets'", _classes, Good().RemoveAt(3));
        Refuse("support_inputs is F32 [1, 2], expected F32 or F64 [1 or more, 1, 1, 2]", _classes, Set(Good(), Floats("support_inputs", [1, 2], 1, 2)));
        Refuse("expected F32 or F64", _classes, Set(Good(), Floats("support_inputs", [], 0, 1, 1, 2)));
        Refuse("query_targets is F32 [1], expected I64 [1]", _classes, Set(Good(), Floats("query_targets", [1], 1)));
        Refuse("support_targets is I64 [2], expected I64 [1]", _classes, Set(Good(), Labels("support_targets", 0, 1)));
        Refuse("holds label 2, but the model has labels 0 to 1", _classes, Set(Good(), Labels("query_targets", 2)));
        Refuse("holds label -1", _classes, Set(Good(), Labels("query_targets", -1)));
        Refuse("query_inputs holds NaN or infinity", _classes, Set(Good(), Floats("query_inputs", [1, float.NaN], 1, 1, 1, 2)));
        Refuse("holds 5, but tokens are whole numbers from 0 to 4", _tokens, Set(Good(), Floats("support_inputs", [0, 5], 1, 2)));
        Refuse("holds 0.5", _tokens, Set(Good(), Floats("support_inputs", [0, 0.5f], 1, 2)));
        Refuse("support_inputs are F64, but query_inputs are F32", _classes, Set(
            Good(), new SafetensorsTensor("support_inputs", TensorType.F64, [1, 1, 1, 2], new byte[16])));
    }

    private static void Read(TaskShape shape, ImmutableArray<SafetensorsTensor> tensors) =>
        EpisodeFile.Read(new SafetensorsContent(tensors, ImmutableDictionary<string, string>.Empty), shape, 2, "e.safetensors");

    private static void Refuse(string reason, TaskShape shape, ImmutableArray<SafetensorsTensor> tensors)
    {
        DataException error = Assert.Throws<DataException>(() => Read(shape, tensors));
        Assert.StartsWith("e.safetensors is no episode for this model: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static ImmutableArray<SafetensorsTensor> Good() =>
    [
        Floats("support_inputs", [1, 2], 1, 1, 1, 2), Labels("support_targets", 0),
        Floats("query_inputs", [3, 4], 1, 1, 1, 2), Labels("query_targets", 1),
    ];

    private static ImmutableArray<SafetensorsTensor> Set(ImmutableArray<SafetensorsTensor> tensors, params SafetensorsTensor[] changed) =>
        changed.Aggregate(tensors, (all, tensor) => all.Replace(all.Single(old => old.Name == tensor.Name), tensor));

    private static SafetensorsTensor Floats(string name, float[] values, params long[] shape) =>
        new(name, TensorType.F32, [.. shape], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static SafetensorsTensor Labels(string name, params long[] labels) =>
        new(name, TensorType.I64, [labels.Length], System.Runtime.InteropServices.MemoryMarshal.AsBytes(labels.AsSpan()).ToArray());
}
