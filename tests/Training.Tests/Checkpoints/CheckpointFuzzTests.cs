using System.Collections.Immutable;
using CsCheck;
using MetaMap.Core;
using MetaMap.Core.Safetensors;
using MetaMap.Testing;
using MetaMap.Training.Aggregation;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Tests.Configuration;
using Xunit.Abstractions;

namespace MetaMap.Training.Tests.Checkpoints;

[Trait("Category", "Fuzz")]
public sealed class CheckpointFuzzTests(ITestOutputHelper output)
{
    private static readonly ImmutableArray<MetaState> _states =
    [
        TinyRun.Training().Begin(), CheckpointTests.Trained(3), CheckpointTests.Trained(3, "sgd"),
        CheckpointTests.Trained(4) with { Selection = new ModelSelection(4, 2, 0.5, CheckpointTests.Trained(2).Parameters, 1) },
    ];

    private static readonly ModelFile _model = new(
        "some run", 4, TinyRun.Options, TaskShape.Of(TinyRun.Options, TinyRun.Catalog), CheckpointTests.Trained(4).Parameters);

    private static readonly SafetensorsContent _content = SafetensorsReader.Read(_model.ToSafetensors(), "test");

    /// <summary>A model's own metadata with some entries replaced by hostile ones, its tensors in good order.</summary>
    private static readonly Gen<SafetensorsContent> _models = Gen.Select(
        Extremes.AnyOf([.. _content.Metadata.Keys.Order()]),
        Gen.OneOf(Extremes.Carried, HostileOptions.Json, Extremes.AnyOf("4096x4096x4096", "vector 16777216", "tokens 16777216 of 16777216", "1x4x4", "16777215")))
        .Array[0, 3].Select(changes => _content with
        {
            Metadata = changes.Aggregate(_content.Metadata, (metadata, change) => metadata.SetItem(change.Item1, change.Item2)),
        });

    [Fact]
    public void Decode_AnyBytes_GivesAStateOrDataException() => new Fuzz(output).Sample<DataException>(
        HostileBytes.From(Extremes.AnyOf([.. _states.Select(Checkpoint.Encode)])),
        file => Checkpoint.Decode(file, TinyRun.Training().Layout, "test"),
        value => Assert.Contains((MetaState)value, _states),
        count: 20_000);

    [Fact]
    public void FromSafetensors_AnyBytes_GivesAModelOrDataException() => new Fuzz(output).Sample<DataException>(
        HostileBytes.From(Gen.Const(_model.ToSafetensors())),
        file => ModelFile.FromSafetensors(SafetensorsReader.Read(file, "test"), "test"),
        value => AssertWritesItself((ModelFile)value),
        count: 20_000);

    [Fact]
    public void FromSafetensors_AnyMetadata_GivesAModelOrDataException() => new Fuzz(output).Sample<SafetensorsContent, DataException>(
        _models,
        content => content.Metadata.Sum(entry => entry.Key.Length + entry.Value.Length) + content.Tensors.Sum(tensor => tensor.Bytes.Length),
        content => string.Join('\n', content.Metadata.Select(entry => $"{entry.Key}: {entry.Value}")),
        content => ModelFile.FromSafetensors(content, "test"),
        (_, value) => AssertWritesItself((ModelFile)value),
        count: 20_000);

    private static void AssertWritesItself(ModelFile model) =>
        Assert.Equal(model, ModelFile.FromSafetensors(SafetensorsReader.Read(model.ToSafetensors(), "test"), "test"));
}
