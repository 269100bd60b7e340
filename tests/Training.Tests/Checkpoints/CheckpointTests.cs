using CsCheck;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;

namespace MetaMap.Training.Tests.Checkpoints;

public sealed class CheckpointTests
{
    private static readonly MetaTraining _training = TinyRun.Training();
    private static readonly MetaState _state = Trained(4);
    private static readonly byte[] _file = Checkpoint.Encode(_state);

    public static MetaState Trained(int iterations, string optimizer = "adam")
    {
        using var trainer = new LocalMetaTrainer(
            TinyRun.Training(TinyRun.Options.With(("iterations", iterations), ("meta_optimizer", optimizer))), () => new FakeEpisodeLearner(), 1);
        return trainer.Train(_training.Begin() with { Optimizer = TinyRun.Training(TinyRun.Options.With(("meta_optimizer", optimizer))).Begin().Optimizer });
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("sgd")]
    public void Decode_AnEncodedState_IsEqual(string optimizer)
    {
        MetaState state = Trained(3, optimizer);
        Assert.Equal(state, Checkpoint.Decode(Checkpoint.Encode(state), _training.Layout, "test"));
        Assert.Equal(3, state.Optimizer.Updates);
    }

    [Fact]
    public void Decode_EveryTruncation_IsRefused()
    {
        for (int length = 0; length < _file.Length; length++)
        {
            Assert.Throws<DataException>(() => Checkpoint.Decode(_file.AsMemory(0, length), _training.Layout, "test"));
        }
    }

    [Fact]
    public void Decode_EveryFlippedBit_IsRefused()
    {
        for (int position = 0; position < _file.Length; position++)
        {
            byte[] flipped = [.. _file];
            flipped[position] ^= (byte)(1 << (position % 8));
            Assert.Throws<DataException>(() => Checkpoint.Decode(flipped, _training.Layout, "test"));
        }
    }

    [Fact]
    public void Decode_ReplacedBytes_AreRefusedOrChangeNothing() =>
        Gen.Select(Gen.Int[0, _file.Length - 1], Gen.Byte).Array[1, 3].Repeatable().Sample(replacements =>
        {
            byte[] file = [.. _file];
            foreach ((int position, byte value) in replacements)
            {
                file[position] = value;
            }

            try
            {
                Assert.Equal(_state, Checkpoint.Decode(file, _training.Layout, "test"));
            }
            catch (DataException)
            {
                // Refused.
            }
        }, iter: 3_000);

    [Fact]
    public void Decode_OtherLayout_SaysWhichTensorDoesNotFit()
    {
        MetaTraining wider = TinyRun.Training(TinyRun.Options.With(("ways", 3)));
        string message = Assert.Throws<DataException>(() => Checkpoint.Decode(_file, wider.Layout, "old.safetensors")).Message;
        Assert.Equal("old.safetensors does not fit: tensor 'parameters/head.weight' is F32 [2, 1], expected F32 [3, 1].", message);
        var other = new ParameterLayout([new ParameterEntry("w", [1])]);
        Assert.Contains("'parameters/w' is missing", Assert.Throws<DataException>(() => Checkpoint.Decode(_file, other, "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_OneSlotNamedTwice_IsRefused()
    {
        // A slot named "m,m" is read as two slots m: each naming would cost the memory of a whole vector.
        var slots = _state.Optimizer.Slots;
        MetaState twice = _state with { Optimizer = _state.Optimizer with { Slots = [slots[0], new($"{slots[0].Name},{slots[0].Name}", slots[0].Values)] } };
        Assert.Contains("twice", Assert.Throws<DataException>(
            () => Checkpoint.Decode(Checkpoint.Encode(twice), _training.Layout, "test")).Message, StringComparison.Ordinal);
    }
}
