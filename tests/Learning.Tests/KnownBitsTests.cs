using MetaMap.Core.Options;
using MetaMap.Data.Glyphs;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using Xunit.Abstractions;

namespace MetaMap.Learning.Tests;

/// <summary>
/// A few of the hashes that <c>bench/bits.sh</c> prints: what a change that may change no bit must leave as it was. Other processors
/// have other bits; there the same training must give the same hash twice, and the test tells it.
/// </summary>
public sealed class KnownBitsTests(ITestOutputHelper output)
{
    private const string KnownProcessor = "AuthenticAMD 25 1 1";

    [Theory]
    [InlineData("maml", "47ca39e64c6f80e08a3eaf6595a7f9fc0d6de8614d9d6cc2ec627c29c5cdc108")]
    [InlineData("maml", "8f2a2e11f848c5abe4d89552f211ab5e61ada190f379bcc7412d31019630dff5", "off")]
    [InlineData("maml++", "e957d202bd6523906c84c98896628283bf8bbad865b15b5ca07e422031a3a0e5")]
    [InlineData("maml++", "faf07e840575bd443d9f8fc356863398b95ac3bc7465b713be55fdd18f16bcd0", "off")]
    [InlineData("reptile", "554304ae31f7f60b7f5f8633451ef0e94914a0e4fdbfdefe9f38dd1cde8cbe68")]
    [InlineData("imaml", "2bac20e625561a46b3fab59ee78b29c968d3e9a06e766e2272fff722bc010479")]
    [InlineData("imaml", "2fceb17dcfc7ff49d9b152b0700a0b10e98380c24f2434c3f53b6ac07d8a979a", "off")]
    [InlineData("cavia", "f8686a12bf99f6630ca3a63050c40e9d338857079f066e444fd816aadafee58b")]
    [InlineData("protonet", "9ed3ec6dc7abc0fd60eb7ab730431d79ac946e02873db1109da943e1f1328724")]
    public void Train_ThreeIterationsOfGlyphs_GivesTheBitsOfBefore(string algorithm, string known, string? batching = null)
    {
        string hash = Train(algorithm, batching);
        output.WriteLine($"{Processor()}: {algorithm} {hash}");
        Assert.Equal(Processor() == KnownProcessor ? known : Train(algorithm, batching), hash);
    }

    private static string Train(string algorithm, string? batching)
    {
        RunOptions options = OptionValues.Of(
            ("algorithm", algorithm), ("filters", 8), ("iterations", 3), ("meta_batch", 4), ("block", 2), ("eval_episodes", 0), ("batching", batching)).Resolve();
        GlyphDataset dataset = new();
        MetaTraining training = new("bits", options, dataset.Catalog);
        using LocalMetaTrainer trainer = new(training, () => EpisodeLearner.Create(options, dataset), lanes: 2);
        return trainer.Train(training.Begin(dataset)).Parameters.Sha256;
    }

    /// <summary>Vendor, family, model and stepping; empty where Linux does not tell.</summary>
    private static string Processor() => !File.Exists("/proc/cpuinfo") ? "" : string.Join(' ',
        ((string[])["vendor_id", "cpu family", "model", "stepping"]).Select(key => File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.Split(':')[0].Trim() == key)?.Split(':')[1].Trim()));
}
