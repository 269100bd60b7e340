using MetaMap.Learning.Inner;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Cli.Tests;

/// <summary>The command line and <see cref="RunOptions"/> say the same.</summary>
public sealed class RunOptionSetTests
{
    private static readonly Lazy<Task<string>> _help = new(async () => (await MetamapCommand.Run("train", "--help")).Output);

    public static TheoryData<string> Options =>
    [
        .. PartRegistry.Options.Select(pair => pair.Option.Flag),
    ];

    public static TheoryData<string> Numbers =>
    [
        .. PartRegistry.Options.Where(pair => pair.Option.ValueType != typeof(string) && pair.Option.ValueType != typeof(bool)).Select(pair => pair.Option.Flag),
    ];

    [Theory]
    [MemberData(nameof(Numbers))]
    public Task Train_EachOptionThatIsANumber_RefusesACommaInIt(string option) =>
        MetamapCommand.AssertRefused(2, $"{option} is '0,001', but it must be a", "train", option, "0,001");

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Help_EachRunOption_IsInIt(string option) => Assert.Matches($@"(?m)^\s+{option}\s", await _help.Value);

    [Fact]
    public async Task Help_EachPartOfARegistry_IsNamedInIt()
    {
        string help = await _help.Value;
        foreach (string name in (string[])[.. PartRegistry.Datasets.Names, .. PartRegistry.Algorithms.Names, .. PartRegistry.Models.Names, .. MetaOptimizers.All.Names, .. InnerOptimizers.All.Select(part => part.Name)])
        {
            Assert.Contains(name, help, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--hidden is 'x'", "--dataset", "sinusoid", "--shots", "5", "--hidden", "x")]
    [InlineData("--inner-momentum is 1, but it must be below 1.", "--inner-optimizer", "momentum", "--inner-momentum", "1")]
    [InlineData("--context-size is given, but none of", "--context-size", "4")]
    [InlineData("--patience is 3, but it counts measurements", "--patience", "3")]
    [InlineData("--meta-momentum is 2", "--meta-optimizer", "sgd", "--meta-momentum", "2")]
    [InlineData("--warmup-iterations is -1", "--warmup-iterations", "-1")]
    [InlineData("There is no target 'colour'", "--dataset", "csv", "--task-column", "a", "--target-column", "b", "--target", "colour")]
    public Task Train_EachKindOfOption_IsRead(string reason, params string[] options) => MetamapCommand.AssertRefused(2, reason, ["train", .. options]);
}
