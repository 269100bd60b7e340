using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Core.Safetensors;
using MetaMap.Data.Glyphs;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Training.Tests.Checkpoints;

public sealed class StartingPointTests
{
    private static readonly GlyphDataset _glyphs = new();

    [Fact]
    public void Begin_ModelOfOtherWays_TakesTheBodyAndDrawsTheHead()
    {
        MetaTraining three = Training(("ways", 3), ("seed", 9));
        var start = StartingPoint.Of(SafetensorsReader.Read(Model(three), "model"), "model");
        MetaTraining training = Training(("ways", 2), ("algorithm", "meta-sgd"), ("seed", 9), (RunOptions.InitKey, start.Sha256));
        (MetaState state, string notice) = start.Begin(training, _glyphs);
        ParameterVector drawn = training.FirstValues(_glyphs);
        int head = Place(training, "head.weight");
        Assert.Equal(three.FirstValues(_glyphs)[Place(three, "hidden1.weight")].ToArray(), state.Parameters[Place(training, "hidden1.weight")].ToArray());
        Assert.Equal(drawn[head].ToArray(), state.Parameters[head].ToArray());
        Assert.Contains("head.weight ([2, 4] here, [3, 4] there)", notice, StringComparison.Ordinal);
        Assert.Contains("drawn by the seed", notice, StringComparison.Ordinal);
        Assert.Equal(0, state.Iteration);
    }

    [Fact]
    public void Of_FileOfAnotherFramework_StartsFromTheTensorsOfTheSameNames()
    {
        var start = Plain(("hidden1.bias", [4], [1, 2, 3, 4]), ("steps", [1], [7]));
        MetaTraining training = Training((RunOptions.InitKey, start.Sha256));
        MetaState state = start.Begin(training, _glyphs).State;
        Assert.Equal([1, 2, 3, 4], state.Parameters[Place(training, "hidden1.bias")].ToArray());
    }

    /// <summary>As PyTorch saves models in half or double precision.</summary>
    [Fact]
    public void Of_OtherFloatingPointTypes_AreTakenAsFloat32()
    {
        (TensorType, byte[])[] sameNumbers =
        [
            (TensorType.F64, MemoryMarshal.AsBytes<double>([1, -2.5, 3, 4]).ToArray()),
            (TensorType.F16, MemoryMarshal.AsBytes<Half>([(Half)1, (Half)(-2.5), (Half)3, (Half)4]).ToArray()),
            (TensorType.BF16, MemoryMarshal.AsBytes<ushort>([0x3F80, 0xC020, 0x4040, 0x4080]).ToArray()),
        ];
        foreach ((TensorType type, byte[] bytes) in sameNumbers)
        {
            var start = StartingPoint.Of(new SafetensorsContent([new SafetensorsTensor("hidden1.bias", type, [4], bytes)], ImmutableDictionary<string, string>.Empty), "file");
            Assert.Equal([1, -2.5f, 3, 4], start.Parameters[0].ToArray());
        }
    }

    [Fact]
    public void Begin_TensorOfWholeNumbers_IsSaidToBeLeft()
    {
        var start = StartingPoint.Of(
            new SafetensorsContent(
                [new SafetensorsTensor("head.bias", TensorType.F32, [5], new byte[20]), new SafetensorsTensor("hidden1.bias", TensorType.I32, [4], new byte[16])],
                ImmutableDictionary<string, string>.Empty), "file");
        Assert.Contains("hidden1.bias (of type I32 there", start.Begin(Training((RunOptions.InitKey, start.Sha256)), _glyphs).Notice, StringComparison.Ordinal);
    }

    [Fact]
    public void Begin_NothingInCommon_NamesBothSides()
    {
        var start = Plain(("fc.weight", [2], [1, 2]));
        DataException error = Assert.Throws<DataException>(() => start.Begin(Training((RunOptions.InitKey, start.Sha256)), _glyphs));
        Assert.Contains("the run has hidden1.weight, ", error.Message, StringComparison.Ordinal);
        Assert.Contains("the file has fc.weight.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Begin_NotFinite_IsRefused()
    {
        var start = Plain(("hidden1.bias", [4], [1, float.NaN, 3, 4]));
        Assert.Contains("not finite", Assert.Throws<DataException>(() => start.Begin(Training((RunOptions.InitKey, start.Sha256)), _glyphs)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Begin_OtherParametersThanTheRunNames_IsRefused()
    {
        var start = Plain(("hidden1.bias", [4], [1, 2, 3, 4]));
        Assert.Contains(start.Sha256, Assert.Throws<ConfigurationException>(() => start.Begin(Training((RunOptions.InitKey, "abc")), _glyphs)).Message, StringComparison.Ordinal);
    }

    /// <summary>Whoever was trained on all classes must not start a run that says "unseen classes".</summary>
    [Theory]
    [InlineData("supervised", 9, "maml", false)]
    [InlineData("supervised", 9, "supervised", true)]
    [InlineData("supervised", 8, "supervised", false)]
    [InlineData("maml", 9, "supervised", false)]
    [InlineData("maml", 9, "maml", true)]
    [InlineData("maml", 8, "maml", false)]
    public void Begin_ModelOfTheSameData_IsRefusedWhereItHasSeenTheTest(string first, int seed, string second, bool isAccepted)
    {
        var start = StartingPoint.Of(SafetensorsReader.Read(Model(Training(("algorithm", first), ("seed", seed))), "model"), "model");
        MetaTraining training = Training(("algorithm", second), ("seed", 9), (RunOptions.InitKey, start.Sha256));
        if (isAccepted)
        {
            Assert.Contains("of run start, iteration 0", start.Begin(training, _glyphs).Notice, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains("that this run is tested on", Assert.Throws<DataException>(() => start.Begin(training, _glyphs)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Begin_WithoutTheFile_SaysWhatToDo() => Assert.Contains(
        "start it anew with --init", Assert.Throws<DataException>(() => Training((RunOptions.InitKey, "abc")).Begin(_glyphs)).Message, StringComparison.Ordinal);

    private static MetaTraining Training(params (string, object?)[] given) => new(
        "start", OptionValues.Of([("dataset", "glyphs"), ("model", "mlp"), ("hidden", "4"), .. given]).Resolve(), _glyphs.Catalog);

    private static byte[] Model(MetaTraining training) =>
        ModelFile.Of("start", training.Options, training.Shape, training.Data, training.Begin(_glyphs), isFinal: false).ToSafetensors();

    private static StartingPoint Plain(params (string Name, long[] Shape, float[] Values)[] tensors) => StartingPoint.Of(
        new SafetensorsContent(
            [.. tensors.Select(tensor => new SafetensorsTensor(tensor.Name, TensorType.F32, [.. tensor.Shape], MemoryMarshal.AsBytes(tensor.Values.AsSpan()).ToArray()))],
            ImmutableDictionary<string, string>.Empty), "file");

    private static int Place(MetaTraining training, string name) => training.Layout.Entries.ToList().FindIndex(entry => entry.Name == name);
}
