using System.Runtime.Serialization;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data.Glyphs;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Serialization;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Tests.Runs.Preparation;

public sealed class BlockSizeTests
{
    private static readonly GlyphDataset _glyphs = new();
    private static readonly ControlCodec _codec = new(ControlTypes.Messages, ControlTypes.Values);

    [Theory]
    [InlineData(5, 1, 15)]
    [InlineData(20, 5, 10)]
    [InlineData(2, 1, 1)]
    public void Check_TheLongestBlock_FitsAndOneEpisodeMoreIsRefused(int ways, int shots, int queries)
    {
        int most = BlockSize.Most(Training(ways, shots, queries, 1));
        MetaTraining training = Training(ways, shots, queries, most);
        BlockSize.Check(training);
        BlockLeased lease = new(
            new LeaseId(new RunId(training.RunId), RoundId.Iteration(1), 0, 1), training.OpenRound(training.Begin()).Blocks[0].Block.Episodes, 0, false, new BlobId(new string('0', 64), 1), "akka.tcp://metamap@127.0.0.1:4053/user/blobs");
        Assert.Equal(most, lease.Episodes.Length);
        byte[] payload = _codec.Encode(lease);
        Assert.True(payload.Length > 0.99 * ControlCodec.MaximumMessageBytes - 1_000, $"{payload.Length} bytes: the estimate is far too careful");

        ConfigurationException refused = Assert.Throws<ConfigurationException>(() => BlockSize.Check(Training(ways, shots, queries, most + 1)));
        Assert.Equal($"A block of {most + 1} episodes does not fit into a message between nodes (120000 bytes): give --block {most} or less.", refused.Message);
    }

    [Fact]
    public void Encode_LongerThanAFrame_IsRefusedWithItsNameAndLength()
    {
        RunRefused message = new(new RunId("r"), new string('x', ControlCodec.MaximumMessageBytes));
        SerializationException refused = Assert.Throws<SerializationException>(() => _codec.Encode(message));
        Assert.StartsWith($"RunRefused has {ControlSerializer.LengthOf(message)} bytes, but a message between nodes has 120000 at most", refused.Message, StringComparison.Ordinal);
    }

    private static MetaTraining Training(int ways, int shots, int queries, int block) => new(
        "run", OptionValues.Of(("ways", ways), ("shots", shots), ("queries", queries), ("filters", 2), ("block", block), ("meta_batch", Math.Max(block, 1))).Resolve(), _glyphs.Catalog);
}
